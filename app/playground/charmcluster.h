// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/charmclient.h"
#include "app/playground/charmserver.h"

#include <functional>
#include <memory>
#include <vector>

namespace cring::playground {

struct CharmClusterOptions
{
    QString folder;  ///< Everything is made below it; it has to exist and outlive the cluster.
    int servers = 3; ///< On 1 to 3 loopback addresses of their own, and then in turn.
    int accounts = 1;
    QString publicUrl;                              ///< The issuer; "" = http:// and the front.
    QString serverName = QStringLiteral("charm%1"); ///< %1 counts from 1.
    Waiter waiter = blockingWaiter();
};

/// Several real Charm servers that stand for one another: the same key, accounts and issuer, as a ring needs
/// them. One server is started from nothing, the accounts are made with the real client, and its stopped data
/// directory is copied. Not thread-safe.
class CharmCluster
{
public:
    enum class Data {
        Shared, ///< Key and accounts of the cluster.
        Fresh,  ///< A key of its own, and no account.
    };
    using Tweak = std::function<void(CharmServerOptions &)>;

    explicit CharmCluster(CharmClusterOptions options);
    virtual ~CharmCluster() = default;

    /// Makes the accounts and starts all servers. tweak sees the options of each, by index, before it starts.
    Status start(const std::function<void(int, CharmServerOptions &)> &tweak = {});
    /// One more server, not started; it ends with the cluster.
    Result<CharmServer *> addServer(Data data, const Tweak &tweak = {});

    CharmServer &at(int index) { return *m_servers.at(static_cast<size_t>(index)); }

    int size() const { return static_cast<int>(m_servers.size()); }

    /// The client that owns an account, pointed at the front.
    CharmClient &client(int account = 0) { return *m_clients.at(static_cast<size_t>(account)); }

    const QString &charmId(int account = 0) const { return m_charmIds.at(account); }

    /// A person whom no server knows yet, pointed at the front.
    CharmClient *addStranger();

    /// Where the ring is to listen: the issuer names it. Free when the cluster was made.
    const QString &frontAddress() const { return m_frontAddress; }

    quint16 frontHttpPort() const { return m_frontHttpPort; }

    quint16 frontSshPort() const { return m_frontSshPort; }

    const QString &issuer() const { return m_options.publicUrl; }

    /// The private key that signs the cluster's tokens, in OpenSSH's format.
    QString signingKeyFile() const { return m_seed + QStringLiteral("/.ssh/charm_server_ed25519"); }

    const QString &program() const { return m_program; }

    void stopAll();

private:
    Status seed();
    Status makeAccount(CharmServer &server, int number);
    std::unique_ptr<CharmClient> newClient();

    CharmClusterOptions m_options;
    QString m_program;
    QString m_seed;
    QString m_frontAddress;
    quint16 m_frontHttpPort = 0;
    quint16 m_frontSshPort = 0;
    std::vector<std::unique_ptr<CharmServer>> m_servers;
    std::vector<std::unique_ptr<CharmClient>>
        m_clients; ///< The accounts first, then other machines and strangers.
    QStringList m_charmIds;
};

} // namespace cring::playground
