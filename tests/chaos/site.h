// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/charmcluster.h"
#include "app/playground/ringprocess.h"
#include "tests/chaos/oracle.h"
#include "tests/support/bareconnection.h"

namespace cring::chaos {

/// Three real Charm servers with the ring in front of them. Ends with this object. Main thread.
class Site
{
public:
    struct Options
    {
        QString folder;  ///< Everything is made below it; it has to exist.
        QString program; ///< The cring program.
        int accounts = 2;
        bool serverKey = false; ///< The ring gets the operator's server key, to make tokens with.
        bool localCopy = false; ///< service.local_copy
        bool debug = false;     ///< The ring's log has every message.
    };

    static constexpr int Servers = 3;

    explicit Site(Options options);

    Status start();

    playground::CharmServer &server(int index) { return m_cluster.at(index); }
    playground::RingProcess &ring() { return *m_ring; }
    /// Everything that is started from now on waits with it.
    void setWaiter(const playground::Waiter &waiter);

    test::Endpoint endpoint();
    /// A token of its own for each client.
    Result<QByteArray> token(int account, int client) const;
    /// The account's folder on a server's disk.
    QString folder(int server, int account);

    /// What lies on the servers' disks now.
    std::vector<Disk> disks();
    /// All disks have the same names, kinds, modes and sizes: a cheap look.
    bool looksEqual();
    /// The ring has the servers up.
    bool allUp();

private:
    playground::RingOptions ringOptions();

    Options m_options;
    playground::CharmCluster m_cluster;
    std::unique_ptr<playground::RingProcess> m_ring;
};

} // namespace cring::chaos
