// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/charmcluster.h"
#include "app/playground/ringprocess.h"
#include "tests/chaos/oracle.h"
#include "tests/support/bareconnection.h"
#include "tests/support/powercut.h"

#include <set>

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
        bool powerCuts = false; ///< killRing() ends the machine that the ring runs on.
        quint64 seed = 1;       ///< Of what a power cut leaves.
    };

    static constexpr int Servers = 3;

    explicit Site(Options options);

    Status start();

    playground::CharmServer &server(int index) { return m_cluster.at(index); }
    playground::RingProcess &ring() { return *m_ring; }
    /// With SIGKILL, or by cutting the power: then what it had not brought to the disk is lost, all of it or
    /// some.
    Status killRing();
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
    /// The ring has gone through all files on all servers since it was started, and met nothing under way.
    bool isGoneThrough();
    /// What the ring leaves to a person.
    std::set<PathKey> findings();

private:
    playground::RingOptions ringOptions();
    Status preparePower(playground::RingOptions &options);
    QByteArray ask(const QStringList &arguments);

    Options m_options;
    playground::CharmCluster m_cluster;
    std::unique_ptr<playground::RingProcess> m_ring;
    std::unique_ptr<test::PowerCut> m_power;
    SeededRandom m_random;
    qint64 m_killed = 0; ///< When the ring was, the last time: ms since 1970.
};

} // namespace cring::chaos
