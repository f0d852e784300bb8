// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QProcess>

#include <chrono>

namespace cring::playground {

/// A child that cannot outlive this program: the kernel kills it when the thread that started it ends,
/// however that came about (prctl(2), PR_SET_PDEATHSIG). It stands in a process group of its own, so that
/// Ctrl-C in a terminal reaches this program alone, which then ends its children in order. Start it from the
/// main thread.
class ChildProcess : public QProcess
{
public:
    enum class User {
        Same,         ///< Whoever runs this program.
        Unprivileged, ///< nobody (65534) when this program runs as root: root hides faults of permissions.
    };

    explicit ChildProcess(User user = User::Same, QObject *parent = nullptr);
    /// Kills what still runs and reaps it.
    ~ChildProcess() override;

    /// SIGTERM, and SIGKILL when it is still there after the grace time. Blocks until it is reaped.
    void stop(std::chrono::milliseconds grace);
    /// SIGKILL. Blocks until it is reaped.
    void kill9();
    /// SIGSTOP: it keeps its sockets, and answers nothing. Returns when all its threads stand still.
    void pause();
    /// SIGCONT.
    void resume();

    /// Whether Unprivileged changes the user here, that is, whether this program is root.
    static bool dropsPrivileges();
    /// Gives path to the user under which an Unprivileged child runs; nothing to do without root.
    static bool giveTo(const QString &path, User user);
    static bool giveTreeTo(const QString &path, User user);

private:
    void signalChild(int signal);
};

} // namespace cring::playground
