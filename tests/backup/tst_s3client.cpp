// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/loopback.h"
#include "core/backup/objectdownload.h"
#include "core/backup/objectname.h"
#include "core/backup/s3walk.h"
#include "tests/backup/await.h"
#include "tests/backup/largefile.h"
#include "tests/support/charmcluster.h"
#include "tests/support/s3server.h"
#include "tests/support/testca.h"

#include <QCryptographicHash>
#include <QNetworkProxy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <map>

using namespace cring;
using namespace cring::backup;
using namespace cring::test;
using namespace std::chrono_literals;
using Kind = S3Error::Kind;
using Make = S3Server::Make;

/// Against real S3 servers of two makes.
class TestS3Client : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void memoryStaysFlat(); // First: what others had and gave back would hide what this one needs.
    void storesAndReads_data() { makes(); }
    void storesAndReads();
    void oddKeys_data() { makes(); }
    void oddKeys();
    void files_data() { makes(); }
    void files();
    void listsPageByPage_data() { makes(); }
    void listsPageByPage();
    void deletesMany_data() { makes(); }
    void deletesMany();
    void uploadsInParts_data() { makes(); }
    void uploadsInParts();
    void conditionsHold();
    void ranges_data() { makes(); }
    void ranges();
    void versionsAndDeleteMarkers();
    void bucketSettings();
    void missingBucket_data() { makes(); }
    void missingBucket();
    void wrongKeys_data() { makes(); }
    void wrongKeys();
    void wrongRegion();
    void clockOff();
    void damagedUploadsAreRefused();
    void virtualHost();
    void overTls();
    void goesOnWhenTheServerIsBack();

private:
    void makes();
    Make make() const;

    struct Running
    {
        explicit Running(Make kind)
            : server(kind)
        {
            started = server.start();
        }

        S3Server server;
        Status started;
        int buckets = 0;
    };

    S3Server &server(Make make) { return m_servers.at(make)->server; }

    /// A client with a bucket of its own.
    std::unique_ptr<S3Rig> rig(Make make, const QString &region = QLatin1String(S3Server::kRegion));

    std::map<Make, std::unique_ptr<Running>> m_servers;
};

namespace {

const QByteArray Id = "8e5c6a4e-3f1b-4c1e-9a53-0d9e1f1a2b3c";

S3Result<Stored> put(S3Rig &rig, const QByteArray &key, const QByteArray &bytes,
                     const Metadata &metadata = {})
{
    return await<Stored>([&](auto done) {
        PutRequest request{key, std::make_shared<BytesSource>(bytes)};
        request.metadata = metadata;
        rig.client.put(request, &rig.context, done);
    });
}

S3Result<ObjectHead> head(S3Rig &rig, const QByteArray &key, const QByteArray &version = {})
{
    return await<ObjectHead>([&](auto done) { rig.client.head(key, version, &rig.context, done); });
}

S3Result<QByteArray> get(S3Rig &rig, const GetRequest &request, bool mustVerify = false)
{
    return await<QByteArray>(
        [&](Done<QByteArray> done) {
            auto *download = new ObjectDownload(rig.client, request, &rig.context);
            const auto bytes = std::make_shared<QByteArray>();
            QObject::connect(download, &ObjectDownload::bodyReceived, download,
                             [bytes](const QByteArray &data) { *bytes += data; });
            QObject::connect(download, &ObjectDownload::finished, download, [=] {
                if (mustVerify && !download->verified())
                    *bytes = "(not verified)";
                done(*bytes);
                download->deleteLater();
            });
            QObject::connect(download, &ObjectDownload::failed, download, [=](const S3Error &error) {
                done(error);
                download->deleteLater();
            });
        },
        60'000);
}

S3Result<QList<ListedObject>> listAll(S3Rig &rig, const QByteArray &prefix, int *pages = nullptr)
{
    ObjectWalk walk(rig.client, prefix);
    QList<ListedObject> all;
    while (!walk.atEnd()) {
        auto page = await<QList<ListedObject>>([&](auto done) { walk.next(done); });
        if (!page)
            return page;
        all += *page;
        if (pages)
            ++*pages;
    }
    return all;
}

S3Result<QList<ListedVersion>> versionsOf(S3Rig &rig, const QByteArray &prefix)
{
    VersionWalk walk(rig.client, prefix);
    QList<ListedVersion> all;
    while (!walk.atEnd()) {
        auto page = await<QList<ListedVersion>>([&](auto done) { walk.next(done); });
        if (!page)
            return page;
        all += *page;
    }
    return all;
}

/// So many at a time.
bool putMany(S3Rig &rig, const QList<QByteArray> &keys)
{
    int done = 0;
    int failed = 0;
    qsizetype next = 0;
    while (done < keys.size()) {
        while (next < keys.size() && next - done < 16) {
            rig.client.put({keys.at(next++), std::make_shared<BytesSource>("x")}, &rig.context,
                           [&](const S3Result<Stored> &stored) {
                               ++done;
                               failed += stored ? 0 : 1;
                           });
        }
        const int before = done;
        if (!spinUntil([&] { return done > before; }, 20'000))
            return false;
    }
    return failed == 0;
}

QByteArray pattern(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    quint32 state = 1;
    for (char &byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

QByteArray sha256(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
}

/// Makes any name lead to one server: a proxy that connects whoever asks for a host to that one.
class NameServer
{
public:
    explicit NameServer(const QUrl &server)
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this, server] {
            while (QTcpSocket *client = m_server.nextPendingConnection())
                lead(client, server);
        });
        QNetworkProxy::setApplicationProxy(
            {QNetworkProxy::HttpProxy, QStringLiteral("127.0.0.1"), m_server.serverPort()});
    }

    ~NameServer() { QNetworkProxy::setApplicationProxy(QNetworkProxy::NoProxy); }

    Q_DISABLE_COPY(NameServer)

private:
    static void lead(QTcpSocket *client, const QUrl &server)
    {
        auto *there = new QTcpSocket(client);
        there->setProxy(QNetworkProxy::NoProxy);
        QObject::connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
        QObject::connect(client, &QTcpSocket::readyRead, there, [client, there, server] {
            if (there->state() != QAbstractSocket::UnconnectedState) {
                there->write(client->readAll());
            } else if (client->peek(4'096).contains("\r\n\r\n")) {
                client->readAll(); // CONNECT; nothing follows before it is answered.
                there->connectToHost(server.host(), static_cast<quint16>(server.port()));
                client->write("HTTP/1.1 200 Connected\r\n\r\n");
            }
        });
        QObject::connect(there, &QTcpSocket::readyRead, client,
                         [client, there] { client->write(there->readAll()); });
        QObject::connect(there, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
    }

    QTcpServer m_server;
};

} // namespace

void TestS3Client::initTestCase()
{
    for (const Make make : {Make::Versitygw, Make::Rclone}) {
        m_servers[make] = std::make_unique<Running>(make);
        CRING_OK(m_servers[make]->started);
    }
}

void TestS3Client::cleanup()
{
    if (QTest::currentTestFailed()) {
        for (const auto &[make, running] : m_servers)
            qWarning().noquote() << "server" << static_cast<int>(make) << running->server.log().right(2'000);
    }
}

void TestS3Client::makes()
{
    QTest::addColumn<int>("make");
    QTest::newRow("versitygw") << static_cast<int>(Make::Versitygw);
    QTest::newRow("rclone") << static_cast<int>(Make::Rclone);
}

Make TestS3Client::make() const
{
    QFETCH(int, make);
    return static_cast<Make>(make);
}

std::unique_ptr<S3Rig> TestS3Client::rig(Make make, const QString &region)
{
    Running &running = *m_servers.at(make);
    const QString bucket = QStringLiteral("bucket-%1").arg(++running.buckets);
    auto made = std::make_unique<S3Rig>(running.server.url(), bucket, region);
    made->setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    const auto created = await<Nothing>([&](auto done) { made->client.createBucket(&made->context, done); });
    if (!created)
        qWarning().noquote() << created.error().words();
    return made;
}

void TestS3Client::storesAndReads()
{
    const auto rig = this->rig(make());
    const QByteArray key = makeObjectName(Id, "folder/a%20file", ObjectKind::File)->key;
    const auto stored = put(*rig, key, "hello", {{kModeField, "420"}});
    S3_OK(stored);
    QCOMPARE(stored->sha256, sha256("hello"));
    QVERIFY(!stored->etag.isEmpty());

    const auto found = head(*rig, key);
    S3_OK(found);
    QCOMPARE(found->size, 5);
    QCOMPARE(found->metadata.value(kModeField), QByteArray("420"));
    QCOMPARE(found->sha256, sha256("hello"));
    QVERIFY(std::chrono::abs(found->modified - rig->clock.wall()) < 60s);
    const auto bytes = get(*rig, {key}, true);
    S3_OK(bytes);
    QCOMPARE(*bytes, QByteArray("hello"));

    S3_OK(put(*rig, key, "other"));
    QCOMPARE(*get(*rig, {key}), QByteArray("other"));
    S3_OK(await<Nothing>([&](auto done) { rig->client.remove({key}, &rig->context, done); }));
    S3_OK(await<Nothing>([&](auto done) { rig->client.remove({key}, &rig->context, done); }));
    const auto gone = head(*rig, key);
    QVERIFY(!gone);
    QCOMPARE(gone.error().kind, Kind::ObjectMissing);
    const auto nothing = get(*rig, {key});
    QVERIFY(!nothing);
    QCOMPARE(nothing.error().kind, Kind::ObjectMissing);
    S3_OK(put(*rig, key, ""));
    QCOMPARE(*get(*rig, {key}, true), QByteArray());
}

void TestS3Client::oddKeys()
{
    const auto rig = this->rig(make());
    QList<QByteArray> keys;
    for (const char *name :
         {"a b",    "a+b",        "a%20b",  "a%2Bb",    "ä",       "漢字",  "q?x=1",  "h#1",   "amp&er",
          "e=q",    "semi;colon", "quo'te", "ti~lde",   "dol$lar", "at@",   "com,ma", "star*", "par(en)",
          "co:lon", "ex!",        "<lt>",   "per%cent", "🙂",    "d.o.t", "-dash"})
        keys.append(Id + '/' + name);
    for (const QByteArray &key : std::as_const(keys)) {
        const auto stored = put(*rig, key, key);
        QVERIFY2(stored.ok(), QByteArray(key + ": " + words(stored)).constData());
        const auto bytes = get(*rig, {key});
        QVERIFY2(bytes.ok(), QByteArray(key + ": " + words(bytes)).constData());
        QCOMPARE(*bytes, key);
    }
    const auto listed = listAll(*rig, Id + '/');
    S3_OK(listed);
    std::sort(keys.begin(), keys.end());
    QList<QByteArray> found;
    for (const ListedObject &object : *listed)
        found.append(object.key);
    QCOMPARE(found, keys);
    S3_OK(put(*rig, Id + "/dir/", {}, {{kModeField, "2147484141"}}));
    S3_OK(head(*rig, Id + "/dir/"));
}

void TestS3Client::files()
{
    const auto rig = this->rig(make());
    QTemporaryDir folder;
    for (const qsizetype size : {0, 1, 65'536, 262'144, 262'145, 5'000'000}) {
        const QByteArray bytes = pattern(size);
        QFile file(folder.filePath(QString::number(size)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
        file.close();
        const QByteArray key = "files/" + QByteArray::number(size);
        const auto stored = await<Stored>([&](auto done) {
            rig->client.put({key, std::make_shared<FileSource>(rig->workers, file.fileName(), 0, size)},
                            &rig->context, done);
        });
        S3_OK(stored);
        QCOMPARE(stored->sha256, sha256(bytes));
        const auto back = get(*rig, {key}, true);
        S3_OK(back);
        QVERIFY(*back == bytes);
    }
    // What is no longer as it was is not stored.
    const auto shorter = await<Stored>([&](auto done) {
        rig->client.put({"short", std::make_shared<FileSource>(rig->workers,
                                                               folder.filePath(QStringLiteral("1")), 0, 10)},
                        &rig->context, done);
    });
    QVERIFY(!shorter);
    QCOMPARE(shorter.error().kind, Kind::Source);
    QVERIFY(!head(*rig, "short"));
}

void TestS3Client::listsPageByPage()
{
    const auto rig = this->rig(make());
    QList<QByteArray> keys;
    for (int i = 0; i < 1'234; ++i)
        keys.append(Id + "/d" + QByteArray::number(i % 7) + "/f" + QByteArray::number(i) +
                    (i % 3 ? "" : ".x"));
    // Before and behind the folder of that name, though a walk through folders meets them elsewhere.
    for (const char *name : {"/d1.txt", "/d1-x", "/d1!", "/d10", "/d1.d/f", "/d1/f.d/g", "/d1/f.d.x"})
        keys.append(Id + name);
    QVERIFY(putMany(*rig, keys));
    QVERIFY(putMany(*rig, {"other/a", Id + ".long/x"}));
    int pages = 0;
    const auto listed = listAll(*rig, Id + '/', &pages);
    S3_OK(listed);
    std::sort(keys.begin(), keys.end());
    QCOMPARE(listed->size(), keys.size());
    for (qsizetype i = 0; i < keys.size(); ++i)
        QCOMPARE(listed->at(i).key, keys.at(i));
    QVERIFY(pages >= 2);

    ObjectWalk later(rig->client, Id + '/', keys.at(1'000));
    const auto rest = await<QList<ListedObject>>([&](auto done) { later.next(done); });
    S3_OK(rest);
    QCOMPARE(rest->size(), keys.size() - 1'001);
    QCOMPARE(rest->first().key, keys.at(1'001));
}

void TestS3Client::deletesMany()
{
    const auto rig = this->rig(make());
    QList<QByteArray> keys;
    for (int i = 0; i < 50; ++i)
        keys.append("many/a+b c%" + QByteArray::number(i));
    QVERIFY(putMany(*rig, keys));
    QList<ObjectId> objects;
    for (const QByteArray &key : std::as_const(keys))
        objects.append({key});
    const auto failures =
        await<QList<DeleteFailure>>([&](auto done) { rig->client.removeAll(objects, &rig->context, done); });
    S3_OK(failures);
    QVERIFY(failures->isEmpty());
    QVERIFY(listAll(*rig, "many/")->isEmpty());
}

void TestS3Client::uploadsInParts()
{
    const auto rig = this->rig(make());
    const QByteArray bytes = pattern(11 * 1024 * 1024);
    constexpr qsizetype kPartSize = 5 * 1024 * 1024;
    const QByteArray key = Id + "/large";
    const auto id = await<QByteArray>([&](auto done) {
        rig->client.createUpload(key, {{kModeField, "420"}, {kSha256Field, sha256(bytes).toHex()}},
                                 &rig->context, done);
    });
    S3_OK(id);
    QList<Part> parts;
    for (int number = 1; (number - 1) * kPartSize < bytes.size(); ++number) {
        const auto part = await<Part>([&](auto done) {
            rig->client.uploadPart(
                key, *id, number,
                std::make_shared<BytesSource>(bytes.mid((number - 1) * kPartSize, kPartSize)), {},
                &rig->context, done);
        });
        S3_OK(part);
        parts.append(*part);
    }
    const auto pending =
        await<UploadPage>([&](auto done) { rig->client.listUploads({}, {}, {}, &rig->context, done); });
    S3_OK(pending);
    QCOMPARE(pending->uploads.size(), 1);
    QCOMPARE(pending->uploads.first().key, key);
    const auto known =
        await<PartPage>([&](auto done) { rig->client.listParts(key, *id, 0, &rig->context, done); });
    S3_OK(known);
    QCOMPARE(known->parts.size(), 3);
    QCOMPARE(known->parts.at(2).size, 1024 * 1024);

    const auto joined =
        await<Stored>([&](auto done) { rig->client.completeUpload(key, *id, parts, &rig->context, done); });
    S3_OK(joined);
    const auto back = get(*rig, {key}, true);
    S3_OK(back);
    QVERIFY(*back == bytes);

    const auto other =
        await<QByteArray>([&](auto done) { rig->client.createUpload("b", {}, &rig->context, done); });
    S3_OK(other);
    S3_OK(await<Nothing>([&](auto done) { rig->client.abortUpload("b", *other, &rig->context, done); }));
    S3_OK(await<Nothing>([&](auto done) { rig->client.abortUpload("b", *other, &rig->context, done); }));
    QVERIFY(await<UploadPage>([&](auto done) {
                rig->client.listUploads({}, {}, {}, &rig->context, done);
            })->uploads.isEmpty());
    const auto lost =
        await<PartPage>([&](auto done) { rig->client.listParts("b", *other, 0, &rig->context, done); });
    QVERIFY(!lost);
    QCOMPARE(lost.error().kind, Kind::UploadMissing);
}

void TestS3Client::conditionsHold()
{
    const auto rig = this->rig(Make::Versitygw);
    const auto stored = put(*rig, "k", "one");
    S3_OK(stored);
    const auto again = await<Stored>([&](auto done) {
        PutRequest request{"k", std::make_shared<BytesSource>("two")};
        request.onlyIfAbsent = true;
        rig->client.put(request, &rig->context, done);
    });
    QVERIFY(!again);
    QCOMPARE(again.error().kind, Kind::Precondition);

    GetRequest same{"k"};
    same.ifNoneMatch = stored->etag;
    const auto unchanged = get(*rig, same);
    QVERIFY(!unchanged);
    QCOMPARE(unchanged.error().kind, Kind::NotModified);
    GetRequest other{"k"};
    other.ifMatch = "\"00000000000000000000000000000000\"";
    const auto changed = get(*rig, other);
    QVERIFY(!changed);
    QCOMPARE(changed.error().kind, Kind::Precondition);
}

void TestS3Client::ranges()
{
    const auto rig = this->rig(make());
    S3_OK(put(*rig, "k", "0123456789"));
    GetRequest middle{"k"};
    middle.start = 2;
    middle.end = 5;
    QCOMPARE(*get(*rig, middle), QByteArray("2345"));
    GetRequest rest{"k"};
    rest.start = 7;
    QCOMPARE(*get(*rig, rest), QByteArray("789"));
}

void TestS3Client::versionsAndDeleteMarkers()
{
    const auto rig = this->rig(Make::Versitygw);
    const auto versioning = [&] {
        return await<Versioning>([&](auto done) { rig->client.versioning(&rig->context, done); });
    };
    QCOMPARE(*versioning(), Versioning::Never);
    S3_OK(await<Nothing>([&](auto done) { rig->client.setVersioning(true, &rig->context, done); }));
    QCOMPARE(*versioning(), Versioning::Enabled);

    const auto one = put(*rig, "k", "one");
    const auto two = put(*rig, "k", "two");
    S3_OK(one);
    S3_OK(two);
    QVERIFY(!one->versionId.isEmpty());
    QVERIFY(one->versionId != two->versionId);
    S3_OK(await<Nothing>([&](auto done) { rig->client.remove({"k"}, &rig->context, done); }));
    QVERIFY(!head(*rig, "k"));
    QVERIFY(listAll(*rig, {})->isEmpty());
    S3_OK(put(*rig, "l", "other"));

    const auto all = versionsOf(*rig, {});
    S3_OK(all);
    QCOMPARE(all->size(), 4);
    QVERIFY(all->at(0).deleteMarker);
    QVERIFY(all->at(0).latest);
    QCOMPARE(all->at(1).versionId, two->versionId);
    QCOMPARE(all->at(2).versionId, one->versionId);
    QCOMPARE(all->at(3).key, QByteArray("l"));
    QCOMPARE(*get(*rig, {"k", one->versionId}, true), QByteArray("one"));
    QCOMPARE(*get(*rig, {"k", two->versionId}, true), QByteArray("two"));

    // Taking the marker away brings the file back.
    S3_OK(await<Nothing>([&](auto done) {
        rig->client.remove({"k", all->at(0).versionId}, &rig->context, done);
    }));
    QCOMPARE(*get(*rig, {"k"}), QByteArray("two"));
    const auto none = get(*rig, {"k", all->at(0).versionId});
    QVERIFY(!none);
}

void TestS3Client::bucketSettings()
{
    const auto rig = this->rig(Make::Versitygw);
    S3_OK(await<Nothing>([&](auto done) { rig->client.headBucket(&rig->context, done); }));
    const auto region = await<QByteArray>([&](auto done) { rig->client.location(&rig->context, done); });
    S3_OK(region);
    QCOMPARE(*region, QByteArray(S3Server::kRegion));
    const auto lock = await<ObjectLock>([&](auto done) { rig->client.objectLock(&rig->context, done); });
    S3_OK(lock);
    QVERIFY(!lock->enabled);
    const auto rules =
        await<QList<LifecycleRule>>([&](auto done) { rig->client.lifecycle(&rig->context, done); });
    QVERIFY(rules || rules.error().kind == Kind::Unsupported);
}

void TestS3Client::missingBucket()
{
    S3Rig rig(server(make()).url(), QStringLiteral("not-there"), QLatin1String(S3Server::kRegion));
    rig.setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    const auto bucket = await<Nothing>([&](auto done) { rig.client.headBucket(&rig.context, done); });
    QVERIFY(!bucket);
    QCOMPARE(bucket.error().kind, Kind::BucketMissing);
    const auto stored = put(rig, "k", "x");
    QVERIFY(!stored);
    QCOMPARE(stored.error().kind, Kind::BucketMissing);
    QVERIFY(stored.error().words().contains(QStringLiteral("no bucket “not-there”")));
    const auto listed = listAll(rig, {});
    QVERIFY(!listed);
    QCOMPARE(listed.error().kind, Kind::BucketMissing);
}

void TestS3Client::wrongKeys()
{
    const auto rig = this->rig(make());
    rig->setKeys(S3Server::kAccessKey, "WRONGSECRETWRONGSECRET");
    const auto secret = put(*rig, "k", "x");
    QVERIFY(!secret);
    QVERIFY2(secret.error().kind == Kind::Credentials || secret.error().kind == Kind::Denied,
             words(secret).constData());
    QVERIFY(!secret.error().words().contains(QStringLiteral("WRONGSECRET")));
    rig->setKeys("AKIAUNKNOWNUNKNOWNXX", S3Server::kSecretKey);
    const auto access = put(*rig, "k", "x");
    QVERIFY(!access);
    QVERIFY2(access.error().kind == Kind::Credentials || access.error().kind == Kind::Denied,
             words(access).constData());
    if (make() == Make::Versitygw) { // rclone says AccessDenied for all.
        QCOMPARE(secret.error().kind, Kind::Credentials);
        QCOMPARE(access.error().kind, Kind::Credentials);
    }
    rig->setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    S3_OK(put(*rig, "k", "x"));
}

void TestS3Client::wrongRegion()
{
    const auto made = rig(Make::Versitygw);
    S3Rig elsewhere(server(Make::Versitygw).url(), made->client.session().endpoint().bucket(),
                    QStringLiteral("us-west-9"));
    elsewhere.setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    const auto stored = put(elsewhere, "k", "x");
    // It says which one it wants, so that it gets it.
    S3_OK(stored);
    QCOMPARE(elsewhere.client.session().endpoint().region(), QByteArray(S3Server::kRegion));
}

void TestS3Client::clockOff()
{
    for (const auto offset : {-20min, 20min}) {
        const auto rig = this->rig(Make::Versitygw);
        rig->clock.offset = offset;
        S3_OK(put(*rig, "k", "x"));
        QVERIFY(std::chrono::abs(rig->client.session().clockOffset() + offset) < 10s);
        S3_OK(put(*rig, "l", "y"));
    }
}

void TestS3Client::damagedUploadsAreRefused()
{
    const auto rig = this->rig(Make::Versitygw);
    const auto stored = await<Stored>([&](auto done) {
        rig->client.put({"k", std::make_shared<BytesSource>("damaged"), sha256("intact")}, &rig->context,
                        done);
    });
    QVERIFY(!stored);
    QCOMPARE(stored.error().kind, Kind::Digest);
    QVERIFY(!head(*rig, "k"));
}

void TestS3Client::virtualHost()
{
    // With the port, as the server compares it with the whole Host field.
    const quint16 port = playground::freePort(playground::ownLoopbackAddress());
    S3ServerOptions options;
    options.virtualDomain = QStringLiteral("s3.test:%1").arg(port);
    S3Server server(Make::Versitygw, options);
    CRING_OK(server.start());
    const NameServer names(server.url());

    QUrl url;
    url.setScheme(QStringLiteral("http"));
    url.setHost(QStringLiteral("s3.test"));
    url.setPort(port);
    S3Rig rig(url, QStringLiteral("bucket-v"), QLatin1String(S3Server::kRegion), Addressing::VirtualHost);
    rig.setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    S3_OK(await<Nothing>([&](auto done) { rig.client.createBucket(&rig.context, done); }));
    const QByteArray key = "a b/c+d";
    S3_OK(put(rig, key, "hello"));
    QCOMPARE(*get(rig, {key}, true), QByteArray("hello"));
    const auto listed = listAll(rig, {});
    S3_OK(listed);
    QCOMPARE(listed->size(), 1);
    QVERIFY(QFile::exists(server.bucketFolder(QStringLiteral("bucket-v")) + QStringLiteral("/a b/c+d")));
}

void TestS3Client::overTls()
{
    TestCa ca;
    const auto pair = ca.issue({playground::ownLoopbackAddress()});
    CRING_OK(pair);
    S3ServerOptions options;
    options.tlsCert = pair->cert;
    options.tlsKey = pair->key;
    S3Server server(Make::Versitygw, options);
    CRING_OK(server.start());

    QSslConfiguration ssl = QSslConfiguration::defaultConfiguration();
    ssl.setCaCertificates(QSslCertificate::fromPath(ca.file()));
    S3Rig rig(server.url(), QStringLiteral("tls-bucket"), QLatin1String(S3Server::kRegion), Addressing::Path,
              S3Rig::quick(), ssl);
    rig.setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    S3_OK(await<Nothing>([&](auto done) { rig.client.createBucket(&rig.context, done); }));
    const QByteArray bytes = pattern(3'000'000);
    S3_OK(put(rig, "k", bytes));
    const auto back = get(rig, {"k"}, true);
    S3_OK(back);
    QVERIFY(*back == bytes);

    S3Rig stranger(server.url(), QStringLiteral("tls-bucket"));
    stranger.setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    const auto untrusted = put(stranger, "k", "x");
    QVERIFY(!untrusted);
    QCOMPARE(untrusted.error().kind, Kind::Tls);
}

void TestS3Client::goesOnWhenTheServerIsBack()
{
    S3Server server(Make::Versitygw);
    CRING_OK(server.start());
    S3Limits limits = S3Rig::quick();
    limits.attempts = 100;
    S3Rig rig(server.url(), QStringLiteral("bucket-x"), QLatin1String(S3Server::kRegion), Addressing::Path,
              limits);
    rig.setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    S3_OK(await<Nothing>([&](auto done) { rig.client.createBucket(&rig.context, done); }));
    S3_OK(put(rig, "k", "one"));
    server.kill9();
    std::optional<S3Result<Stored>> stored;
    QPointer<S3Call> call = rig.client.put({"k", std::make_shared<BytesSource>("two")}, &rig.context,
                                           [&](const S3Result<Stored> &result) { stored = result; });
    QVERIFY(spinUntil([&] { return call && call->attempts() >= 3; }, 10'000));
    CRING_OK(server.start());
    QVERIFY(spinUntil([&] { return stored.has_value(); }, 20'000));
    S3_OK(*stored);
    QCOMPARE(*get(rig, {"k"}, true), QByteArray("two"));
}

void TestS3Client::memoryStaysFlat()
{
    const auto rig = this->rig(Make::Versitygw);
    constexpr qint64 kSize = 192 * 1024 * 1024;
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("large")));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.resize(kSize));
    const qint64 before = peakMemory(true);
    const auto stored = await<Stored>(
        [&](auto done) {
            rig->client.put({"large", std::make_shared<FileSource>(rig->workers, file.fileName(), 0, kSize)},
                            &rig->context, done);
        },
        60'000);
    S3_OK(stored);
    qint64 received = 0;
    const auto back = await<Nothing>(
        [&](Done<Nothing> done) {
            auto *download = new ObjectDownload(rig->client, {"large"}, &rig->context);
            connect(download, &ObjectDownload::bodyReceived, download,
                    [&](const QByteArray &data) { received += data.size(); });
            connect(download, &ObjectDownload::finished, download, [=] {
                download->deleteLater();
                done(Nothing{});
            });
            connect(download, &ObjectDownload::failed, download, [=](const S3Error &error) {
                download->deleteLater();
                done(error);
            });
        },
        60'000);
    S3_OK(back);
    QCOMPARE(received, kSize);
    const qint64 grown = peakMemory(false) - before;
    qInfo() << "memory grew by" << grown << "KiB";
#ifdef __SANITIZE_ADDRESS__
    constexpr qint64 kLimit = 512 * 1024; // AddressSanitizer keeps what was given back for a while.
#else
    constexpr qint64 kLimit = 16 * 1024;
#endif
    QVERIFY2(grown < kLimit, QByteArray::number(grown).constData());
}

QTEST_GUILESS_MAIN(TestS3Client)
#include "tst_s3client.moc"
