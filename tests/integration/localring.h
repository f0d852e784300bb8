// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/service/service.h"
#include "tests/support/charmcluster.h"
#include "tests/support/httpclient.h"

namespace cring::test {

/// The service in the test's own process, in front of some of a cluster's real Charm servers: for what can be
/// asked of its parts, and for configurations that change while it runs.
class LocalRing
{
public:
    explicit LocalRing(int servers);
    ~LocalRing();

    /// Starts all servers, and the ring in front of these of them.
    Status start(const QList<int> &servers);
    /// Ends the ring and starts it again with what it has written down.
    Status restart();
    /// The ring is in front of these servers from now on.
    Status setServers(const QList<int> &servers);
    /// For the next reload or restart.
    config::Config &config() { return m_config; }
    Status reload();

    CharmCluster &cluster() { return m_cluster; }
    CharmServer &at(int index) { return m_cluster.at(index); }
    service::Service &service() { return *m_service; }
    service::Upkeep &upkeep() { return m_service->upkeep(); }
    /// What the service knows; lives as long as it does.
    service::Store &store() { return *m_store; }

    HttpClient client() { return HttpClient(m_url); }
    HttpResponse upload(const QByteArray &path, const QByteArray &data, quint32 mode = 0644);
    HttpResponse get(const QByteArray &path);
    /// Past the ring, at one server.
    HttpResponse uploadTo(int server, const QByteArray &path, const QByteArray &data);
    QByteArray token() const { return m_cluster.token(); }

    /// What a server's disk has there now; null when that is no file.
    QByteArray onDisk(int server, const QByteArray &path);
    /// Which servers have that file.
    QList<int> holders(const QByteArray &path);
    /// Files on a server, of all accounts.
    qsizetype filesOn(int server);
    /// Nothing is owed, and every file has as many good copies as it should have.
    bool isWhole();

private:
    Status open();
    config::Server serverAt(int index);

    CharmCluster m_cluster;
    QTemporaryDir m_directory;
    SystemClock m_clock;
    SystemRandom m_random;
    config::Config m_config;
    QUrl m_url;
    service::Store *m_store = nullptr;
    std::unique_ptr<service::Service> m_service;
};

/// Clients that read and write at the same time, in rounds, and know what every file may be: what was
/// acknowledged last, or, after a write that was refused, one of the two.
class MixedLoad
{
public:
    explicit MixedLoad(LocalRing &ring)
        : m_ring(ring)
    {
    }

    /// Writes so many files, which must succeed.
    Status fill(int files);
    /// A few reads and writes at once, all of different files.
    void round();
    /// Rounds until that is so.
    bool roundsUntil(const std::function<bool()> &done, int limit);

    int reads() const { return m_reads; }
    int writes() const { return m_writes; }
    int refused() const { return m_refused; }
    /// Reads that failed, or were wrong.
    const QByteArrayList &failures() const { return m_failures; }
    /// What is wrong with the files on the disks: each must be on exactly so many servers, with what it may
    /// be, all the same; and nothing else may be there.
    QByteArray faults(int copies, const QList<int> &servers);

private:
    struct Request
    {
        QByteArray path;
        QByteArray content; ///< Of a write.
        std::unique_ptr<HttpClient> client;
    };

    Request begin(const QByteArray &path, bool write);
    void finish(Request &request);

    LocalRing &m_ring;
    QMap<QByteArray, QByteArrayList> m_files; ///< What each may be.
    int m_version = 0;
    int m_reads = 0;
    int m_writes = 0;
    int m_refused = 0;
    QByteArrayList m_failures;
    SeededRandom m_random{4711};
};

} // namespace cring::test
