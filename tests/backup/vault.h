// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/backupjobs.h"
#include "core/service/core.h"
#include "tests/backup/await.h"
#include "tests/support/charmcluster.h"
#include "tests/support/faultyserver.h"
#include "tests/support/s3server.h"

#include <QCryptographicHash>
#include <QTemporaryDir>

namespace cring::test {

/// Buckets at a real S3 server, through a server that can be brought to do harm, and what the service has of
/// them: ledger, jobs, targets. Without Charm servers: what is in a bucket is put there past the mirror. The
/// clock can be set.
struct Vault
{
    struct Bucket
    {
        QString name;
        QByteArray account; ///< The only one whose files go there.
        std::unique_ptr<S3Rig> rig;
    };

    explicit Vault(S3Server &server, const QStringList &names)
        : store(std::move(service::Store::open({}, clock, random)).value())
    {
        proxy.forwardTo(server.url());
        write("access", S3Server::kAccessKey);
        write("secret", S3Server::kSecretKey);
        config::Server backend;
        backend.id = backend.name = QStringLiteral("charm1");
        backend.url = QUrl(QStringLiteral("http://127.0.0.1:9"));
        config.servers = {backend};
        for (const QString &name : names)
            addBucket(server, name);
        core = std::make_unique<service::Core>(config, shared);
        backup::addBackupJobs(store->jobs,
                              {shared.backups,
                               store->bucketLedger,
                               shared.tokens,
                               store->conflicts,
                               {},
                               context,
                               [this]() -> replica::Environment & { return core->environment(); },
                               {},
                               {}});
    }

    ~Vault()
    {
        store->jobs.stop();
        store->jobs.discard();
        shared.backups.stop();
    }

    void addBucket(S3Server &server, const QString &name)
    {
        config::Backup backup;
        backup.name = backup.id = backup.bucket = name;
        backup.url = proxy.url().toString();
        backup.region = QLatin1String(S3Server::kRegion);
        backup.accessKey = QStringLiteral("file:") + folder.filePath(QStringLiteral("access"));
        backup.secretKey = QStringLiteral("file:") + folder.filePath(QStringLiteral("secret"));
        backup.drillInterval = std::chrono::milliseconds(0);
        Bucket bucket;
        bucket.name = name;
        bucket.account =
            QByteArray("7f5b7a0e-8a43-4a6e-9b7d-1c5d0c0b3f") + QByteArray::number(10 + buckets.size());
        backup.accounts = QString::fromLatin1(bucket.account);
        bucket.rig = std::make_unique<S3Rig>(server.url(), name, QLatin1String(S3Server::kRegion));
        bucket.rig->setKeys(S3Server::kAccessKey, S3Server::kSecretKey);
        const auto made = await<backup::Nothing>(
            [&](auto done) { bucket.rig->client.createBucket(&bucket.rig->context, done); });
        if (!made)
            qWarning().noquote() << words(made);
        config.backups.append(backup);
        buckets.push_back(std::move(bucket));
    }

    void write(const char *name, const char *key) const
    {
        QFile file(folder.filePath(QLatin1String(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(key) < 0 ||
            !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner))
            qWarning() << "a key cannot be written";
    }

    /// Keys are read, and nothing is owed.
    bool isReady() const
    {
        return std::ranges::all_of(shared.backups.all(), [](const auto &target) {
            return target->versioning() && target->checked() &&
                   target->mirror().state() == backup::Mirror::State::Idle;
        });
    }

    state::BucketLedger::Bucket number(int bucket) const { return store->bucketLedger.buckets().at(bucket); }
    state::ObjectKey key(const QByteArray &path, int bucket = 0) const
    {
        return state::objectKey(buckets[bucket].account, path);
    }
    state::BucketLedger::Object object(const QByteArray &path, int bucket = 0) const
    {
        return store->bucketLedger.object(number(bucket), key(path, bucket))
            .value_or(state::BucketLedger::Object());
    }
    void set(const QByteArray &path, const state::BucketLedger::Object &object, int bucket = 0) const
    {
        store->bucketLedger.set(number(bucket), key(path, bucket), object);
    }
    QByteArray fact(const char *name, int bucket = 0) const
    {
        return store->bucketLedger.fact(number(bucket), name);
    }
    /// For the proxy's rules.
    QByteArray target(const QByteArray &path, int bucket = 0) const
    {
        return '/' + buckets[bucket].name.toUtf8() + '/' + key(path, bucket);
    }
    QByteArray listing(int bucket = 0) const { return '/' + buckets[bucket].name.toUtf8() + '?'; }
    qsizetype reads(const QByteArray &path, int bucket = 0) const
    {
        return proxy.requests("GET", target(path, bucket)).size();
    }

    /// In the bucket, as if it had been brought there a second ago; `recorded`: and in the catalogue.
    bool put(const QByteArray &path, const QByteArray &body, bool recorded = true, int bucket = 0) const
    {
        backup::PutRequest request;
        request.key = key(path, bucket);
        request.body = std::make_shared<backup::BytesSource>(body);
        S3Rig &rig = *buckets[bucket].rig;
        const auto stored =
            await<backup::Stored>([&](auto done) { rig.client.put(request, &rig.context, done); });
        if (!stored)
            return false;
        state::BucketLedger::Object object;
        object.version = recorded ? acknowledge(path, body.size(), bucket) : 1;
        object.size = body.size();
        object.etag = stored->etag;
        object.sha256 = QCryptographicHash::hash(body, QCryptographicHash::Sha256);
        object.stored = clock.wall().count() - 1'000;
        set(path, object, bucket);
        return true;
    }
    quint64 acknowledge(const QByteArray &path, qint64 size, int bucket = 0) const
    {
        state::Record record;
        record.size = size;
        record.digest = QByteArray(16, 'd');
        record.mode = 0644;
        return store->catalogue.acknowledge(key(path, bucket), record, {QStringLiteral("charm1")}).version;
    }
    bool remove(const QByteArray &path, int bucket = 0) const
    {
        S3Rig &rig = *buckets[bucket].rig;
        return await<backup::Nothing>([&](auto done) {
                   rig.client.remove({key(path, bucket), {}}, &rig.context, done);
               })
            .ok();
    }

    /// Until its end.
    jobs::Jobs::Info verify(bool deep, int bucket = 0) const
    {
        QJsonObject parameters{{QStringLiteral("backup"), buckets[bucket].name}};
        if (deep)
            parameters.insert(QStringLiteral("deep"), true);
        const auto id = store->jobs.start(QStringLiteral("backup-verify"), parameters);
        if (!id || !spinUntil([&] { return store->jobs.find(*id)->ended(); }, 30'000))
            return {};
        return *store->jobs.find(*id);
    }
    /// Verifications of the bucket.
    QList<jobs::Jobs::Info> verifications(int bucket = 0) const
    {
        QList<jobs::Jobs::Info> list = store->jobs.list();
        list.removeIf([&](const jobs::Jobs::Info &info) {
            return info.parameters.value(QStringLiteral("backup")) != buckets[bucket].name;
        });
        return list;
    }

    QTemporaryDir folder;
    mutable FaultyServer proxy;
    mutable S3Rig::Clock clock;
    SystemRandom random;
    telemetry::ActivityLog activity{clock};
    config::Config config;
    std::vector<Bucket> buckets;
    std::unique_ptr<service::Store> store;
    service::Shared shared{clock, random, activity, *store, {}};
    QObject context;
    std::unique_ptr<service::Core> core;
};

} // namespace cring::test
