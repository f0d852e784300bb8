// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/childprocess.h"
#include "core/base/result.h"

#include <QStringList>
#include <QTemporaryDir>

#include <memory>

namespace cring::test {

/// A real sshd (Debian's openssh-server) on a free port, with configuration, host key and one person's key in
/// a temporary folder. It runs as an unprivileged user, and only that user can log in. Ends with this object.
class SshServer
{
public:
    SshServer();
    ~SshServer();

    /// Lines that go into its configuration, before start().
    void configure(const QStringList &lines) { m_more = lines; }
    /// Makes the keys when there are none, runs it, and waits until it listens (10 s at most).
    Status start();
    /// With the connections that it has.
    void stop();
    /// SIGSTOP to it and its connections: the kernel still accepts connections.
    void pause();
    void resume();
    /// From the next start() on it has another host key.
    Status changeHostKey();

    QString host() const { return m_address; }
    quint16 port() const { return m_port; }
    /// Who can log in.
    QString user() const;
    /// That person's private key.
    QString keyFile() const { return path("id_ed25519"); }
    /// A known_hosts file with the first host key.
    QString knownHosts() const { return path("known_hosts"); }
    /// "ssh://USER@HOST:PORT" and the path, which begins with /.
    QString url(const QString &folder) const;
    /// For a failed test.
    QByteArray log() const;

private:
    QString path(const char *name) const { return m_folder.path() + QLatin1Char('/') + QLatin1String(name); }
    Status makeKey(const QString &file) const;
    Status writeFiles();
    QStringList command() const;
    void signalAll(int signal) const;

    QTemporaryDir m_folder;
    QString m_address;
    quint16 m_port = 0;
    QStringList m_more;
    std::unique_ptr<playground::ChildProcess> m_process;
};

} // namespace cring::test
