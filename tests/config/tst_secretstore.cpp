// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/keychain.h"
#include "core/config/secretfile.h"
#include "tests/support/charmcluster.h"
#include "tests/support/desktopkeychain.h"
#include "tests/support/spin.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QTest>

#include <csignal>
#include <cstdio>

using namespace cring;
using namespace cring::config;
using namespace cring::test;

namespace {

constexpr int kLimit = 15'000;

template <typename T>
using Slot = std::optional<T>;

Result<Secret> readFrom(ISecretStore &store, const SecretPlace &place)
{
    Slot<Result<Secret>> got;
    QObject context;
    store.read(place, &context, [&got](Result<Secret> result) { got.emplace(std::move(result)); });
    if (!spinUntil([&got] { return got.has_value(); }, kLimit))
        return Error{Code::ControlTimeout, QStringLiteral("never answered")};
    return std::move(*got);
}

Status statusFrom(const std::function<void(QObject *, ISecretStore::Done)> &begin)
{
    Slot<Status> got;
    QObject context;
    begin(&context, [&got](const Status &status) { got = status; });
    if (!spinUntil([&got] { return got.has_value(); }, kLimit))
        return Error{Code::ControlTimeout, QStringLiteral("never answered")};
    return *got;
}

Status writeTo(ISecretStore &store, const SecretPlace &place, const QByteArray &bytes)
{
    return statusFrom([&](QObject *context, ISecretStore::Done done) {
        store.write(place, Secret(QByteArray(bytes.constData(), bytes.size())), context, std::move(done));
    });
}

Status removeFrom(ISecretStore &store, const SecretPlace &place)
{
    return statusFrom(
        [&](QObject *context, ISecretStore::Done done) { store.remove(place, context, std::move(done)); });
}

QByteArray digestOf(QByteArrayView bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
}

/// A store in the state that a test wants, whoever has to bring it there.
struct Bench
{
    std::unique_ptr<ISecretStore> store;
    SecretPlace place;
    SecretPlace empty; ///< Where nothing is kept.
    bool writable = false;
    std::function<void(const QByteArray &)> put; ///< As a person or a manager would.
};

/// What this program prints when it is run as a probe: the code of the error, or the secret's digest.
int probe(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const QStringList words = QCoreApplication::arguments();
    Keychain keychain;
    const SecretPlace place{QStringLiteral("keychain"), words.value(3)};
    QByteArray said;
    if (words.value(2) == QLatin1String("write")) {
        const Status status = writeTo(keychain, place, words.value(4).toUtf8());
        said = status ? QByteArray("stored") : status.error().toString().toUtf8();
    } else {
        const auto secret = readFrom(keychain, place);
        said = secret ? digestOf(secret->view()) : secret.error().toString().toUtf8();
    }
    std::puts(said.constData());
    std::fflush(stdout);
    if (words.value(2) == QLatin1String("linger"))
        return QCoreApplication::exec();
    return 0;
}

} // namespace

/// Where secrets are kept: one suite for all of the places, and what is peculiar to the keychain.
class TestSecretStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void givesBackWhatIsKept_data() { places(); }
    void givesBackWhatIsKept();
    void tellsThatNothingIsKept_data() { places(); }
    void tellsThatNothingIsKept();
    void refusesWhatIsEmptyOrTooLong_data() { places(); }
    void refusesWhatIsEmptyOrTooLong();
    void writesWhereItMay_data() { places(); }
    void writesWhereItMay();
    void callsNobodyWhoHasGone_data() { places(); }
    void callsNobodyWhoHasGone();
    void neverSaysTheSecret_data() { places(); }
    void neverSaysTheSecret();

    void choosesByThePlace();
    void aFileIsForItsOwnerAlone();
    void aFileThatIsThereIsKept();
    void manyAskTheKeychainAtOnce();
    void tellsALockedKeychain();
    void findsItOpenOnceItIsUnlocked();
    void tellsThatThereIsNoBus();
    void tellsThatNothingOnTheBusKeepsSecrets();
    void boundsAKeychainThatHangs();
    void worksOnGlibsLoopToo();
    void outlivesTheBus();

private:
    static void places();
    Bench bench(const QString &name);
    static QByteArray runProbe(const QProcessEnvironment &environment, const QStringList &words);

    std::unique_ptr<DesktopKeychain> m_desktop;
    std::unique_ptr<QTemporaryDir> m_folder;
    int m_names = 0;
};

void TestSecretStore::initTestCase()
{
    m_desktop = std::make_unique<DesktopKeychain>();
    CRING_OK(m_desktop->startBus());
    CRING_OK(m_desktop->startKeyring());
    // Before GLib looks.
    qputenv("DBUS_SESSION_BUS_ADDRESS",
            m_desktop->environment().value(QStringLiteral("DBUS_SESSION_BUS_ADDRESS")).toUtf8());
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestSecretStore::cleanupTestCase()
{
    m_desktop.reset();
}

void TestSecretStore::places()
{
    QTest::addColumn<QString>("kind");
    for (const char *kind : {"file", "credential", "environment", "keychain"})
        QTest::newRow(kind) << QString::fromLatin1(kind);
}

Bench TestSecretStore::bench(const QString &kind)
{
    const QString number = QString::number(++m_names);
    const QString path = m_folder->filePath(QStringLiteral("secret") + number);
    const auto writeFile = [path](const QByteArray &bytes) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    };
    const QString name = QStringLiteral("backup%1.secret_key").arg(number);
    const QString other = QStringLiteral("other%1.access_key").arg(number);
    Bench bench;
    if (kind == QLatin1String("file")) {
        bench = {std::make_unique<FileSecrets>(),
                 {QStringLiteral("file:") + path, name},
                 {QStringLiteral("file:") + path + u'x', name},
                 true,
                 writeFile};
    } else if (kind == QLatin1String("credential")) {
        bench = {std::make_unique<CredentialSecrets>(m_folder->path()),
                 {QStringLiteral("credential:secret") + number, name},
                 {QStringLiteral("credential:none"), name},
                 false,
                 writeFile};
    } else if (kind == QLatin1String("environment")) {
        bench.store = std::make_unique<EnvironmentSecrets>(QProcessEnvironment());
        bench.place = {QStringLiteral("env"), name};
        bench.empty = {QStringLiteral("env"), other};
    } else {
        bench.store = std::make_unique<Keychain>();
        bench.place = {QStringLiteral("keychain"), name};
        bench.empty = {QStringLiteral("keychain"), other};
        bench.writable = true;
    }
    return bench;
}

namespace {

void put(Bench &bench, const QByteArray &bytes)
{
    if (bench.put) {
        bench.put(bytes);
    } else if (bench.place.place == QLatin1String("env")) {
        QProcessEnvironment environment;
        environment.insert(QStringLiteral("AWS_SECRET_ACCESS_KEY"), QString::fromLatin1(bytes));
        bench.store = std::make_unique<EnvironmentSecrets>(environment);
    } else {
        CRING_OK(writeTo(*bench.store, bench.place, bytes));
    }
}

} // namespace

void TestSecretStore::givesBackWhatIsKept()
{
    QFETCH(QString, kind);
    Bench bench = this->bench(kind);
    // No variable can hold a NUL.
    const QByteArray bytes =
        kind == QLatin1String("environment") ? QByteArray("line 1\nline 2\n") : QByteArray("a\0b\xff\n", 5);
    put(bench, bytes);
    const auto secret = readFrom(*bench.store, bench.place);
    CRING_OK(secret);
    QCOMPARE(secret->view().toByteArray(), bytes);
    const QByteArray longest(kLongestSecret, 'x');
    put(bench, longest);
    const auto whole = readFrom(*bench.store, bench.place);
    CRING_OK(whole);
    QCOMPARE(whole->view().toByteArray(), longest);
}

void TestSecretStore::tellsThatNothingIsKept()
{
    QFETCH(QString, kind);
    Bench bench = this->bench(kind);
    const auto secret = readFrom(*bench.store, bench.empty);
    QVERIFY(!secret);
    QCOMPARE(secret.error().code, Code::SecretMissing);
}

void TestSecretStore::refusesWhatIsEmptyOrTooLong()
{
    QFETCH(QString, kind);
    Bench bench = this->bench(kind);
    for (const QByteArray &bytes : {QByteArray(), QByteArray(kLongestSecret + 1, 'x')}) {
        if (bench.writable && kind == QLatin1String("keychain")) {
            QCOMPARE(writeTo(*bench.store, bench.place, bytes).error().code, Code::SecretUnreadable);
            continue;
        }
        put(bench, bytes);
        const auto secret = readFrom(*bench.store, bench.place);
        QVERIFY(!secret);
        QCOMPARE(secret.error().code, Code::SecretUnreadable);
        if (bench.writable)
            QCOMPARE(writeTo(*bench.store, bench.place, bytes).error().code, Code::SecretUnreadable);
    }
}

void TestSecretStore::writesWhereItMay()
{
    QFETCH(QString, kind);
    Bench bench = this->bench(kind);
    const Status wrote = writeTo(*bench.store, bench.place, "first");
    if (!bench.writable) {
        QCOMPARE(wrote.error().code, Code::SecretPlaceReadOnly);
        QCOMPARE(removeFrom(*bench.store, bench.place).error().code, Code::SecretPlaceReadOnly);
        return;
    }
    CRING_OK(wrote);
    if (kind == QLatin1String("file")) {
        // The same again is nothing; another may be in use by somebody else.
        CRING_OK(writeTo(*bench.store, bench.place, "first"));
        const Status other = writeTo(*bench.store, bench.place, "second");
        QCOMPARE(other.error().code, Code::KeyExists);
        QVERIFY2(other.error().detail.contains(QStringLiteral("move that one away first")),
                 qPrintable(other.error().detail));
        QCOMPARE(readFrom(*bench.store, bench.place)->view().toByteArray(), QByteArray("first"));
        CRING_OK(removeFrom(*bench.store, bench.place));
    }
    CRING_OK(writeTo(*bench.store, bench.place, "second"));
    QCOMPARE(readFrom(*bench.store, bench.place)->view().toByteArray(), QByteArray("second"));
    CRING_OK(removeFrom(*bench.store, bench.place));
    QCOMPARE(readFrom(*bench.store, bench.place).error().code, Code::SecretMissing);
    CRING_OK(removeFrom(*bench.store, bench.place));
}

void TestSecretStore::callsNobodyWhoHasGone()
{
    QFETCH(QString, kind);
    Bench bench = this->bench(kind);
    put(bench, "secret");
    auto context = std::make_unique<QObject>();
    bool afterwards = false;
    bool called = false;
    bench.store->read(bench.place, context.get(), [&](const Result<Secret> &) { called = afterwards; });
    context.reset();
    afterwards = true;
    // What was begun before is over when this has an answer.
    CRING_OK(readFrom(*bench.store, bench.place));
    QVERIFY(!called);
}

void TestSecretStore::neverSaysTheSecret()
{
    QFETCH(QString, kind);
    Bench bench = this->bench(kind);
    const QByteArray secret = "hunter2-hunter2";
    QString said;
    const Status wrote = writeTo(*bench.store, bench.place, secret);
    said += wrote ? QString() : wrote.error().toString();
    put(bench, secret + QByteArray(kLongestSecret / (kind == QLatin1String("keychain") ? 2 : 1), '2'));
    const auto read = readFrom(*bench.store, bench.place);
    said += read ? QString() : read.error().toString();
    QVERIFY2(!said.contains(QStringLiteral("hunter2")), qPrintable(said));
}

void TestSecretStore::choosesByThePlace()
{
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("CREDENTIALS_DIRECTORY"), m_folder->path());
    environment.insert(QStringLiteral("AWS_ACCESS_KEY_ID"), QStringLiteral("from the environment"));
    SecretPlaces places(environment);
    const QString file = QStringLiteral("file:") + m_folder->filePath(QStringLiteral("chosen"));
    CRING_OK(writeTo(places, {file, QStringLiteral("a")}, "from the file"));
    CRING_OK(writeTo(places, {QStringLiteral("keychain"), QStringLiteral("chosen")}, "from the keychain"));
    const auto read = [&](const QString &place, const char *name) {
        const auto secret = readFrom(places, {place, QLatin1String(name)});
        return secret ? secret->view().toByteArray() : codeName(secret.error().code).toUtf8();
    };
    QCOMPARE(read(file, "a"), QByteArray("from the file"));
    QCOMPARE(read(QStringLiteral("credential:chosen"), "a"), QByteArray("from the file"));
    QCOMPARE(read(QStringLiteral("keychain"), "chosen"), QByteArray("from the keychain"));
    QCOMPARE(read(QStringLiteral("env"), "backup.access_key"), QByteArray("from the environment"));
    QCOMPARE(read(QStringLiteral("env"), "identity.key"), codeName(Code::ConfigBadValue).toUtf8());
    QCOMPARE(read(QStringLiteral("elsewhere"), "a"), codeName(Code::ConfigBadValue).toUtf8());
    QCOMPARE(read(QString(), "a"), codeName(Code::ConfigBadValue).toUtf8());
}

void TestSecretStore::aFileIsForItsOwnerAlone()
{
    const QString folder = m_folder->filePath(QStringLiteral("new/inner"));
    const QString path = folder + QStringLiteral("/key");
    CRING_OK(writeSecretFile(path, QByteArrayView("secret"), Existing::Kept));
    const auto modeOf = [](const QString &name) {
        return QFile::permissions(name) & (QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup |
                                           QFile::ReadOther | QFile::WriteOther | QFile::ExeOther);
    };
    QCOMPARE(modeOf(path), QFile::Permissions());
    QCOMPARE(modeOf(folder), QFile::Permissions());
    CRING_OK(readSecretFile(path));
    QCOMPARE(QDir(folder).entryList(QDir::Files | QDir::Hidden), QStringList(QStringLiteral("key")));
}

void TestSecretStore::aFileThatIsThereIsKept()
{
    const QString path = m_folder->filePath(QStringLiteral("kept"));
    CRING_OK(writeSecretFile(path, QByteArrayView("first"), Existing::Kept));
    QCOMPARE(writeSecretFile(path, QByteArrayView("second"), Existing::Kept).error().code, Code::KeyExists);
    QCOMPARE(readSecretFile(path)->view().toByteArray(), QByteArray("first"));
    CRING_OK(writeSecretFile(path, QByteArrayView("second"), Existing::Replaced));
    QCOMPARE(readSecretFile(path)->view().toByteArray(), QByteArray("second"));
    QCOMPARE(QDir(m_folder->path()).entryList({QStringLiteral("kept*")}),
             QStringList(QStringLiteral("kept")));
    const Status below = writeSecretFile(path + QStringLiteral("/x"), QByteArrayView("x"), Existing::Kept);
    QCOMPARE(below.error().code, Code::SecretUnreadable);
}

void TestSecretStore::manyAskTheKeychainAtOnce()
{
    Keychain keychain;
    const SecretPlace place{QStringLiteral("keychain"), QStringLiteral("many")};
    CRING_OK(writeTo(keychain, place, "for all"));
    int right = 0;
    QObject context;
    for (int i = 0; i < 20; ++i) {
        keychain.read(place, &context, [&right](const Result<Secret> &secret) {
            right += secret && secret->view() == QByteArrayView("for all") ? 1 : 0;
        });
    }
    QVERIFY(spinUntil([&right] { return right == 20; }, kLimit));
}

void TestSecretStore::tellsALockedKeychain()
{
    Keychain keychain;
    const SecretPlace place{QStringLiteral("keychain"), QStringLiteral("behind a lock")};
    CRING_OK(writeTo(keychain, place, "secret"));
    CRING_OK(m_desktop->lock());
    const auto secret = readFrom(keychain, place);
    const auto other = readFrom(keychain, {QStringLiteral("keychain"), QStringLiteral("never stored")});
    const Status wrote = writeTo(keychain, place, "other");
    CRING_OK(m_desktop->unlock());
    QCOMPARE(secret.error().code, Code::KeychainLocked);
    // Nobody can tell, so nobody says that it is not there.
    QCOMPARE(other.error().code, Code::KeychainLocked);
    QCOMPARE(wrote.error().code, Code::KeychainLocked);
    QCOMPARE(readFrom(keychain, place)->view().toByteArray(), QByteArray("secret"));
}

void TestSecretStore::findsItOpenOnceItIsUnlocked()
{
    CRING_OK(
        writeTo(*std::make_unique<Keychain>(), {QStringLiteral("keychain"), QStringLiteral("kept")}, "s"));
    // The person has logged out and in again, and not unlocked it yet.
    m_desktop->stopKeyring();
    CRING_OK(m_desktop->startKeyring(DesktopKeychain::State::Locked));
    Keychain keychain;
    QCOMPARE(readFrom(keychain, {QStringLiteral("keychain"), QStringLiteral("kept")}).error().code,
             Code::KeychainLocked);
    CRING_OK(m_desktop->unlock());
    CRING_OK(readFrom(keychain, {QStringLiteral("keychain"), QStringLiteral("kept")}));
}

QByteArray TestSecretStore::runProbe(const QProcessEnvironment &environment, const QStringList &words)
{
    QProcess probe;
    probe.setProcessEnvironment(environment);
    probe.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    probe.start(QCoreApplication::applicationFilePath(), QStringList(QStringLiteral("--probe")) + words);
    if (!probe.waitForFinished(kLimit))
        return "does not end";
    return probe.readAllStandardOutput().trimmed();
}

void TestSecretStore::tellsThatThereIsNoBus()
{
    const DesktopKeychain nothing;
    const QByteArray said =
        runProbe(nothing.environment(), {QStringLiteral("read"), QStringLiteral("identity.key")});
    QVERIFY2(said.startsWith("CR-1031") && said.contains("file:PATH"), said.constData());
}

void TestSecretStore::tellsThatNothingOnTheBusKeepsSecrets()
{
    DesktopKeychain bare;
    CRING_OK(bare.startBus());
    const QByteArray said =
        runProbe(bare.environment(), {QStringLiteral("read"), QStringLiteral("identity.key")});
    QVERIFY2(said.startsWith("CR-1031"), said.constData());
}

void TestSecretStore::boundsAKeychainThatHangs()
{
    DesktopKeychain other;
    CRING_OK(other.startBus());
    CRING_OK(other.startKeyring());
    ::kill(static_cast<pid_t>(other.keyringProcessId()), SIGSTOP);
    const QByteArray said =
        runProbe(other.environment(), {QStringLiteral("read"), QStringLiteral("identity.key")});
    QVERIFY2(said.startsWith("CR-1031") && said.contains("does not answer"), said.constData());
}

void TestSecretStore::worksOnGlibsLoopToo()
{
    QProcessEnvironment environment = m_desktop->environment();
    for (const char *without : {"1", ""}) {
        environment.insert(QStringLiteral("QT_NO_GLIB"), QLatin1String(without));
        const QString name = QStringLiteral("loop") + QLatin1String(without);
        QCOMPARE(runProbe(environment, {QStringLiteral("write"), name, QStringLiteral("s3")}),
                 QByteArray("stored"));
        QCOMPARE(runProbe(environment, {QStringLiteral("read"), name}), digestOf("s3"));
    }
}

// GLib's own connection ends its process with the bus, unless it is told not to.
void TestSecretStore::outlivesTheBus()
{
    DesktopKeychain other;
    CRING_OK(other.startBus());
    CRING_OK(other.startKeyring());
    QProcessEnvironment environment = other.environment();
    environment.insert(QStringLiteral("QT_NO_GLIB"), QStringLiteral("1"));
    QProcess probe;
    probe.setProcessEnvironment(environment);
    probe.start(QCoreApplication::applicationFilePath(),
                {QStringLiteral("--probe"), QStringLiteral("linger"), QStringLiteral("identity.key")});
    QVERIFY(spinUntil([&probe] { return probe.canReadLine(); }, kLimit));
    QVERIFY(probe.readAllStandardOutput().startsWith("CR-1012"));
    other.stopKeyring();
    other.stopBus();
    // That nothing happens, only time can tell; it used to take some milliseconds.
    QVERIFY(!probe.waitForFinished(500));
    probe.kill();
    probe.waitForFinished(kLimit);
}

int main(int argc, char **argv)
{
    if (argc > 2 && qstrcmp(argv[1], "--probe") == 0)
        return probe(argc, argv);
    // As the service has it: GLib's dispatcher costs it a third of all its system calls.
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication app(argc, argv);
    TestSecretStore test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_secretstore.moc"
