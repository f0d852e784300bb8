// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/commandline.h"
#include "core/ssh/standbyanswers.h"

#include <QTest>

using namespace cring::ssh;
using Request = answers::UnlinkRequest::State;

/// The forms of a Charm server's answers. What the expected values say was taken from a real one; tst_standby
/// compares whole answers with a running one.
class TestStandbyAnswers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void splitsCommands_data();
    void splitsCommands();
    void writesTimesAsGoDoes_data();
    void writesTimesAsGoDoes();
    void theOldestEncryptKeyIsTheFirst();
    void leavesOutWhatThereIsNot();
    void readsWhatIsToBeUnlinked_data();
    void readsWhatIsToBeUnlinked();
};

void TestStandbyAnswers::splitsCommands_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArrayList>("words");
    const auto row = [](const char *line, const QByteArrayList &words) {
        QTest::addRow("%s", line) << QByteArray(line) << words;
    };
    row("", {});
    row("  \t\n", {});
    row("api-auth", {"api-auth"});
    row(" jwt  a\tb ", {"jwt", "a", "b"});
    row("jwt 'a b' \"c d\"", {"jwt", "a b", "c d"});
    row("jwt a'b'\"c\"d", {"jwt", "abcd"});
    row("jwt '' \"\" a", {"jwt", "a"});
    row("jwt a\\ b \\\"", {"jwt", "a b", "\""});
    row(R"(jwt "a\"b\\c\d")", {"jwt", R"(a"b\c\d)"});
    row(R"(jwt 'a\b')", {"jwt", R"(a\b)"});
    row("jwt 'never closed", {"jwt", "never closed"});
    row("jwt a\\", {"jwt", "a"});
}

void TestStandbyAnswers::splitsCommands()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArrayList, words);
    QCOMPARE(QByteArrayList(splitCommand(line)), words);
}

void TestStandbyAnswers::writesTimesAsGoDoes_data()
{
    QTest::addColumn<QByteArray>("stored");
    QTest::addColumn<QByteArray>("json");
    const auto row = [](const char *stored, const char *json) {
        QTest::addRow("%s", stored) << QByteArray(stored) << QByteArray(json);
    };
    row("2026-11-29 20:15:01", "\"2026-11-29T20:15:01Z\"");
    row("2026-11-29T20:15:01Z", "\"2026-11-29T20:15:01Z\"");
    row("2026-11-29 20:15:01.5", "\"2026-11-29T20:15:01.5Z\"");
    row("2026-11-29 20:15:01.120300000+00:00", "\"2026-11-29T20:15:01.1203Z\"");
    row("2026-11-29 20:15:01.000", "\"2026-11-29T20:15:01Z\"");
    row("2026-11-29 20:15:01 +0000 UTC", "\"2026-11-29T20:15:01Z\"");
    row("2026-11-29 20:15:01.123456789 +0100 CET m=+0.123", "\"2026-11-29T20:15:01.123456789+01:00\"");
    row("2026-11-29 20:15:01-03:30", "\"2026-11-29T20:15:01-03:30\"");
    row("2026-11-29 20:15", "\"2026-11-29T20:15:00Z\"");
    row("2026-11-29", "\"2026-11-29T00:00:00Z\"");
    row("", "null");
    row("yesterday", "null");
    row("2026-02-30 00:00:00", "null");
    row("2026-11-29 25:00:00", "null");
    row("2026-11-29 20:15:01 and more", "null");
}

void TestStandbyAnswers::writesTimesAsGoDoes()
{
    QFETCH(QByteArray, stored);
    QFETCH(QByteArray, json);
    QCOMPARE(answers::jsonTime(stored), json);
}

void TestStandbyAnswers::theOldestEncryptKeyIsTheFirst()
{
    DirectoryAccount account{"id", "", {{"ssh-ed25519 A", "", {}}}};
    account.keys.first().encryptKeys = {{"second", "b", "2026-11-29 20:00:00"},
                                        {"first", "a", "2026-11-28 20:00:00"}};
    QCOMPARE(answers::auth(account, "ssh-ed25519 A", "token", "https"),
             QByteArray(R"({"jwt":"token","charm_id":"id","http_scheme":"https",)"
                        R"("public_key":"ssh-ed25519 A","encrypt_keys":[)"
                        R"({"id":"first","key":"a","created_at":"2026-11-28T20:00:00Z"},)"
                        R"({"id":"second","key":"b","created_at":"2026-11-29T20:00:00Z"}]})"
                        "\n"));
}

void TestStandbyAnswers::leavesOutWhatThereIsNot()
{
    const DirectoryAccount account{
        "id", "", {{"ssh-ed25519 A", "", {}}, {"ssh-ed25519 B<", "2026-11-29", {}}}};
    QCOMPARE(answers::auth(account, "ssh-ed25519 A", "t", "http"),
             QByteArray(R"({"jwt":"t","charm_id":"id","http_scheme":"http","public_key":"ssh-ed25519 A"})"
                        "\n"));
    QCOMPARE(answers::keys(account, "ssh-ed25519 B<"),
             QByteArray(R"({"active_key":1,"keys":[{"id":1,"key":"ssh-ed25519 A","created_at":null},)"
                        R"({"id":2,"key":"ssh-ed25519 B\u003c","created_at":"2026-11-29T00:00:00Z"}]})"
                        "\n"));
    QCOMPARE(answers::message(QStringLiteral("no & never")),
             QByteArray("{\"message\":\"no \\u0026 never\"}\n"));
}

void TestStandbyAnswers::readsWhatIsToBeUnlinked_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<bool>("ended");
    QTest::addColumn<Request>("state");
    QTest::addColumn<QByteArray>("key");
    const auto row = [](const char *input, bool ended, Request state, const char *key = "") {
        QTest::addRow("%s, %s", input, ended ? "ended" : "under way")
            << QByteArray(input) << ended << state << QByteArray(key);
    };
    row("", false, Request::Incomplete);
    row("", true, Request::Malformed);
    row(R"({"id":0,"key":"ssh-ed25519 A","created_at":null})"
        "\n",
        false, Request::Complete, "ssh-ed25519 A");
    row(R"({"key":"A"})", false, Request::Complete, "A");
    row("{\n\"key\":\n\"A\"}\n", false, Request::Complete, "A");
    row("{\"key\":\"A\"}\n{\"key\":", false, Request::Complete, "A");
    row(R"({"key":)", false, Request::Incomplete);
    row(R"({"key":)", true, Request::Malformed);
    row("{}\n", false, Request::Complete, "");
    row("{\"key\":5}\n", false, Request::Malformed);
    row("nonsense\n", true, Request::Malformed);
}

void TestStandbyAnswers::readsWhatIsToBeUnlinked()
{
    QFETCH(QByteArray, input);
    QFETCH(bool, ended);
    QFETCH(Request, state);
    QFETCH(QByteArray, key);
    const answers::UnlinkRequest request = answers::readUnlink(input, ended);
    QCOMPARE(request.state, state);
    QCOMPARE(request.key, key);
}

QTEST_APPLESS_MAIN(TestStandbyAnswers)
#include "tst_standbyanswers.moc"
