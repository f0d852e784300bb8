// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/waiter.h"
#include "core/base/result.h"

#include <QByteArray>
#include <QProcessEnvironment>
#include <QStringList>

#include <memory>

namespace cring::playground {

class ChildProcess;

/// The real `charm` command line with a home of its own: one person on one machine. Not thread-safe.
class CharmClient
{
public:
    struct Output
    {
        int exitCode = -1; ///< -1 when it was killed or ran into the time limit.
        bool timedOut = false;
        QByteArray out;
        QByteArray err;
        milliseconds took{0};

        bool ok() const { return exitCode == 0; }

        /// Everything, for a failed test.
        QByteArray text() const;
    };

    /// home is made when it is not there.
    CharmClient(QString program, QString home, Waiter waiter = blockingWaiter());

    /// From now on it talks to this server or ring. The client keeps one key for each host name
    /// (client/client.go, DataPath); the key that it has already is put in place under the new name, so that
    /// it stays the same person.
    void pointAt(const QString &host, quint16 sshPort, quint16 httpPort);
    /// Makes this client another machine of the same person. Before the first run, after pointAt().
    Status adoptKeyOf(const CharmClient &other);

    Output run(const QStringList &arguments, const QByteArray &input = {},
               milliseconds limit = milliseconds(60'000));
    /// Starts it and returns at once, for what waits for a partner (`charm link`) or is to be interrupted.
    /// Output is read with readAllStandardOutput(), and needs a running event loop or the waitFor… calls.
    std::unique_ptr<ChildProcess> launch(const QStringList &arguments) const;

    /// The same on a terminal of its own, made by script(1), for the commands that draw (`charm link`).
    std::unique_ptr<ChildProcess> launchOnTerminal(const QStringList &arguments) const;

    /// CHARM_DATA_DIR: keys and key-value databases, in a folder for each host name.
    QString dataDir() const { return m_home + QStringLiteral("/charm"); }

    const QString &home() const { return m_home; }

    /// The private key that it shows to the host that it points at; there after the first run.
    QString keyFile() const;

    /// For what a test wants on top, such as SSL_CERT_FILE.
    void setVariable(const QString &name, const QString &value) { m_environment.insert(name, value); }

    /// NAME=VALUE of CHARM_HOST, CHARM_SSH_PORT, CHARM_HTTP_PORT, CHARM_DATA_DIR.
    QStringList exports() const;

private:
    std::unique_ptr<ChildProcess> launchProgram(const QString &program, const QStringList &arguments,
                                                const QString &terminal) const;

    QString m_program;
    QString m_home;
    QString m_host;
    Waiter m_waiter;
    QProcessEnvironment m_environment;
};

} // namespace cring::playground
