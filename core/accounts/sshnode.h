// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"
#include "core/accounts/sshaccess.h"

#include <memory>
#include <stop_token>

namespace cring {
class IClock;
} // namespace cring

namespace cring::accounts {

class SshConnection;

/// A data directory on a machine that is reached by SSH: files by SFTP, programs through the login shell of
/// its user, which has to be a POSIX one. Connects with the first call, and again after a connection was
/// lost; the call that lost it has failed by then.
class SshNode final : public INode
{
public:
    /// The clock outlives it.
    SshNode(config::NodePlace place, SshAccess access, const IClock &clock, std::stop_token stop);
    ~SshNode() override;

    const config::NodePlace &place() const override { return m_place; }
    Result<std::optional<NodeEntry>> stat(const QString &path) override;
    Result<QList<NodeEntry>> list(const QString &path) override;
    Status makeFolder(const QString &path, quint32 mode) override;
    Status read(const QString &path, qint64 most, const Sink &sink) override;
    Status write(const QString &path, const Source &source, quint32 mode) override;
    Status remove(const QString &path) override;
    Result<std::optional<qint64>> freeBytes() override;
    Result<NodeOutcome> run(const NodeCommand &command) override;

private:
    class Sftp;
    struct OpenFile;

    Result<SshConnection *> connection();
    Result<Sftp *> sftp(const QString &path);
    QByteArray native(const QString &path) const;
    Error failure(const char *what, const QString &path);
    Status fill(Sftp &sftp, const QString &path, const Source &source, quint32 mode);
    Status replace(Sftp &sftp, const QString &path);
    Error explained(const Error &error, const QString &path);

    const config::NodePlace m_place;
    const SshAccess m_access;
    const IClock &m_clock;
    const std::stop_token m_stop;
    std::unique_ptr<SshConnection> m_connection;
    std::unique_ptr<Sftp> m_sftp; ///< Of the connection.
};

} // namespace cring::accounts
