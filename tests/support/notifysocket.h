// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArrayList>
#include <QSocketNotifier>
#include <QString>

#include <memory>

namespace cring::test {

/// The socket on which a service manager hears its services (sd_notify(3)), for a test. What came is
/// collected while the event loop runs.
class NotifySocket
{
public:
    NotifySocket() = default;
    ~NotifySocket();
    Q_DISABLE_COPY_MOVE(NotifySocket)

    /// `path` is what NOTIFY_SOCKET is to say.
    Status open(const QString &path);

    const QString &path() const { return m_path; }

    /// One of these for each message, as it came.
    const QByteArrayList &messages() const { return m_messages; }

    /// How many messages have this line.
    int count(const QByteArray &line) const;
    /// What the last message with "KEY=" says; empty when none has it.
    QByteArray last(const QByteArray &key) const;
    void clear() { m_messages.clear(); }

private:
    void read();

    int m_fd = -1;
    QString m_path;
    QByteArrayList m_messages;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace cring::test
