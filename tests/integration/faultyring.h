// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/cringprocess.h"
#include "tests/support/faultyserver.h"
#include "tests/support/httpclient.h"

#include <QElapsedTimer>
#include <QJsonArray>

#include <vector>

namespace cring::test {

/// Three real Charm servers, or more, with the ring in front of them. Between the ring and any of the servers
/// stands, where a test wants it, a FaultyServer. The ring can be started anew, which makes it forget what it
/// knew.
class FaultyRing
{
public:
    static constexpr int Servers = 3; ///< Unless a test wants more.

    enum class Pace {
        Quick,   ///< Looks after its servers often: what a test waits for comes soon.
        Default, ///< As it does at a person's.
    };

    explicit FaultyRing(int servers = Servers);

    CharmCluster &cluster() { return m_cluster; }
    CharmServer &at(int index) { return m_cluster.at(index); }
    CringProcess &ring() { return *m_ring; }

    Status startServers(const std::function<void(int, CharmServerOptions &)> &tweak = {});
    /// faulty: the servers that get a FaultyServer in front of them. Ends the ring that ran before. Returns
    /// when the ring sees all servers up.
    /// `serviceLines`: more settings of [service], and sections behind them; `arguments`: more of the command
    /// line.
    Status startRing(const QList<int> &faulty = {}, const QString &serviceLines = {}, Pace pace = Pace::Quick,
                     const QStringList &arguments = {});
    /// A ring that is started from now on has the operator's server key: it needs no client's token for what
    /// it owes. After startServers().
    Status useServerKey();
    /// A ring that is started from now on reaches the servers' data directories, and keeps their accounts
    /// equal.
    void shareData() { m_sharesData = true; }
    /// One that was stopped, on the same state directory; it sees all servers up when this returns.
    Status restartRing() { return awaitRing(); }
    /// With SIGKILL. The new one, on the same state directory, sees all servers up when this returns.
    Status killAndRestartRing();
    /// The ring gets other servers: it reads its configuration again, or is stopped and started on the same
    /// state directory. It sees them up when this returns.
    Status configure(const QList<playground::RingServer> &servers, bool restart);
    void stopRing() { m_ring.reset(); }
    bool isRunning() const { return m_ring && m_ring->isRunning(); }
    FaultyServer &front(int index) { return *m_fronts.at(static_cast<size_t>(index)); }

    struct Stranger
    {
        QByteArray id;
        QByteArray token;
    };

    /// An account that only that server has. Empty when it could not be made.
    Stranger strangerAt(int server);

    HttpClient client() { return HttpClient(m_ring->url()); }
    /// For /metrics and the like.
    HttpClient watcher() { return HttpClient(m_ring->address(), m_ring->metricsPort()); }
    HttpResponse upload(const QByteArray &path, const QByteArray &data, quint32 mode = 0644);
    HttpResponse makeFolder(const QByteArray &path);
    HttpResponse get(const QByteArray &path);
    HttpResponse remove(const QByteArray &path);
    /// The names that a listing shows, sorted; "status N" when there is none.
    QStringList names(const QByteArray &path);
    QByteArray token() const { return m_cluster.token(); }

    /// In what the servers' trees differ now, path by path.
    QByteArray difference();
    /// Waits until the servers' trees are equal; what differs, when they do not become so.
    QByteArray differenceAfter(int limit);
    /// A server holds something under that name.
    bool holds(int server, const QString &path);
    /// What a server's disk has there now; null when that is no file.
    QByteArray onDisk(int server, const QByteArray &path);
    QString diskPath(int server, const QByteArray &path);
    /// All servers that it has are up in the ring's eyes, and none is being left alone after a failed
    /// request.
    bool allUp();
    /// That server is up in the ring's eyes.
    bool isUp(int server);
    /// The name of the ring's primary.
    QString primary();

    static QByteArray target(const QByteArray &path) { return "/v1/fs/" + path; }
    /// Bytes that tell whose they are at every place: old and new ones differ in each block of 16.
    static QByteArray content(qsizetype size, const QByteArray &name);

private:
    Status awaitRing();
    Status awaitServers();
    QJsonArray backends();

    CharmCluster m_cluster;
    std::vector<std::unique_ptr<FaultyServer>> m_fronts;
    std::unique_ptr<CringProcess> m_ring;
    QString m_serverKey; ///< Lines of the configuration.
    bool m_sharesData = false;
};

/// A request that is under way while others are made.
class UnderWay
{
public:
    static UnderWay upload(FaultyRing &ring, const QByteArray &path, const QByteArray &data);
    static UnderWay makeFolder(FaultyRing &ring, const QByteArray &path);
    static UnderWay get(FaultyRing &ring, const QByteArray &path);
    static UnderWay remove(FaultyRing &ring, const QByteArray &path);

    /// Its answer, which has to be there that many milliseconds after it was sent; tookMs counts from then.
    HttpResponse within(int limit);

private:
    UnderWay(FaultyRing &ring, const QByteArray &bytes);
    static UnderWay bare(FaultyRing &ring, const QByteArray &method, const QByteArray &path);

    HttpClient m_client;
    QElapsedTimer m_sent;
};

/// A file too large to keep: its bytes are made on the way.
class LargeFile
{
public:
    LargeFile(qint64 size, const QByteArray &name);

    qint64 size() const { return m_size; }
    QByteArray sha256() const;
    /// Sends it as an upload, never more than a few MiB ahead of the peer, and reads the answer.
    HttpResponse uploadTo(HttpClient &client, const QByteArray &target, const QByteArray &token,
                          int limit = 60'000) const;

private:
    QByteArray piece(qint64 index) const;

    qint64 m_size;
    QByteArray m_name;
};

} // namespace cring::test
