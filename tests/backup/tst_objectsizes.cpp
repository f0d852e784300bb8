// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backup/uploadsetup.h"
#include "tests/support/charmcluster.h"

#include <QTest>

#include <map>

using namespace cring;
using namespace cring::backup;
using namespace cring::test;
using namespace std::chrono_literals;
using Make = S3Server::Make;

/// Objects of every size, at real S3 servers of two makes.
class TestObjectSizes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void memoryStaysFlat(); // First: what others had and gave back would hide what this one needs.
    void everySize_data();
    void everySize();

private:
    std::map<Make, std::unique_ptr<S3Server>> m_servers;
    int m_buckets = 0;
};

void TestObjectSizes::initTestCase()
{
    for (const Make make : {Make::Versitygw, Make::Rclone}) {
        m_servers[make] = std::make_unique<S3Server>(make);
        CRING_OK(m_servers[make]->start());
    }
}

void TestObjectSizes::memoryStaysFlat()
{
    S3Server &server = *m_servers.at(Make::Versitygw);
    LargeFiles files;
    UploadState memory;
    S3Limits limits = S3Rig::quick();
    limits.idle = limits.answer = 60'000ms;
    S3Rig rig(server.url(), QStringLiteral("bucket-flat"), QLatin1String(S3Server::kRegion), Addressing::Path,
              limits);
    rig.setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
    S3_OK(await<Nothing>([&](auto done) { rig.client.createBucket(&rig.context, done); }));
    qint64 grown = 0;
    for (const qint64 size : {80 * MiB, 1024 * MiB}) { // The first one for what is had once and kept.
        const QString file = files.make(size);
        const qint64 before = peakMemory(true);
        Upload upload(rig.client, *memory.memory,
                      {*makeObjectName(Id, "large", ObjectKind::File),
                       std::make_shared<FileSource>(rig.workers, file, 0, size),
                       {}});
        QCOMPARE(upload.wait(), QByteArray());
        grown = peakMemory(false) - before;
        qInfo() << size / MiB << "MiB: memory grew by" << grown << "KiB";
    }
#ifdef __SANITIZE_ADDRESS__
    constexpr qint64 kLimit = 512 * 1024; // AddressSanitizer keeps what was given back for a while.
#else
    constexpr qint64 kLimit = 4 * 1024;
#endif
    QVERIFY2(grown <= kLimit, QByteArray::number(grown).constData());
}

void TestObjectSizes::everySize_data()
{
    QTest::addColumn<int>("make");
    QTest::addColumn<qint64>("size");
    QTest::addColumn<int>("parts");
    for (const auto &[name, make] : {std::pair{"versitygw", Make::Versitygw}, {"rclone", Make::Rclone}}) {
        const auto row = [&, make = static_cast<int>(make)](const char *words, qint64 size, int parts) {
            QTest::newRow((QByteArray(name) + ' ' + words).constData()) << make << size << parts;
        };
        row("empty", 0, 0);
        row("one byte", 1, 0);
        row("64 MiB", 64 * MiB, 0);
        row("64 MiB and a byte", 64 * MiB + 1, 5);
        row("300 MiB", 300 * MiB, 19);
    }
}

void TestObjectSizes::everySize()
{
    QFETCH(int, make);
    QFETCH(qint64, size);
    QFETCH(int, parts);
    UploadSetup setup(*m_servers.at(static_cast<Make>(make)), QStringLiteral("bucket-%1").arg(++m_buckets));
    LargeFiles files;
    const QString file = files.make(size);
    const auto upload = setup.upload(setup.request(file));
    QCOMPARE(upload->wait(), QByteArray());
    QCOMPARE(upload->stored->sha256, sha256Of(file));
    QCOMPARE(upload->bytes, size > 0 ? size : -1);
    QCOMPARE(setup.partsSent(), parts);
    QVERIFY(setup.holds(file));
    const auto head = await<ObjectHead>(
        [&](auto done) { setup.rig->client.head(Id + "/large", {}, &setup.rig->context, done); });
    S3_OK(head);
    QCOMPARE(head->size, size);
    QCOMPARE(head->metadata.value(kModeField), QByteArray("420"));
    QCOMPARE(setup.uploadsLeft(), 0);
    QVERIFY(setup.memory.memory->all().isEmpty());
}

QTEST_GUILESS_MAIN(TestObjectSizes)
#include "tst_objectsizes.moc"
