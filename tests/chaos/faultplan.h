// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QtGlobal>

#include <chrono>
#include <vector>

namespace cring::chaos {

using std::chrono::milliseconds;

/// Something that is done to the ring or a server, and undone after a while.
struct Fault
{
    enum class Kind {
        KillRing,   ///< SIGKILL, and a new start on the same state directory.
        KillServer, ///< SIGKILL, and a new start.
        StopServer, ///< SIGSTOP and SIGCONT.
    };

    Kind kind;
    int server; ///< −1: the ring.
    milliseconds at;
    milliseconds length;

    bool operator==(const Fault &) const = default;

    /// "at 1.234 s charm2 is stopped for 0.5 s".
    QByteArray words() const;
};

struct FaultOptions
{
    quint64 seed = 1;
    int kills = 10; ///< Of the ring. The last one comes at the end of the load.
    int servers = 3;
    bool serverFaults = true;
    milliseconds duration{10'000};
};

/// What is done, in order of time: it follows from the options alone.
std::vector<Fault> planFaults(const FaultOptions &options);

} // namespace cring::chaos
