// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/ringprocess.h"
#include "tests/support/charmcluster.h"

namespace cring::test {

/// The built `cring serve` (from $CRING_BIN, which ctest sets) in a temporary home. When the test fails, the
/// end of its log is printed. At its end, its log and its state directory are searched for secrets, which
/// fail the test (P10).
class CringProcess : private ClusterFolder, public playground::RingProcess
{
public:
    /// In front of a cluster, where its issuer says.
    explicit CringProcess(playground::CharmCluster &cluster);
    /// In front of anything, on a free port.
    explicit CringProcess(playground::RingOptions options);
    ~CringProcess() override;

    struct Output
    {
        int exitCode = -1;
        QByteArray out;
        QByteArray err;
    };

    /// `cring ARGUMENTS…` with the same home, to its end.
    Output runCommand(const QStringList &arguments,
                      playground::milliseconds limit = playground::milliseconds(10'000));

    qint64 residentKiB() const; ///< VmRSS
    qint64 peakKiB() const;     ///< VmHWM
    /// User and system time since it started.
    playground::milliseconds cpuTime() const;
    int openFiles() const;

    static QString program();

private:
    static playground::RingOptions prepared(playground::RingOptions options, const QString &home);
    qint64 statusValue(const char *name) const;
    void searchForSecrets() const;
};

/// Of any process: it runs, and has not ended without anybody who asks for its exit code.
bool isAlive(qint64 pid);

} // namespace cring::test
