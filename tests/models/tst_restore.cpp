// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/server.h"
#include "tests/models/sample.h"
#include "ui/models/restore.h"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::models;
using namespace cring::test;

/// Counting and bringing back, before a service that says what a test wants it to. What a real restore does,
/// the tests of the backup look at.
class TestRestore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void saysWhatItWants_data();
    void saysWhatItWants();
    void countsAndThenBrings();
    void tellsHowFarItIs();
    void saysWhyNot();
    void endsWhenToldTo();
    void takesUpItsJobAfterARestart();
    void listsVersions();
    void takesTheNewestAnswerAboutVersions();

private:
    void serve();
    void tell(const QJsonObject &job);
    static QJsonObject job(const char *state, qint64 done = 0, const QJsonObject &summary = {})
    {
        QJsonObject object{{QStringLiteral("id"), 7},
                           {QStringLiteral("kind"), QStringLiteral("backup-restore")},
                           {QStringLiteral("state"), QLatin1String(state)},
                           {QStringLiteral("done"), done}};
        if (!summary.isEmpty())
            object.insert(QStringLiteral("summary"), summary);
        return object;
    }
    static QJsonObject counted(qint64 files)
    {
        return {{QStringLiteral("files"), files},
                {QStringLiteral("folders"), 0},
                {QStringLiteral("bytes"), 10 * files}};
    }
    /// Up to a count of so many files.
    void count(const RestoreChoice &choice, qint64 files);

    QTemporaryDir m_folder;
    SeededRandom m_random{1};
    std::unique_ptr<control::Server> m_server;
    QPointer<control::Subscription> m_status;
    QPointer<control::Subscription> m_jobs;
    QList<QJsonObject> m_started;
    QList<control::CallPtr> m_versionCalls;
    int m_cancelled = 0;
    std::optional<Error> m_refusal;
    QJsonObject m_shown;
    std::unique_ptr<ServiceLink> m_link;
    std::unique_ptr<Restore> m_restore;
};

void TestRestore::serve()
{
    m_server = std::make_unique<control::Server>(
        control::ServerOptions{.path = m_folder.filePath(QStringLiteral("s")), .serviceVersion = {}});
    m_server->addMethod(QStringLiteral("status.subscribe"), [this](const control::CallPtr &call) {
        call->reply({});
        m_status = call->subscribe(QStringLiteral("status"));
        m_status->notify(QStringLiteral("status"), wellSnapshot().toJson());
        m_jobs = call->subscribe(QStringLiteral("jobs"));
    });
    m_server->addMethod(QStringLiteral("jobs.start"), [this](const control::CallPtr &call) {
        m_started.append(call->params());
        if (m_refusal)
            call->fail(*m_refusal);
        else
            call->reply({{QStringLiteral("job"), job("running")}});
    });
    m_server->addMethod(QStringLiteral("jobs.show"), [this](const control::CallPtr &call) {
        call->reply({{QStringLiteral("job"), m_shown}});
    });
    m_server->addMethod(QStringLiteral("jobs.cancel"), [this](const control::CallPtr &call) {
        ++m_cancelled;
        call->reply({});
    });
    m_server->addMethod(QStringLiteral("backup.versions"),
                        [this](const control::CallPtr &call) { m_versionCalls.append(call); });
    QVERIFY(m_server->listen().ok());
}

void TestRestore::init()
{
    m_started.clear();
    m_versionCalls.clear();
    m_cancelled = 0;
    m_refusal.reset();
    serve();
    m_link = std::make_unique<ServiceLink>(
        [this] { return QStringList{m_folder.filePath(QStringLiteral("s"))}; }, m_random);
    m_restore = std::make_unique<Restore>(*m_link);
    m_link->start();
    QTRY_VERIFY(m_link->state() == ServiceLink::State::Connected);
}

void TestRestore::cleanup()
{
    m_versionCalls.clear();
    m_restore.reset();
    m_link.reset();
    m_server.reset();
}

void TestRestore::tell(const QJsonObject &job)
{
    QVERIFY(m_jobs);
    m_jobs->notify(QStringLiteral("job"), job);
}

void TestRestore::count(const RestoreChoice &choice, qint64 files)
{
    m_restore->count(choice);
    QTRY_COMPARE(m_restore->job().id, 7);
    tell(job("done", files, counted(files)));
    QTRY_COMPARE(m_restore->state(), Restore::State::Counted);
}

void TestRestore::saysWhatItWants_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<qint64>("at");
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QByteArray>("parameters");
    QTest::newRow("everything, to the servers")
        << QString() << qint64(0) << QString() << QByteArray(R"({"toBackends":true})");
    QTest::newRow("one file of then, to a folder")
        << QStringLiteral("a/f") << qint64(5) << QStringLiteral("/tmp/x")
        << QByteArray(R"({"atMs":5,"paths":["a/f"],"to":"/tmp/x"})");
}

void TestRestore::saysWhatItWants()
{
    QFETCH(QString, path);
    QFETCH(qint64, at);
    QFETCH(QString, folder);
    QFETCH(QByteArray, parameters);
    RestoreChoice choice{{}, path, at > 0 ? std::optional(at) : std::nullopt, folder};
    QJsonObject wanted = QJsonDocument::fromJson(parameters).object();
    QCOMPARE(choice.parameters(false), wanted);
    wanted.insert(QStringLiteral("dryRun"), true);
    wanted.insert(QStringLiteral("backup"), QStringLiteral("offsite"));
    choice.backup = QStringLiteral("offsite");
    QCOMPARE(choice.parameters(true), wanted);
}

void TestRestore::countsAndThenBrings()
{
    const RestoreChoice choice{{}, QStringLiteral("a/f"), {}, QStringLiteral("/tmp/x")};
    count(choice, 3);
    QCOMPARE(m_started.last().value(QStringLiteral("kind")).toString(), QStringLiteral("backup-restore"));
    QCOMPARE(m_started.last().value(QStringLiteral("parameters")).toObject(), choice.parameters(true));
    QCOMPARE(m_restore->outcome().files, 3);
    QCOMPARE(m_restore->outcome().bytes, 30);
    const QSignalSpy told(m_link.get(), &ServiceLink::notified);
    tell(job("done", 3, counted(3)));
    QTRY_VERIFY(!told.isEmpty());
    QCOMPARE(m_restore->state(), Restore::State::Counted);
    m_restore->begin(choice);
    QCOMPARE(m_restore->state(), Restore::State::Running);
    m_restore->begin(choice); // Once is enough.
    QTRY_COMPARE(m_restore->job().id, 7);
    QCOMPARE(m_started.size(), 2);
    QCOMPARE(m_started.last().value(QStringLiteral("parameters")).toObject(), choice.parameters(false));
    QJsonObject summary = counted(3);
    summary.insert(QStringLiteral("brought"), 1);
    summary.insert(QStringLiteral("same"), 1);
    summary.insert(QStringLiteral("failed"), 1);
    summary.insert(QStringLiteral("failures"), QJsonArray{QStringLiteral("a/f: it is damaged")});
    tell(job("done", 3, summary));
    QTRY_COMPARE(m_restore->state(), Restore::State::Ended);
    QCOMPARE(m_restore->outcome().brought, 1);
    QCOMPARE(m_restore->outcome().failures, QStringList(QStringLiteral("a/f: it is damaged")));
    QVERIFY(m_restore->problem().isEmpty());
}

void TestRestore::tellsHowFarItIs()
{
    const RestoreChoice choice{{}, {}, {}, QStringLiteral("/tmp/x")};
    count(choice, 4);
    m_restore->begin(choice);
    QTRY_COMPARE(m_restore->job().id, 7);
    tell(job("running", 1));
    QTRY_COMPARE(m_restore->fraction(), std::optional(0.25));
    tell(job("done", 4, counted(4)));
    QTRY_COMPARE(m_restore->state(), Restore::State::Ended);
    // Another choice was not counted: nobody knows how much it is.
    m_restore->begin({{}, QStringLiteral("a"), {}, {}});
    QVERIFY(!m_restore->fraction());
}

void TestRestore::saysWhyNot()
{
    m_refusal = Error{Code::BackupUnsupported, QStringLiteral("the bucket keeps no versions")};
    m_restore->count({});
    QTRY_COMPARE(m_restore->state(), Restore::State::Ended);
    QVERIFY2(m_restore->problem().startsWith(QStringLiteral("The bucket keeps no versions (CR-")),
             qPrintable(m_restore->problem()));
    m_refusal.reset();
    m_restore->count({});
    QTRY_COMPARE(m_restore->job().id, 7);
    QJsonObject failed = job("failed");
    failed.insert(QStringLiteral("problem"), QStringLiteral("the keychain is locked"));
    tell(failed);
    QTRY_COMPARE(m_restore->state(), Restore::State::Ended);
    QCOMPARE(m_restore->problem(), QStringLiteral("the keychain is locked"));
}

void TestRestore::endsWhenToldTo()
{
    m_restore->cancel(); // Nothing is under way.
    m_restore->count({});
    QTRY_COMPARE(m_restore->job().id, 7);
    m_restore->cancel();
    QTRY_COMPARE(m_cancelled, 1);
    QCOMPARE(m_restore->state(), Restore::State::Counting);
    tell(job("cancelled", 1, counted(1)));
    QTRY_COMPARE(m_restore->state(), Restore::State::Ended); // What was counted by half is no preview.
}

void TestRestore::takesUpItsJobAfterARestart()
{
    m_restore->begin({});
    QTRY_COMPARE(m_restore->job().id, 7);
    m_server.reset();
    QTRY_VERIFY(m_link->state() == ServiceLink::State::NotRunning);
    QJsonObject summary = counted(2);
    summary.insert(QStringLiteral("brought"), 2);
    m_shown = job("done", 2, summary);
    serve();
    m_link->retryNow();
    QTRY_COMPARE(m_restore->state(), Restore::State::Ended);
    QCOMPARE(m_restore->outcome().brought, 2);
}

void TestRestore::listsVersions()
{
    const QAbstractItemModelTester tester(&m_restore->versions(),
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_restore->askVersions(QStringLiteral("a/f"), QStringLiteral("offsite"));
    QVERIFY(m_restore->isAsking());
    QTRY_COMPARE(m_versionCalls.size(), 1);
    QCOMPARE(m_versionCalls.last()->params(),
             (QJsonObject{{QStringLiteral("path"), QStringLiteral("a/f")},
                          {QStringLiteral("backup"), QStringLiteral("offsite")}}));
    const auto version = [](const char *id, bool current, bool deleted) {
        return QJsonObject{{QStringLiteral("version"), QLatin1String(id)},
                           {QStringLiteral("current"), current},
                           {QStringLiteral("deleted"), deleted},
                           {QStringLiteral("modifiedMs"), sampleMs},
                           {QStringLiteral("size"), 1'024}};
    };
    m_versionCalls.last()->reply(
        {{QStringLiteral("versions"),
          QJsonArray{version("3", true, true), version("2", false, false), version("1", false, false)}}});
    QTRY_COMPARE(m_restore->versions().rowCount(), 3);
    QVERIFY(!m_restore->isAsking());
    const auto text = [&](int row, int column) {
        return m_restore->versions().index(row, column).data().toString();
    };
    QCOMPARE(text(0, VersionsModel::What), QStringLiteral("deleted"));
    QCOMPARE(text(1, VersionsModel::What), QStringLiteral("an older version"));
    QCOMPARE(text(1, VersionsModel::Size), QStringLiteral("1.0 KiB"));
    m_restore->askVersions({}, {});
    QCOMPARE(m_restore->versions().rowCount(), 0);
    QVERIFY(!m_restore->isAsking());
}

void TestRestore::takesTheNewestAnswerAboutVersions()
{
    m_restore->askVersions(QStringLiteral("a/f"), {});
    m_restore->askVersions(QStringLiteral("a/g"), {});
    QTRY_COMPARE(m_versionCalls.size(), 2);
    m_versionCalls[1]->fail({Code::BackupUnreachable, QStringLiteral("no such bucket")});
    QTRY_VERIFY(m_restore->versionsProblem().startsWith(QStringLiteral("No such bucket")));
    m_versionCalls[0]->reply({{QStringLiteral("versions"),
                               QJsonArray{QJsonObject{{QStringLiteral("version"), QStringLiteral("1")}}}}});
    QSignalSpy changed(m_restore.get(), &Restore::versionsChanged);
    m_restore->askVersions(QStringLiteral("a/h"), {});
    QTRY_COMPARE(m_versionCalls.size(), 3);
    QCOMPARE(m_restore->versions().rowCount(), 0);
}

QTEST_GUILESS_MAIN(TestRestore)
#include "tst_restore.moc"
