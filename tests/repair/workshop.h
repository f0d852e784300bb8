// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/jobtools.h"
#include "tests/repair/barering.h"
#include "tests/support/charmcluster.h"
#include "tests/support/httpclient.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>

namespace cring::test {

/// A bare ring in front of real servers, in which jobs run and what they mark is delivered.
struct Workshop
{
    /// Hands out the cluster's tokens, for an account that has one.
    class Tokens final : public replica::ITokenSource
    {
    public:
        explicit Tokens(CharmCluster &cluster)
            : m_cluster(cluster)
        {
        }

        void obtain(const QByteArray &account, QObject *, Done done) override
        {
            const bool own = account.isEmpty() && knowsOwn;
            if (closed || (!own && account != m_cluster.charmId().toLatin1()))
                done(Error{Code::TokenMissing, QStringLiteral("there is no token")});
            else
                done(replica::Credentials{m_cluster.charmId().toLatin1(), "bearer " + m_cluster.token(),
                                          SystemClock().wall().count() / 1000 + 3600});
        }
        void offer(const replica::Credentials &) override {}

        bool closed = false;
        bool knowsOwn = false; ///< There is an identity, which is the cluster's account.

    private:
        CharmCluster &m_cluster;
    };

    /// `meets`: the ring knows the cluster's account.
    explicit Workshop(CharmCluster &cluster_, bool meets = true)
        : cluster(cluster_)
        , ring(serversOf(cluster_), directory.path())
        , tokens(cluster_)
        , account(cluster_.charmId().toLatin1())
    {
        // Nothing of the person who runs this: with our own tokens alone.
        ring.shared.delivery.stop();
        ring.shared.survey.stop();
        delivery.setEnvironment(ring.environment());
        if (meets)
            ring.store->accounts.see(account);
    }

    static QList<config::Server> serversOf(CharmCluster &cluster)
    {
        QList<config::Server> servers;
        for (int i = 0; i < cluster.size(); ++i) {
            config::Server server;
            server.id = server.name = cluster.at(i).name();
            server.url = cluster.at(i).url();
            servers << server;
        }
        return servers;
    }

    state::ObjectKey key(const QByteArray &path) const { return state::objectKey(account, path); }
    QString diskPath(int server, const QByteArray &path) const
    {
        return cluster.at(server).filesDir() + u'/' + cluster.charmId() + u'/' + QString::fromUtf8(path);
    }
    /// Null when that is no file.
    QByteArray onDisk(int server, const QByteArray &path) const
    {
        QFile file(diskPath(server, path));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    bool put(int server, const QByteArray &path, const QByteArray &data) const
    {
        return HttpClient(cluster.at(server).url()).upload("/v1/fs/" + path, data, cluster.token()).status ==
               200;
    }
    replica::Credentials credentials() const
    {
        return {account, "bearer " + cluster.token(), SystemClock().wall().count() / 1000 + 3600};
    }
    /// The servers in the order in which they should have it.
    QList<int> placement(const QByteArray &path)
    {
        QList<int> order;
        for (const health::Backend *backend : ring.environment().placement(key(path))) {
            for (int i = 0; i < cluster.size(); ++i) {
                if (cluster.at(i).name() == backend->id())
                    order << i;
            }
        }
        return order;
    }
    health::Backend &backend(int server)
    {
        return *ring.environment().backends.find(cluster.at(server).name());
    }
    state::Record recordOf(const QByteArray &data) const
    {
        replica::PayloadDigest digest(ring.store->database->digestSeed());
        digest.add(data);
        state::Record record;
        record.size = data.size();
        record.digest = digest.value();
        record.mode = 0644;
        return record;
    }
    void acknowledge(const QByteArray &path, const state::Record &record, const QList<int> &servers = {})
    {
        QStringList holders;
        for (const int server : servers)
            holders << cluster.at(server).name();
        (void)ring.catalogue().acknowledge(key(path), record, holders);
    }
    std::optional<state::Debt> debt(int server, const QByteArray &path)
    {
        const auto owed = ring.catalogue().debt(key(path), cluster.at(server).name());
        return owed ? std::optional(owed->debt) : std::nullopt;
    }
    void mark(int server, const QByteArray &path, state::Debt debt)
    {
        ring.catalogue().mark(key(path), cluster.at(server).name(), debt);
    }
    /// Its last change, on the server's disk.
    bool setTime(int server, const QByteArray &path, const QDateTime &time)
    {
        QFile file(diskPath(server, path));
        return file.open(QIODevice::ReadWrite) && file.setFileTime(time, QFileDevice::FileModificationTime);
    }
    /// The bytes of all versions that were kept aside, sorted.
    QByteArrayList kept()
    {
        QByteArrayList list;
        for (const auto &[id, version] : ring.store->conflicts.all()) {
            bool done = false;
            QObject context;
            ring.store->conflicts.read(id, 0, version.size, &context, [&](const Result<QByteArray> &bytes) {
                list << (bytes ? *bytes : QByteArray("cannot be read"));
                done = true;
            });
            (void)spinUntil([&] { return done; }, 5'000);
        }
        std::sort(list.begin(), list.end());
        return list;
    }
    /// Stored on all servers, and recorded.
    bool store(const QByteArray &path, const QByteArray &data)
    {
        QList<int> holders;
        bool stored = true;
        for (int i = 0; i < cluster.size(); ++i) {
            stored = stored && put(i, path, data);
            holders << i;
        }
        acknowledge(path, recordOf(data), holders);
        return stored;
    }

    CharmCluster &cluster;
    QTemporaryDir directory;
    BareRing ring;
    Tokens tokens;
    QByteArray account;
    repair::Throttle throttle{ring.clock, ring.shared.counters};
    repair::Delivery delivery{ring.catalogue(), ring.store->conflicts, tokens, ring.clock, ring.activity};
    repair::Emptied emptied;
    repair::JobTools tools{tokens,
                           ring.store->members,
                           ring.store->accounts,
                           ring.store->findings,
                           ring.store->conflicts,
                           delivery,
                           throttle,
                           emptied,
                           &ring.environment()};
};

/// Runs a job to its end; its summary, or empty when it does not end well in time.
template <typename JobType>
QJsonObject runToEnd(JobType &job, const QByteArray &cursor = {}, int limit = 30'000)
{
    QJsonObject summary;
    bool ended = false;
    QObject context;
    QObject::connect(&job, &jobs::Job::finished, &context, [&](const Result<QJsonObject> &result) {
        ended = true;
        if (result)
            summary = *result;
    });
    job.start(cursor);
    (void)spinUntil([&] { return ended; }, limit);
    return summary;
}

} // namespace cring::test
