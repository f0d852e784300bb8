// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountedit.h"
#include "core/ssh/publickey.h"
#include "tests/accounts/simserver.h"

#include <QCryptographicHash>
#include <QDataStream>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>
#include <QUuid>

using namespace cring;
using namespace cring::accounts;
using namespace cring::test;

/// What an operator may do to accounts, and what is refused.
class TestAccountEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesPublicKeysAlone_data();
    void takesPublicKeysAlone();
    void makesAnAccountOnce();
    void refusesNames_data();
    void refusesNames();
    void findsByIdNameAndKey();
    void makesIdsAsCharmDoes();
    void whatWasDisabledComesBackWhole();
    void whatWasUnlinkedStaysOut();
    void readsWhatAnEarlierReleaseWrote();
    void refusesFilesThatAreNone_data();
    void refusesFilesThatAreNone();
    void makesNoFileThatIsTooLongToBeRead();
    void saysHowAServerDiffers();
};

namespace {

constexpr char kKey[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEqIO+bHBLNFzkYlDhYqUUBDRKO9eX4bOtNfyEvcnHZi";
constexpr char kOther[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
const QByteArray kId = "0b5f2c1e-7a4d-4c3b-9a58-1f2e3d4c5b6a";
const QByteArray kTime = "2026-01-31 12:00:00";
const QByteArray kLater = "2026-04-30 12:00:00";

Code codeOf(const Status &status)
{
    return status ? Code{} : status.error().code;
}

/// An account with everything that there is.
Account full()
{
    Account account;
    account.charmId = kId;
    account.name = "Anna";
    account.email = "anna@example.org";
    account.bio = "\xc3\xa4 \"quoted\"";
    account.createdAt = kTime;
    account.keys = {{kKey, kTime, {{"id-1", "c2VhbGVk", kTime}, {"id-2", "bW9yZQ", {}}}}};
    account.sequences = {{"charm.sh.notes", 41}, {"x", 0}};
    return account;
}

} // namespace

void TestAccountEdit::takesPublicKeysAlone_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("text");
    const QByteArray key = kKey;
    QTest::newRow("bare") << key << key;
    QTest::newRow("as a .pub file") << key + " anna@desk\n" << key;
    QTest::newRow("with remarks") << "# hers\n\n  " + key + "\t anna \n\n" << key;
    QTest::newRow("nothing") << QByteArray() << QByteArray();
    QTest::newRow("two") << key + '\n' + kOther << QByteArray();
    QTest::newRow("options") << "restrict " + key << QByteArray();
    QTest::newRow("cut short") << key.chopped(7) << QByteArray();
    QTest::newRow("another kind") << "ssh-rsa " + key.mid(12) << QByteArray();
    QTest::newRow("of a kind that no client has")
        << QByteArray("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=") << QByteArray();
    QTest::newRow("private") << QByteArray("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n")
                             << QByteArray();
}

void TestAccountEdit::takesPublicKeysAlone()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, text);
    const Result<QByteArray> read = ssh::publicKeyText(file);
    QCOMPARE(read.ok(), !text.isEmpty());
    if (read)
        QCOMPARE(*read, text);
    else
        QCOMPARE(read.error().code, Code::KeyUnusable);
}

void TestAccountEdit::makesAnAccountOnce()
{
    Synchronised state;
    QVERIFY(edit::create(state, kId, kKey, "Anna", kTime));
    QCOMPARE(state.accounts.at(kId).keys.first().text, QByteArray(kKey));
    const Synchronised before = state;
    QCOMPARE(codeOf(edit::create(state, "another", kKey, {}, kTime)), Code::AccountTaken);
    QCOMPARE(codeOf(edit::create(state, "another", kOther, "aNNa", kTime)), Code::AccountTaken);
    QCOMPARE(codeOf(edit::create(state, kId, kOther, {}, kTime)), Code::AccountTaken);
    QVERIFY(state == before);
    QVERIFY(edit::create(state, "another", kOther, {}, kTime));
}

void TestAccountEdit::refusesNames_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("valid");
    QTest::newRow("one letter") << QByteArray("a") << true;
    QTest::newRow("longest") << QByteArray(50, 'x') << true;
    QTest::newRow("too long") << QByteArray(51, 'x') << false;
    QTest::newRow("blank") << QByteArray("an na") << false;
    QTest::newRow("line end") << QByteArray("anna\n") << false;
    QTest::newRow("wildcard of LIKE") << QByteArray("ann%") << false;
    QTest::newRow("not ASCII") << QByteArray("\xc3\xa4") << false;
}

void TestAccountEdit::refusesNames()
{
    QFETCH(QByteArray, name);
    QFETCH(bool, valid);
    Synchronised state;
    const Status made = edit::create(state, kId, kKey, name, kTime);
    QCOMPARE(made.ok(), valid);
    QCOMPARE(state.accounts.empty(), !valid);
}

void TestAccountEdit::findsByIdNameAndKey()
{
    Synchronised state;
    QVERIFY(edit::create(state, kId, kKey, "Anna", kTime));
    for (const char *wanted :
         {"0b5f2c1e-7a4d-4c3b-9a58-1f2e3d4c5b6a", "0B5F2C1E-7A4D-4C3B-9A58-1F2E3D4C5B6A", "Anna", "anna"})
        QCOMPARE(*edit::find(state, QString::fromLatin1(wanted)), kId);
    QCOMPARE(*edit::find(state, QString::fromLatin1(fingerprint(kKey))), kId);
    QVERIFY(!edit::find(state, QStringLiteral("SHA256:")));
    for (const char *wanted : {"", "0b5f2c1e", "ann"})
        QCOMPARE(edit::find(state, QString::fromLatin1(wanted)).error().code, Code::NotFound);
}

void TestAccountEdit::makesIdsAsCharmDoes()
{
    SeededRandom random(7);
    QSet<QByteArray> ids;
    for (int i = 0; i < 500; ++i) {
        const QByteArray id = edit::newCharmId(random);
        const QUuid uuid = QUuid::fromString(QLatin1String(id));
        QCOMPARE(uuid.toByteArray(QUuid::WithoutBraces), id);
        QCOMPARE(uuid.version(), QUuid::Random);
        QCOMPARE(uuid.variant(), QUuid::DCE);
        ids.insert(id);
    }
    QCOMPARE(ids.size(), 500);
}

void TestAccountEdit::whatWasDisabledComesBackWhole()
{
    Synchronised state;
    state.accounts[kId] = full();
    const QByteArray bytes = QJsonDocument(*edit::fileOf(full())).toJson();
    const Result<Account> read = edit::fromFile(QJsonDocument::fromJson(bytes).object());
    QVERIFY(read && *read == full());
    // It went on after it was exported.
    state.accounts[kId].sequences["charm.sh.notes"] = 50;
    QVERIFY(edit::disable(state, kId));
    QVERIFY(state.gone.isDisabled(kId) && state.accounts.empty());
    QCOMPARE(codeOf(edit::disable(state, kId)), Code::NotFound);
    const auto back = Synchronised::fromBytes(state.toBytes());
    QVERIFY(back && *back == state);

    QVERIFY(edit::restore(state, *read, kLater));
    Account expected = full();
    expected.sequences["charm.sh.notes"] = 50;
    expected.keys.first().createdAt = kLater;
    QVERIFY(state.accounts.at(kId) == expected);
    QVERIFY(!state.gone.isDisabled(kId));
    QVERIFY(state.gone.accounts.empty());
    const auto twice = edit::restore(state, *read, kLater);
    QVERIFY(!twice);
    QCOMPARE(twice.error().code, Code::AccountTaken);
}

/// Exported in January, a stolen key unlinked in March, disabled in April.
void TestAccountEdit::whatWasUnlinkedStaysOut()
{
    Synchronised state;
    Account account = full();
    insertKey(account.keys, {kOther, kTime, {}});
    state.accounts[kId] = account;
    QVERIFY(edit::unlink(state, kId, kOther));
    QVERIFY(edit::disable(state, kId));
    const auto remembered = Synchronised::fromBytes(state.toBytes());
    QVERIFY(remembered);
    state = *remembered;

    Account stolen = account;
    stolen.keys.removeIf([](const PublicKey &key) { return key.text == kKey; });
    const Synchronised before = state;
    const auto refused = edit::restore(state, stolen, kLater);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, Code::KeyUnusable);
    QVERIFY(state == before);

    const auto unlinked = edit::restore(state, account, kLater);
    QVERIFY(unlinked);
    QCOMPARE(*unlinked, QByteArrayList{kOther});
    QCOMPARE(state.accounts.at(kId).keys.size(), 1);
    QCOMPARE(state.accounts.at(kId).keys.first().text, QByteArray(kKey));
    QVERIFY(state.gone.keys.contains({kId, kOther}));
}

/// Format 2 did not tell what was unlinked from what went with the account: all of it comes back.
void TestAccountEdit::readsWhatAnEarlierReleaseWrote()
{
    QByteArray bytes = "cring accounts\n\x02";
    QDataStream out(&bytes, QIODevice::Append);
    out.setVersion(QDataStream::Qt_6_0);
    const auto number = [&](quint32 value) {
        out << value;
    };
    number(0); // Accounts.
    number(2);
    out << kId << QByteArray(kOther) << kTime << kId << QByteArray(kKey) << kTime;
    number(1);
    out << kId << QByteArray();
    number(1);
    out << QByteArray("s") << quint64(4);
    number(1);
    out << kId;
    number(0); // Disputed names.
    number(0); // Servers.
    bytes += QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
    auto state = Synchronised::fromBytes(bytes);
    QVERIFY2(state, state ? "" : qPrintable(state.error().toString()));
    QVERIFY(state->gone.isDisabled(kId));
    const auto unlinked = edit::restore(*state, full(), kLater);
    QVERIFY(unlinked && unlinked->isEmpty());
    QCOMPARE(state->accounts.at(kId).sequences.at("s"), quint64(4));
}

void TestAccountEdit::refusesFilesThatAreNone_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("kind") << QStringLiteral("charmedring") << QJsonValue(QStringLiteral("ring"));
    QTest::newRow("version") << QStringLiteral("version") << QJsonValue(2);
    QTest::newRow("id") << QStringLiteral("id") << QJsonValue(QStringLiteral("../../etc"));
    QTest::newRow("no keys") << QStringLiteral("keys") << QJsonValue(QJsonArray());
    QTest::newRow("bad key") << QStringLiteral("keys")
                             << QJsonValue(
                                    QJsonArray{QJsonObject{{QStringLiteral("key"), QStringLiteral("x")}}});
    QTest::newRow("bad sequence") << QStringLiteral("sequences")
                                  << QJsonValue(QJsonObject{{QStringLiteral("a"), -1}});
}

void TestAccountEdit::refusesFilesThatAreNone()
{
    QFETCH(QString, field);
    QFETCH(QJsonValue, value);
    QJsonObject file = *edit::fileOf(full());
    QVERIFY(edit::fromFile(file));
    file.insert(field, value);
    const Result<Account> read = edit::fromFile(file);
    QVERIFY(!read);
    QCOMPARE(read.error().code, Code::AccountFile);
}

/// What could not be read back is not written.
void TestAccountEdit::makesNoFileThatIsTooLongToBeRead()
{
    Account account = full();
    QList<EncryptKey> &sealed = account.keys.first().encryptKeys;
    const auto add = [&](int count) {
        for (int i = 0; i < count; ++i)
            insertEncryptKey(sealed, {QByteArray::number(sealed.size()).rightJustified(36, '0'),
                                      QByteArray(500, 'x'), kTime});
    };
    add(1000);
    const Result<QJsonObject> file = edit::fileOf(account);
    QVERIFY(file);
    QCOMPARE(edit::fromFile(*file)->keys.first().encryptKeys.size(), sealed.size());
    add(500);
    const Result<QJsonObject> none = edit::fileOf(account);
    QVERIFY(!none);
    QCOMPARE(none.error().code, Code::AccountFile);
}

void TestAccountEdit::saysHowAServerDiffers()
{
    using State = edit::ServerView::State;
    Synchronised state;
    state.accounts[kId] = full();
    state.servers["same"].accounts[kId] = full();
    state.servers["none"];
    Account other = full();
    other.name.clear();
    other.keys.first().encryptKeys.removeLast();
    other.sequences["x"] = 3;
    state.servers["other"].accounts[kId] = other;
    QCOMPARE(edit::viewOf(state, "same", kId).state, State::Same);
    QCOMPARE(edit::viewOf(state, "none", kId).state, State::Lacks);
    QCOMPARE(edit::viewOf(state, "never", kId).state, State::Unknown);
    const edit::ServerView view = edit::viewOf(state, "other", kId);
    QCOMPARE(view.state, State::Differs);
    QCOMPARE(view.differences.size(), 3);
}

QTEST_APPLESS_MAIN(TestAccountEdit)
#include "tst_accountedit.moc"
