// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/client.h"
#include "core/control/server.h"
#include "core/service/blobchanges.h"

#include <QJsonArray>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cring;
using namespace cring::service;
using state::Debt;
using state::Record;

/// What a list of files says of their copies and of the buckets, and how it is told of changes.
class TestBlobs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void saysWhereCopiesAreStillToCome();
    void saysWhetherTheBucketHasIt();
    void leavesOutWhatWentWithItsFolder();
    void tellsOfEveryKindOfChange();
    void tellsWhatWentWithAFolder();
    void hasTooMuchListedAnew();
    void endsWithTheSubscription();

private:
    QJsonObject call(const char *method, const QJsonObject &params = {});
    QJsonArray list() { return call("blobs.list").value(QLatin1String("blobs")).toArray(); }
    QJsonObject nextParcel();
    QStringList pathsOf(const QJsonObject &parcel, const char *part) const;

    static Record file(qint64 size)
    {
        Record record;
        record.size = size;
        return record;
    }

    ManualClock m_clock;
    SystemRandom m_random;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<state::Database> m_database;
    std::unique_ptr<state::Members> m_members;
    std::unique_ptr<state::Catalogue> m_catalogue;
    std::unique_ptr<state::BucketLedger> m_ledger;
    std::unique_ptr<control::Server> m_server;
    std::unique_ptr<control::Client> m_client;
    std::unique_ptr<QSignalSpy> m_notified;
};

namespace {

const QString One = QStringLiteral("id1");
const QString Two = QStringLiteral("id2");

QJsonArray names(const QStringList &names)
{
    return QJsonArray::fromStringList(names);
}

} // namespace

void TestBlobs::init()
{
    m_clock.setWall(std::chrono::milliseconds(1'000'000));
    m_folder = std::make_unique<QTemporaryDir>();
    m_database = state::Database::inMemory(m_random);
    m_members = std::make_unique<state::Members>(*m_database, m_clock);
    m_catalogue = std::make_unique<state::Catalogue>(*m_database, *m_members, m_clock);
    m_ledger = std::make_unique<state::BucketLedger>(*m_database, *m_catalogue, m_clock);
    m_server = std::make_unique<control::Server>(
        control::ServerOptions{.path = m_folder->filePath(QStringLiteral("s")), .serviceVersion = {}});
    BlobHooks hooks;
    hooks.catalogue = m_catalogue.get();
    hooks.ledger = m_ledger.get();
    hooks.servers = [] {
        return QList<ServerName>{{One, QStringLiteral("charm1")},
                                 {Two, QStringLiteral("charm2")},
                                 {QStringLiteral("id3"), QStringLiteral("charm3")}};
    };
    hooks.owners = [](const state::ObjectKey &) {
        return QList<QString>{One, Two};
    };
    addBlobMethods(*m_server, hooks);
    QVERIFY(m_server->listen());
    m_client = std::make_unique<control::Client>();
    m_notified = std::make_unique<QSignalSpy>(m_client.get(), &control::Client::notified);
    m_client->open({m_folder->filePath(QStringLiteral("s"))});
    QTRY_VERIFY(m_client->isOpen());
}

void TestBlobs::cleanup()
{
    m_client.reset();
    m_server.reset();
    m_ledger.reset();
    m_catalogue.reset();
    m_members.reset();
    m_database.reset();
}

QJsonObject TestBlobs::call(const char *method, const QJsonObject &params)
{
    std::optional<Result<QJsonObject>> answer;
    m_client->call(QString::fromLatin1(method), params, this,
                   [&answer](const Result<QJsonObject> &result) { answer = result; });
    return QTest::qWaitFor([&answer] { return answer.has_value(); }) && *answer ? **answer : QJsonObject();
}

QJsonObject TestBlobs::nextParcel()
{
    if (m_notified->isEmpty() && !m_notified->wait())
        return {};
    const QList<QVariant> told = m_notified->takeFirst();
    return told.at(0).toString() == QStringLiteral("blobs") ? told.at(1).toJsonObject() : QJsonObject();
}

QStringList TestBlobs::pathsOf(const QJsonObject &parcel, const char *part) const
{
    QStringList paths;
    for (const QJsonValue value : parcel.value(QLatin1String(part)).toArray())
        paths.append(value.toObject().value(QLatin1String("path")).toString());
    return paths;
}

void TestBlobs::saysWhereCopiesAreStillToCome()
{
    (void)m_catalogue->acknowledge("a/f", file(10), {One});
    QJsonObject blob = list().at(0).toObject();
    QCOMPARE(blob.value(QLatin1String("wanted")).toInt(), 2);
    QCOMPARE(blob.value(QLatin1String("holders")).toArray(), names({QStringLiteral("charm1")}));
    QCOMPARE(blob.value(QLatin1String("missing")).toArray(), names({QStringLiteral("charm2")}));
    QVERIFY(!blob.contains(QLatin1String("owed")));
    m_catalogue->mark("a/f", Two, Debt::Stale);
    blob = list().at(0).toObject();
    QCOMPARE(blob.value(QLatin1String("owed")).toArray(), names({QStringLiteral("charm2")}));
    QVERIFY(!blob.contains(QLatin1String("missing")));
    QVERIFY(!blob.contains(QLatin1String("backup"))); // There is no bucket.
}

void TestBlobs::saysWhetherTheBucketHasIt()
{
    m_ledger->configure({{QStringLiteral("offsite"), {QByteArray("a")}}});
    const Record record = m_catalogue->acknowledge("a/f", file(10), {One, Two});
    (void)m_catalogue->acknowledge("b/f", file(10), {One, Two});
    const auto backup = [this](int at) {
        return list().at(at).toObject().value(QLatin1String("backup")).toString();
    };
    QCOMPARE(backup(0), QStringLiteral("waiting"));
    QCOMPARE(list().at(0).toObject().value(QLatin1String("backupSinceMs")).toInteger(), 1'000'000);
    QCOMPARE(backup(1), QStringLiteral("none")); // The bucket takes no files of this account.
    state::BucketLedger::Object object;
    object.version = record.version;
    m_ledger->set(m_ledger->buckets().first(), "a/f", object);
    QCOMPARE(backup(0), QStringLiteral("stored"));
    QVERIFY(!list().at(0).toObject().contains(QLatin1String("backupSinceMs")));
}

void TestBlobs::leavesOutWhatWentWithItsFolder()
{
    (void)m_catalogue->acknowledge("a/d/before", file(10), {One, Two});
    Record gone;
    gone.deleted = true;
    (void)m_catalogue->acknowledge("a/d", gone, {One, Two});
    (void)m_catalogue->acknowledge("a/d/after", file(10), {One, Two});
    QCOMPARE(pathsOf(call("blobs.list"), "blobs"), QStringList(QStringLiteral("d/after")));
}

void TestBlobs::tellsOfEveryKindOfChange()
{
    m_ledger->configure({{QStringLiteral("offsite"), {}}});
    QTRY_VERIFY(m_ledger->isCompared());
    (void)call("blobs.subscribe");
    const Record record = m_catalogue->acknowledge("a/f", file(10), {One});
    m_catalogue->mark("a/f", Two, Debt::Stale);
    QJsonObject parcel = nextParcel();
    QCOMPARE(pathsOf(parcel, "blobs"), QStringList(QStringLiteral("f"))); // Once, though it changed twice.
    QCOMPARE(parcel.value(QLatin1String("blobs")).toArray(), list());     // In the list's own words.
    m_catalogue->clear("a/f", Two);
    parcel = nextParcel();
    QCOMPARE(parcel.value(QLatin1String("blobs"))
                 .toArray()
                 .at(0)
                 .toObject()
                 .value(QLatin1String("holders"))
                 .toArray(),
             names({QStringLiteral("charm1"), QStringLiteral("charm2")}));
    state::BucketLedger::Object object;
    object.version = record.version;
    m_ledger->set(m_ledger->buckets().first(), "a/f", object);
    parcel = nextParcel();
    QCOMPARE(parcel.value(QLatin1String("blobs"))
                 .toArray()
                 .at(0)
                 .toObject()
                 .value(QLatin1String("backup"))
                 .toString(),
             QStringLiteral("stored"));
}

void TestBlobs::tellsWhatWentWithAFolder()
{
    (void)m_catalogue->acknowledge("a/d/f", file(10), {One, Two});
    (void)call("blobs.subscribe");
    Record gone;
    gone.deleted = true;
    const Record deleted = m_catalogue->acknowledge("a/d", gone, {One, Two});
    (void)m_catalogue->acknowledge("a/d/g", file(10), {One, Two});
    const QJsonObject parcel = nextParcel();
    QCOMPARE(pathsOf(parcel, "gone"), QStringList(QStringLiteral("d")));
    QCOMPARE(pathsOf(parcel, "blobs"), QStringList(QStringLiteral("d/g")));
    const QJsonObject folder = parcel.value(QLatin1String("gone")).toArray().at(0).toObject();
    QCOMPARE(folder.value(QLatin1String("version")).toInteger(), static_cast<qint64>(deleted.version));
}

void TestBlobs::hasTooMuchListedAnew()
{
    (void)call("blobs.subscribe");
    for (size_t i = 0; i <= BlobChanges::mostWaiting; ++i)
        (void)m_catalogue->acknowledge("a/" + QByteArray::number(static_cast<qulonglong>(i)), file(1),
                                       {One, Two});
    QCOMPARE(nextParcel(), (QJsonObject{{QStringLiteral("listAnew"), true}}));
    // Many, but not too many: parcel by parcel.
    for (int i = 0; i < 600; ++i)
        (void)m_catalogue->acknowledge("a/" + QByteArray::number(i), file(2), {One, Two});
    QSet<QString> told;
    while (told.size() < 600) {
        const QStringList paths = pathsOf(nextParcel(), "blobs");
        QVERIFY(!paths.isEmpty());
        told.unite(QSet<QString>(paths.begin(), paths.end()));
    }
}

void TestBlobs::endsWithTheSubscription()
{
    (void)call("blobs.subscribe");
    QCOMPARE(call("blobs.unsubscribe").value(QLatin1String("ended")).toBool(), true);
    QCOMPARE(call("blobs.unsubscribe").value(QLatin1String("ended")).toBool(true), false);
    (void)m_catalogue->acknowledge("a/f", file(1), {One});
    QVERIFY(!m_notified->wait(static_cast<int>(2 * BlobChanges::interval.count())));
}

QTEST_GUILESS_MAIN(TestBlobs)
#include "tst_blobs.moc"
