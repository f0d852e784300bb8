// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/node.h"

#include <stop_token>

namespace cring {
class IClock;
} // namespace cring

namespace cring::accounts {

/// A data directory on this machine. As root, what it makes belongs to whom the folder above belongs. A file
/// system that hangs (a network one) cannot be called off.
class LocalNode final : public INode
{
public:
    /// The clock outlives it.
    LocalNode(config::NodePlace place, const IClock &clock, std::stop_token stop);

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
    QByteArray native(const QString &path) const;
    Error failure(const char *what, const QString &path, int error) const;
    Status begin(const QString &path) const;
    Status inherit(int fd, const QByteArray &above) const;
    Status fill(int fd, const QString &path, const Source &source, quint32 mode) const;

    const config::NodePlace m_place;
    const IClock &m_clock;
    const std::stop_token m_stop;
};

} // namespace cring::accounts
