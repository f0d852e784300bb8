// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountkeeper.h"
#include "core/control/client.h"
#include "core/control/server.h"
#include "core/ring/ring.h"
#include "core/service/handlers.h"
#include "core/service/noticewatch.h"
#include "core/service/owedkind.h"
#include "core/service/page.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::service;
using state::Debt;
using state::Record;

/// What can be asked and done while the service runs: the outbox, files, servers, jobs, findings, conflicts
/// and the pause, over the socket.
class TestOperations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void pagesThroughALongQueue();
    void noAnswerComesNearTheLargestMessage();
    void listsTheQueueOfOneServer();
    void retriesOneServerOrAll();
    void namesWhatIsOwed_data();
    void namesWhatIsOwed();
    void listsFilesByPrefix();
    void tellsWhoHasAFolder();
    void skipsDeletedFilesOfAnyNumber();
    void tellsWhereAFileIs();
    void takesThePathOfTheOnlyAccount();
    void asksForTheAccountWhenThereAreSeveral();
    void saysWhenNothingIsRecorded();
    void tellsWhatARemovalCosts();
    void tellsWhereThePartitionsAre();
    void promotesByName();
    void drainsOnlyWhereThatIsOffered();
    void steersTheOnlyJobUnderWay();
    void notifiesOfOneJob();
    void keepsAPathsFindingsOnOnePage();
    void decidesConflicts();
    void pausesForATimeOrUntilToldOtherwise();
    void onePauseDoesNotEndAnother();
    void saysThatNoAccountsCanBeReached();
    void refusesBadParameters_data();
    void refusesBadParameters();
    void describesEveryMethod();

private:
    void start();
    Result<QJsonObject> call(const char *method, const QJsonObject &params = {});
    QStringList paths(const QJsonObject &params);

    static Record file(qint64 size)
    {
        Record record;
        record.size = size;
        record.mode = 0644;
        return record;
    }

    ManualClock m_clock;
    SystemRandom m_random;
    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<state::Database> m_database;
    std::unique_ptr<state::Members> m_members;
    std::unique_ptr<state::Catalogue> m_catalogue;
    std::unique_ptr<telemetry::ActivityLog> m_log;
    std::unique_ptr<BackgroundPause> m_pause;
    std::unique_ptr<replica::Transfers> m_transfers;
    std::unique_ptr<accounts::AccountKeeper> m_keeper;
    struct Buckets;
    std::shared_ptr<Buckets> m_buckets;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<Handlers> m_handlers;
    std::unique_ptr<control::Client> m_client;
    std::unique_ptr<QSignalSpy> m_notified;
    HandlerHooks m_hooks;
    QHash<QString, QList<OwedItem>> m_owed;
    QStringList m_did; ///< What was asked of the parts.
    QList<JobInfo> m_jobs;
    std::function<void(qint64)> m_jobChanged;
    QList<FindingInfo> m_findings;
};

namespace {

/// Nobody has one.
class NoTokens final : public replica::ITokenSource
{
public:
    void obtain(const QByteArray &, QObject *, Done done) override
    {
        done(Error{Code::TokenMissing, QStringLiteral("there is none")});
    }
    void offer(const replica::Credentials &) override {}
};

const QString One = QStringLiteral("id1");
const QString Two = QStringLiteral("id2");
const QString Three = QStringLiteral("id3");

QJsonObject first(const Result<QJsonObject> &answer, const char *list)
{
    return answer ? answer->value(QLatin1String(list)).toArray().at(0).toObject() : QJsonObject();
}

QString text(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toString();
}

} // namespace

/// None is configured: what is offered does not hang on that.
struct TestOperations::Buckets
{
    explicit Buckets(TestOperations &test)
        : ledger(*test.m_database, *test.m_catalogue, test.m_clock)
        , uploads(*test.m_database)
        , backups(ledger, uploads, tokens, secrets, test.m_clock, test.m_random, *test.m_log)
    {
    }

    NoTokens tokens;
    config::SecretPlaces secrets{QProcessEnvironment()};
    state::BucketLedger ledger;
    state::BackupUploads uploads;
    backup::Backups backups;
};

void TestOperations::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_clock.setWall(std::chrono::milliseconds(1'000'000));
    m_database = state::Database::inMemory(m_random);
    m_members = std::make_unique<state::Members>(*m_database, m_clock);
    m_catalogue = std::make_unique<state::Catalogue>(*m_database, *m_members, m_clock);
    m_log = std::make_unique<telemetry::ActivityLog>(m_clock);
    m_owed.clear();
    m_did.clear();
    m_jobs.clear();
    m_findings.clear();
    m_jobChanged = {};
    m_hooks = {};
    const auto servers = [] {
        return QList<ServerName>{{One, QStringLiteral("charm1")},
                                 {Two, QStringLiteral("charm2")},
                                 {Three, QStringLiteral("charm3")}};
    };
    m_hooks.snapshot = [] {
        return control::Snapshot{};
    };
    m_hooks.queue.servers = servers;
    m_hooks.queue.count = [this](const QString &server) {
        return static_cast<qint64>(m_owed.value(server).size());
    };
    m_hooks.queue.items = [this](const QString &server, const QByteArray &after, qsizetype limit) {
        QList<OwedItem> items;
        for (const OwedItem &item : m_owed.value(server)) {
            if (item.place > after && items.size() < limit)
                items.append(item);
        }
        return items;
    };
    m_hooks.queue.retry = [this](const QString &server) {
        m_did << QStringLiteral("retry ") + server;
    };
    m_hooks.blobs = {m_catalogue.get(), servers, [](const state::ObjectKey &) {
                         return QList<QString>{One, Two};
                     }};
    m_hooks.members.servers = servers;
    m_hooks.members.catalogue = m_catalogue.get();
    m_hooks.members.promote = [this](const QString &id) -> Status {
        m_did << QStringLiteral("promote ") + id;
        return {};
    };
    m_pause = std::make_unique<BackgroundPause>(m_clock, [this](bool paused) {
        m_did << (paused ? QStringLiteral("pause") : QStringLiteral("go on"));
    });
    m_hooks.pause = m_pause.get();
    m_keeper = std::make_unique<accounts::AccountKeeper>(QString(), m_clock, *m_log);
    m_hooks.accounts = {m_keeper.get(), m_catalogue.get(), &m_clock, &m_random};
    m_hooks.jobs.list = [this] {
        return m_jobs;
    };
    m_hooks.jobs.find = [this](qint64 id) -> std::optional<JobInfo> {
        for (const JobInfo &job : m_jobs) {
            if (job.id == id)
                return job;
        }
        return std::nullopt;
    };
    m_hooks.jobs.start = [this](const QString &kind, const QJsonObject &parameters) -> Result<qint64> {
        JobInfo job;
        job.id = 9;
        job.kind = kind;
        job.parameters = parameters;
        job.state = QStringLiteral("running");
        m_jobs.prepend(job);
        return job.id;
    };
    m_hooks.jobs.pause = [this](qint64 id) -> Status {
        m_did << QStringLiteral("pause job %1").arg(id);
        return {};
    };
    m_hooks.jobs.watch = [this](QObject *, std::function<void(qint64)> changed) {
        m_jobChanged = std::move(changed);
    };
    m_hooks.findings.list = [this](const state::ObjectKey &after, qsizetype) {
        QList<FindingInfo> list;
        for (const FindingInfo &finding : m_findings) {
            if (finding.key > after)
                list.append(finding);
        }
        return list;
    };
    m_hooks.findings.count = [this] {
        return static_cast<qint64>(m_findings.size());
    };
    m_hooks.findings.overflow = [] {
        return qint64(7);
    };
    m_hooks.conflicts.list = [](const state::ObjectKey &, qsizetype) {
        ConflictInfo conflict;
        conflict.key = "acct/f";
        conflict.current = file(10);
        conflict.holders = QStringList{QStringLiteral("charm1")};
        conflict.kept = {{3, 12, QByteArray(16, 'd'), 0600, QStringLiteral("charm2"), 5}};
        return QList<ConflictInfo>{conflict};
    };
    m_hooks.conflicts.choose = [this](qint64 id, QObject *, const ConflictHooks::Done &done) {
        m_did << QStringLiteral("choose %1").arg(id);
        done(id == 3 ? Status() : Error{Code::NotFound, QStringLiteral("there is no version 4")});
    };
    m_hooks.conflicts.discard = [this](qint64 id, QObject *, const ConflictHooks::Done &done) {
        m_did << QStringLiteral("discard %1").arg(id);
        done({});
    };
}

void TestOperations::start()
{
    const QString path = m_directory->filePath(QStringLiteral("s"));
    m_server = std::make_unique<control::Server>(control::ServerOptions{.path = path, .serviceVersion = {}});
    m_handlers = std::make_unique<Handlers>(*m_server, *m_log, m_hooks);
    QVERIFY(m_server->listen());
    m_client = std::make_unique<control::Client>();
    m_notified = std::make_unique<QSignalSpy>(m_client.get(), &control::Client::notified);
    m_client->open({path});
    QTRY_VERIFY(m_client->isOpen());
}

void TestOperations::cleanup()
{
    m_client.reset();
    m_server.reset();
    m_handlers.reset();
    m_pause.reset();
    m_buckets.reset();
    m_catalogue.reset();
    m_members.reset();
    m_database.reset();
}

Result<QJsonObject> TestOperations::call(const char *method, const QJsonObject &params)
{
    if (!m_client)
        start();
    std::optional<Result<QJsonObject>> answer;
    m_client->call(QString::fromLatin1(method), params, this,
                   [&answer](const Result<QJsonObject> &result) { answer = result; });
    if (!QTest::qWaitFor([&answer] { return answer.has_value(); }))
        return Error{Code::ControlTimeout, QStringLiteral("no answer in the test")};
    return *answer;
}

/// Of blobs.list, all pages.
QStringList TestOperations::paths(const QJsonObject &params)
{
    QStringList list;
    QJsonObject asked = params;
    for (int pages = 0; pages < 100; ++pages) {
        const auto answer = call("blobs.list", asked);
        if (!answer)
            return {answer.error().toString()};
        for (const QJsonValue blob : answer->value(QLatin1String("blobs")).toArray())
            list << text(blob.toObject(), "account") + u'/' + text(blob.toObject(), "path");
        if (!answer->contains(QLatin1String("next")))
            return list;
        asked.insert(QStringLiteral("after"), answer->value(QLatin1String("next")));
    }
    return {QStringLiteral("endless")};
}

void TestOperations::pagesThroughALongQueue()
{
    for (int i = 0; i < 1'234; ++i) {
        const QByteArray key = "acct/" + QByteArray::number(10'000 + i);
        m_owed[i % 3 == 0 ? Three : One].append({key, key, QStringLiteral("copy"), 1, 0, false, {}, {}});
    }
    QSet<QString> seen;
    qsizetype entries = 0;
    QJsonObject params;
    int pages = 0;
    for (bool more = true; more && pages < 10; ++pages) {
        const auto answer = call("queue.list", params);
        QVERIFY(answer);
        for (const QJsonValue value : answer->value(QLatin1String("items")).toArray()) {
            ++entries;
            seen.insert(text(value.toObject(), "server") + text(value.toObject(), "path"));
        }
        QCOMPARE(answer->value(QLatin1String("servers")).toArray().size(), 3);
        more = answer->contains(QLatin1String("next"));
        params.insert(QStringLiteral("after"), answer->value(QLatin1String("next")));
    }
    QCOMPARE(entries, 1'234);
    QCOMPARE(seen.size(), 1'234);
    QCOMPARE(pages, 3);
}

void TestOperations::noAnswerComesNearTheLargestMessage()
{
    for (int i = 0; i < 600; ++i) {
        const QByteArray key = "acct/" + QByteArray::number(10'000 + i) + QByteArray(4'000, 'x');
        m_owed[One].append({key, key, QStringLiteral("copy"), 1, 0, false, {}, QString(400, u'y')});
    }
    const auto answer = call("queue.list");
    QVERIFY(answer);
    const qsizetype bytes = QJsonDocument(*answer).toJson(QJsonDocument::Compact).size();
    QVERIFY2(bytes > Page::kMostBytes && bytes < control::maxMessageBytes / 2,
             qPrintable(QString::number(bytes)));
    QVERIFY(answer->contains(QLatin1String("next")));
}

void TestOperations::listsTheQueueOfOneServer()
{
    m_owed[One].append({"a/f", "a/f", QStringLiteral("copy"), 1, 0, false, {}, {}});
    m_owed[Two].append(
        {"a/g", "a/g", QStringLiteral("delete"), 5, 2, true, 1'500, QStringLiteral("refused")});
    const auto answer = call("queue.list", {{QStringLiteral("server"), QStringLiteral("charm2")}});
    QVERIFY(answer);
    QCOMPARE(answer->value(QLatin1String("items")).toArray().size(), 1);
    const QJsonObject item = first(answer, "items");
    QCOMPARE(item, (QJsonObject{{QStringLiteral("account"), QStringLiteral("a")},
                                {QStringLiteral("path"), QStringLiteral("g")},
                                {QStringLiteral("server"), QStringLiteral("charm2")},
                                {QStringLiteral("kind"), QStringLiteral("delete")},
                                {QStringLiteral("sinceMs"), 5},
                                {QStringLiteral("attempts"), 2},
                                {QStringLiteral("running"), true},
                                {QStringLiteral("waitMs"), 1'500},
                                {QStringLiteral("problem"), QStringLiteral("refused")}}));
    const auto unknown = call("queue.list", {{QStringLiteral("server"), QStringLiteral("charm9")}});
    QVERIFY(!unknown);
    QCOMPARE(unknown.error().code, Code::NotFound);
}

void TestOperations::retriesOneServerOrAll()
{
    m_owed[Two].append({"a/g", "a/g", QStringLiteral("copy"), 5, 2, false, {}, {}});
    QCOMPARE(call("queue.retry")->value(QLatin1String("owed")).toInt(), 1);
    QVERIFY(call("queue.retry", {{QStringLiteral("server"), QStringLiteral("charm1")}}));
    QCOMPARE(m_did, (QStringList{QStringLiteral("retry "), QStringLiteral("retry id1")}));
}

void TestOperations::namesWhatIsOwed_data()
{
    QTest::addColumn<bool>("recorded");
    QTest::addColumn<bool>("deleted");
    QTest::addColumn<bool>("folder");
    QTest::addColumn<int>("debt");
    QTest::addColumn<QString>("kind");
    const auto row = [](bool recorded, bool deleted, bool folder, Debt debt, const char *kind) {
        QTest::addRow("%s %d", kind, static_cast<int>(debt))
            << recorded << deleted << folder << static_cast<int>(debt) << QString::fromLatin1(kind);
    };
    row(true, false, false, Debt::Stale, "copy");
    row(true, false, false, Debt::InDoubt, "copy");
    row(true, true, false, Debt::Stale, "delete");
    row(true, false, true, Debt::Stale, "folder");
    row(true, false, false, Debt::Extra, "extra");
    row(true, false, false, Debt::Suspect, "check");
    row(false, false, false, Debt::InDoubt, "check");
    row(true, false, false, Debt::Differs, "conflict");
}

void TestOperations::namesWhatIsOwed()
{
    QFETCH(bool, recorded);
    QFETCH(bool, deleted);
    QFETCH(bool, folder);
    QFETCH(int, debt);
    QFETCH(QString, kind);
    std::optional<Record> record;
    if (recorded) {
        record = file(1);
        record->deleted = deleted;
        record->folder = folder;
    }
    QCOMPARE(owedKind(record, static_cast<Debt>(debt)), kind);
}

void TestOperations::listsFilesByPrefix()
{
    for (const char *key : {"a/f", "a/fa", "a/fa/x", "a/g", "ab/f"})
        (void)m_catalogue->acknowledge(key, file(10), {One, Two});
    QCOMPARE(paths({}).size(), 5);
    const QStringList all = paths({{QStringLiteral("limit"), 2}});
    QCOMPARE(all, (QStringList{QStringLiteral("a/f"), QStringLiteral("a/fa"), QStringLiteral("a/fa/x"),
                               QStringLiteral("a/g"), QStringLiteral("ab/f")}));
    QCOMPARE(paths({{QStringLiteral("account"), QStringLiteral("a")}}).size(), 4);
    QCOMPARE(paths({{QStringLiteral("prefix"), QStringLiteral("a/fa")}}),
             (QStringList{QStringLiteral("a/fa"), QStringLiteral("a/fa/x")}));
    QCOMPARE(paths({{QStringLiteral("account"), QStringLiteral("a")},
                    {QStringLiteral("prefix"), QStringLiteral("g")}}),
             QStringList(QStringLiteral("a/g")));
    const QJsonObject blob = first(call("blobs.list"), "blobs");
    QCOMPARE(blob.value(QLatin1String("holders")).toArray(),
             (QJsonArray{QStringLiteral("charm1"), QStringLiteral("charm2")}));
    QCOMPARE(blob.value(QLatin1String("size")).toInt(), 10);
}

void TestOperations::tellsWhoHasAFolder()
{
    Record folder;
    folder.folder = true;
    (void)m_catalogue->acknowledge("a/d", folder, {});
    m_catalogue->mark("a/d", Two, Debt::Stale);
    const QJsonObject blob = first(call("blobs.list"), "blobs");
    QCOMPARE(blob.value(QLatin1String("holders")).toArray(),
             (QJsonArray{QStringLiteral("charm1"), QStringLiteral("charm3")}));
    const auto answer = call("blobs.where", {{QStringLiteral("path"), QStringLiteral("a/d")}});
    QVERIFY(answer);
    QStringList copies;
    for (const QJsonValue value : answer->value(QLatin1String("servers")).toArray())
        copies << text(value.toObject(), "copy");
    QCOMPARE(copies,
             (QStringList{QStringLiteral("holds"), QStringLiteral("stale"), QStringLiteral("holds")}));
}

void TestOperations::skipsDeletedFilesOfAnyNumber()
{
    Record gone;
    gone.deleted = true;
    for (int i = 0; i < 12'000; ++i)
        (void)m_catalogue->acknowledge("a/" + QByteArray::number(100'000 + i), gone, {});
    (void)m_catalogue->acknowledge("a/x", file(1), {One});
    QCOMPARE(paths({}), QStringList(QStringLiteral("a/x")));
}

void TestOperations::tellsWhereAFileIs()
{
    Record record = file(10);
    record.digest = QByteArray(16, '\xab');
    (void)m_catalogue->acknowledge("a/f", record, {One, Three});
    m_catalogue->mark("a/f", One, Debt::InDoubt);
    const auto answer = call("blobs.where", {{QStringLiteral("path"), QStringLiteral("a/f")}});
    QVERIFY(answer);
    const QJsonObject told = answer->value(QLatin1String("record")).toObject();
    QCOMPARE(told.value(QLatin1String("size")).toInt(), 10);
    QCOMPARE(text(told, "digest"), QStringLiteral("abababababababab"));
    QCOMPARE(told.value(QLatin1String("mode")).toInt(), 0644);
    QStringList copies;
    for (const QJsonValue value : answer->value(QLatin1String("servers")).toArray())
        copies << text(value.toObject(), "name") + u' ' + text(value.toObject(), "copy") + u' ' +
                      text(value.toObject(), "owed");
    QCOMPARE(copies, (QStringList{QStringLiteral("charm1 in doubt copy"), QStringLiteral("charm2 missing "),
                                  QStringLiteral("charm3 extra ")}));
}

void TestOperations::takesThePathOfTheOnlyAccount()
{
    (void)m_catalogue->acknowledge("a/f", file(10), {One});
    for (const char *path : {"f", "/f", "a/f", "a/f/"}) {
        const auto answer = call("blobs.where", {{QStringLiteral("path"), QString::fromLatin1(path)}});
        QVERIFY2(answer, path);
        QCOMPARE(text(*answer, "account"), QStringLiteral("a"));
        QCOMPARE(text(*answer, "path"), QStringLiteral("f"));
    }
}

void TestOperations::asksForTheAccountWhenThereAreSeveral()
{
    (void)m_catalogue->acknowledge("a/f", file(10), {One});
    (void)m_catalogue->acknowledge("b/f", file(10), {One});
    const auto vague = call("blobs.where", {{QStringLiteral("path"), QStringLiteral("f")}});
    QVERIFY(!vague);
    QCOMPARE(vague.error().code, Code::ControlBadParams);
    QVERIFY(call("blobs.where", {{QStringLiteral("path"), QStringLiteral("f")},
                                 {QStringLiteral("account"), QStringLiteral("b")}}));
}

void TestOperations::saysWhenNothingIsRecorded()
{
    const auto empty = call("blobs.where", {{QStringLiteral("path"), QStringLiteral("f")}});
    QVERIFY(!empty);
    QCOMPARE(empty.error().code, Code::NotFound);
    (void)m_catalogue->acknowledge("a/f", file(10), {One});
    const auto other = call("blobs.where", {{QStringLiteral("path"), QStringLiteral("g")}});
    QVERIFY(!other);
    QCOMPARE(other.error().code, Code::NotFound);
}

void TestOperations::tellsWhatARemovalCosts()
{
    // Enough for several steps of the walk.
    for (int i = 0; i < 2'500; ++i)
        (void)m_catalogue->acknowledge("a/" + QByteArray::number(i), file(10), {One, Two});
    (void)m_catalogue->acknowledge("a/only", file(100), {One});
    (void)m_catalogue->acknowledge("a/doubtful", file(1'000), {One, Two});
    m_catalogue->mark("a/doubtful", Two, Debt::InDoubt);
    (void)m_catalogue->acknowledge("a/elsewhere", file(5), {One, QStringLiteral("of another ring")});
    (void)m_catalogue->acknowledge("a/not there", file(5), {Two});
    const auto answer = call("backends.removal", {{QStringLiteral("name"), QStringLiteral("charm1")}});
    QVERIFY(answer);
    QCOMPARE(answer->value(QLatin1String("copies")).toObject(),
             (QJsonObject{{QStringLiteral("files"), 2'503}, {QStringLiteral("bytes"), 26'105}}));
    QCOMPARE(answer->value(QLatin1String("onlyCopies")).toObject(),
             (QJsonObject{{QStringLiteral("files"), 3}, {QStringLiteral("bytes"), 1'105}}));
}

void TestOperations::tellsWhereThePartitionsAre()
{
    const ring::Ring ring({{One, 1}, {Two, 3}}, 1);
    m_hooks.members.ring = [&ring]() -> const ring::Ring & {
        return ring;
    };
    start();
    const auto answer = call("backends.placement");
    QVERIFY(answer);
    const QJsonArray servers = answer->value(QStringLiteral("servers")).toArray();
    const QJsonArray groups = answer->value(QStringLiteral("groups")).toArray();
    QCOMPARE(servers.size(), 2);
    QCOMPARE(groups.size(), 2);
    int all = 0;
    for (const QJsonValue &group : groups) {
        QCOMPARE(group[QStringLiteral("owners")].toArray().size(), 1);
        all += group[QStringLiteral("partitions")].toInt();
    }
    QCOMPARE(all, ring::Ring::kPartitions);
    QCOMPARE(groups.at(1)[QStringLiteral("owners")].toArray().at(0).toInt(), 1);
    const int second = groups.at(1)[QStringLiteral("partitions")].toInt();
    QVERIFY2(second > 2'980 && second < 3'160, qPrintable(QString::number(second))); // Three of four.
}

void TestOperations::promotesByName()
{
    QVERIFY(call("backends.promote", {{QStringLiteral("name"), QStringLiteral("charm2")}}));
    QCOMPARE(m_did, QStringList(QStringLiteral("promote id2")));
    QCOMPARE(call("backends.promote", {{QStringLiteral("name"), QStringLiteral("x")}}).error().code,
             Code::NotFound);
}

void TestOperations::drainsOnlyWhereThatIsOffered()
{
    const QJsonObject params{{QStringLiteral("name"), QStringLiteral("charm2")}};
    QCOMPARE(call("backends.drain", params).error().code, Code::ControlUnknownMethod);
    m_client.reset();
    m_server.reset();
    m_hooks.members.drain = [](const QString &id) -> Result<QString> {
        return QStringLiteral("drains ") + id;
    };
    const auto answer = call("backends.drain", params);
    QVERIFY(answer);
    QCOMPARE(text(*answer, "text"), QStringLiteral("drains id2"));
}

void TestOperations::steersTheOnlyJobUnderWay()
{
    QCOMPARE(call("jobs.pause").error().code, Code::NotFound);
    JobInfo ended;
    ended.id = 4;
    ended.state = QStringLiteral("done");
    m_jobs = {ended};
    QCOMPARE(call("jobs.pause").error().code, Code::NotFound);
    const auto started = call("jobs.start", {{QStringLiteral("kind"), QStringLiteral("scrub")}});
    QVERIFY(started);
    QCOMPARE(started->value(QLatin1String("job")).toObject().value(QLatin1String("id")).toInt(), 9);
    const auto snapshot = control::Snapshot::fromJson(*call("status"));
    QVERIFY(snapshot);
    QCOMPARE(snapshot->jobs.size(), 1);
    QCOMPARE(snapshot->jobs.first().id, 9);
    QVERIFY(!snapshot->jobs.first().total);
    QVERIFY(call("jobs.pause"));
    QCOMPARE(m_did, QStringList(QStringLiteral("pause job 9")));
    QCOMPARE(call("jobs.show", {{QStringLiteral("id"), 5}}).error().code, Code::NotFound);
    JobInfo second = m_jobs.first();
    second.id = 10;
    m_jobs.prepend(second);
    QCOMPARE(call("jobs.pause").error().code, Code::ControlBadParams);
    QCOMPARE(call("jobs.list")->value(QLatin1String("jobs")).toArray().size(), 3);
}

void TestOperations::notifiesOfOneJob()
{
    QVERIFY(call("jobs.start", {{QStringLiteral("kind"), QStringLiteral("scrub")}}));
    QVERIFY(call("jobs.subscribe", {{QStringLiteral("id"), 9}}));
    QVERIFY(m_jobChanged);
    m_jobs.first().progress = {QStringLiteral("walking"), 3, 10, 0};
    m_jobChanged(9);
    m_jobChanged(8);
    QVERIFY(call("jobs.list"));
    QCOMPARE(m_notified->size(), 1);
    const QJsonObject job = m_notified->at(0).at(1).toJsonObject();
    QCOMPARE(m_notified->at(0).at(0).toString(), QStringLiteral("job"));
    QCOMPARE(job.value(QLatin1String("done")).toInt(), 3);
    QCOMPARE(job.value(QLatin1String("total")).toInt(), 10);
    QVERIFY(call("jobs.unsubscribe")->value(QLatin1String("ended")).toBool());
}

void TestOperations::keepsAPathsFindingsOnOnePage()
{
    for (int i = 0; i < 4; ++i) {
        FindingInfo finding;
        finding.id = i;
        finding.kind = QStringLiteral("damage");
        finding.key = i < 3 ? "a/f" : "a/g";
        finding.server = QStringLiteral("charm%1").arg(i);
        m_findings.append(finding);
    }
    auto page = call("findings.list", {{QStringLiteral("limit"), 1}});
    QVERIFY(page);
    QCOMPARE(page->value(QLatin1String("findings")).toArray().size(), 3);
    QCOMPARE(page->value(QLatin1String("overflow")).toInt(), 7);
    page = call("findings.list", {{QStringLiteral("limit"), 1},
                                  {QStringLiteral("after"), page->value(QLatin1String("next"))}});
    QVERIFY(page);
    QCOMPARE(text(first(page, "findings"), "path"), QStringLiteral("g"));
    QVERIFY(!page->contains(QLatin1String("next")));
}

void TestOperations::decidesConflicts()
{
    const QJsonObject conflict = first(call("conflicts.list"), "conflicts");
    QCOMPARE(text(conflict, "path"), QStringLiteral("f"));
    const QJsonObject kept = conflict.value(QLatin1String("kept")).toArray().at(0).toObject();
    QCOMPARE(kept.value(QLatin1String("id")).toInt(), 3);
    QCOMPARE(text(kept, "digest"), QStringLiteral("6464646464646464"));
    QVERIFY(call("conflicts.choose", {{QStringLiteral("id"), 3}}));
    QCOMPARE(call("conflicts.choose", {{QStringLiteral("id"), 4}}).error().code, Code::NotFound);
    QVERIFY(call("conflicts.discard", {{QStringLiteral("id"), 3}}));
    QCOMPARE(m_did, (QStringList{QStringLiteral("choose 3"), QStringLiteral("choose 4"),
                                 QStringLiteral("discard 3")}));
}

void TestOperations::pausesForATimeOrUntilToldOtherwise()
{
    QCOMPARE(
        call("pause", {{QStringLiteral("forMs"), 7'200'000}})->value(QLatin1String("untilMs")).toInteger(),
        8'200'000);
    QVERIFY(m_pause->isPaused());
    QVERIFY(call("resume")->value(QLatin1String("wasPaused")).toBool());
    QVERIFY(!call("resume")->value(QLatin1String("wasPaused")).toBool());
    QVERIFY(!call("pause")->contains(QLatin1String("untilMs")));
    QVERIFY(m_pause->isPaused() && !m_pause->untilMs());
    // The time that is said last holds, and it is over when the clock says so.
    QVERIFY(call("pause", {{QStringLiteral("forMs"), 1'000}}));
    m_clock.advance(std::chrono::seconds(2));
    QTRY_VERIFY(!m_pause->isPaused());
    QCOMPARE(m_did.last(), QStringLiteral("go on"));
}

void TestOperations::onePauseDoesNotEndAnother()
{
    const QString by = QStringLiteral("by");
    const QJsonObject metered{{by, QStringLiteral("metered")}, {QStringLiteral("forMs"), 120'000}};
    const QJsonObject byMetered{{by, QStringLiteral("metered")}};
    QVERIFY(!call("pause", byMetered)); // Whoever says it may be gone.
    QVERIFY(!call("pause", {{by, QStringLiteral("somebody")}}));
    QVERIFY(!call("resume", {{by, 3}}));
    QVERIFY(!m_pause->isPaused());
    // The network's ends, and the person's is still there.
    QVERIFY(call("pause", metered));
    QVERIFY(!m_pause->untilMs());
    QVERIFY(call("pause", {{QStringLiteral("forMs"), 7'200'000}}));
    QCOMPARE(m_pause->by(), (QStringList{QStringLiteral("person"), QStringLiteral("metered")}));
    QVERIFY(call("resume", byMetered)->value(QLatin1String("wasPaused")).toBool());
    QVERIFY(!call("resume", byMetered)->value(QLatin1String("wasPaused")).toBool());
    QVERIFY(m_pause->isPaused() && m_pause->untilMs());
    // The person's time is over, and the network still says so.
    QVERIFY(call("pause", {{QStringLiteral("forMs"), 1'000}}));
    QVERIFY(call("pause", metered));
    m_clock.advance(std::chrono::seconds(2));
    QTRY_COMPARE(m_pause->by(), QStringList{QStringLiteral("metered")});
    QVERIFY(m_pause->isPaused());
    // A person's word ends all.
    QVERIFY(call("resume")->value(QLatin1String("wasPaused")).toBool());
    QVERIFY(!m_pause->isPaused());
    QCOMPARE(m_did, (QStringList{QStringLiteral("pause"), QStringLiteral("go on")}));
    // And that of one who has gone ends by itself.
    QVERIFY(call("pause", {{by, QStringLiteral("metered")}, {QStringLiteral("forMs"), 1'000}}));
    m_clock.advance(std::chrono::seconds(2));
    QTRY_VERIFY(!m_pause->isPaused());
}

void TestOperations::saysThatNoAccountsCanBeReached()
{
    start();
    const auto list = call("accounts.list");
    QVERIFY(list);
    QCOMPARE(list->value(QStringLiteral("accounts")).toArray(), QJsonArray());
    QCOMPARE(list->value(QStringLiteral("round")).toObject(), QJsonObject());
    const QString key = QStringLiteral(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEqIO+bHBLNFzkYlDhYqUUBDRKO9eX4bOtNfyEvcnHZi anna@desk");
    const QJsonObject nobody{{QStringLiteral("account"), QStringLiteral("nobody")}};
    const QList<Result<QJsonObject>> answers{
        call("accounts.sync"), call("accounts.show", nobody), call("accounts.export", nobody),
        call("accounts.disable", nobody), call("accounts.create", {{QStringLiteral("key"), key}})};
    for (const Result<QJsonObject> &answer : answers) {
        QVERIFY(!answer);
        QCOMPARE(answer.error().code, Code::NotFound);
    }
    const auto damaged = call("accounts.create", {{QStringLiteral("key"), key.left(40)}});
    QCOMPARE(damaged.error().code, Code::KeyUnusable);
    const auto strange =
        call("accounts.create", {{QStringLiteral("from"), QJsonObject{{QStringLiteral("id"), 1}}}});
    QCOMPARE(strange.error().code, Code::AccountFile);
    QCOMPARE(call("accounts.create").error().code, Code::ControlBadParams);
}

void TestOperations::refusesBadParameters_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QJsonObject>("params");
    const auto row = [](const char *method, const char *name, const QJsonValue &value) {
        QTest::addRow("%s %s", method, name)
            << QString::fromLatin1(method) << QJsonObject{{QString::fromLatin1(name), value}};
    };
    row("queue.list", "limit", 0);
    row("queue.list", "limit", Page::kMostEntries + 1);
    row("queue.list", "after", QStringLiteral("not a place!"));
    row("queue.list", "server", 5);
    row("queue.retry", "server", true);
    row("accounts.show", "account", QString());
    row("accounts.export", "account", 5);
    row("accounts.disable", "account", false);
    row("accounts.create", "key", 5);
    row("accounts.create", "from", QStringLiteral("file"));
    row("blobs.list", "prefix", 7);
    row("blobs.where", "path", QString());
    row("backends.promote", "nome", QStringLiteral("charm1"));
    row("backends.removal", "name", 1);
    row("jobs.start", "parameters", 1);
    row("jobs.show", "id", QStringLiteral("one"));
    row("jobs.show", "id", 1.5);
    row("conflicts.choose", "id", -1);
    row("conflicts.discard", "no", 1);
    row("findings.list", "limit", QStringLiteral("all"));
    row("pause", "forMs", 1);
    row("pause", "forMs", QStringLiteral("2h"));
}

void TestOperations::refusesBadParameters()
{
    QFETCH(QString, method);
    QFETCH(QJsonObject, params);
    const auto answer = call(qPrintable(method), params);
    QVERIFY(!answer);
    QCOMPARE(answer.error().code, Code::ControlBadParams);
    QVERIFY(m_did.isEmpty());
}

/// docs/control-api.md has a row for each method, and no other.
void TestOperations::describesEveryMethod()
{
    m_hooks.members.source = [] {
        return ServersSource{};
    };
    const ring::Ring ring;
    m_hooks.members.ring = [&ring]() -> const ring::Ring & {
        return ring;
    };
    m_hooks.members.drain = m_hooks.members.resume = [](const QString &) -> Result<QString> {
        return QString();
    };
    m_hooks.jobs.planRebalance = [](QObject *, const std::function<void(const QJsonObject &)> &done) {
        done({});
    };
    m_buckets = std::make_shared<Buckets>(*this);
    m_hooks.backups = &m_buckets->backups;
    m_hooks.ledger = &m_buckets->ledger;
    m_transfers = std::make_unique<replica::Transfers>(m_clock);
    m_hooks.transfers = m_transfers.get();
    state::Fact told(*m_database, "told");
    NoticeWatch notices({[] { return control::Snapshot(); }, told, m_buckets->secrets, m_clock, *m_log, {}});
    m_hooks.notices = &notices;
    start();
    QFile page(QStringLiteral(CRING_SOURCE_DIR "/docs/control-api.md"));
    QVERIFY(page.open(QIODevice::ReadOnly));
    static const QRegularExpression row(QStringLiteral("^\\| \\[?`([a-zA-Z.]+)`"));
    QStringList described;
    bool inTable = false;
    for (const QByteArray &line : page.readAll().split('\n')) {
        inTable = line.startsWith("| method") || (inTable && line.startsWith('|'));
        const auto match = row.match(QString::fromUtf8(line));
        if (inTable && match.hasMatch())
            described << match.captured(1);
    }
    described.sort();
    QStringList offered = m_server->methods();
    offered.sort();
    QCOMPARE(described, offered);
    m_handlers.reset(); // Before what it was given here.
}

QTEST_GUILESS_MAIN(TestOperations)
#include "tst_operations.moc"
