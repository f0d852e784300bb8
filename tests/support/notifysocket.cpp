// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/notifysocket.h"

#include <QFile>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace cring::test {

NotifySocket::~NotifySocket()
{
    m_notifier.reset();
    if (m_fd >= 0)
        ::close(m_fd);
}

Status NotifySocket::open(const QString &path)
{
    sockaddr_un address{};
    const QByteArray name = QFile::encodeName(path);
    if (name.size() >= static_cast<qsizetype>(sizeof address.sun_path))
        return Error{Code::NotFound, QStringLiteral("%1 is too long for a socket").arg(path)};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
    m_fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m_fd < 0 || ::bind(m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return Error{Code::NotFound,
                     QStringLiteral("%1: %2").arg(path, QString::fromLocal8Bit(std::strerror(errno)))};
    m_path = path;
    m_notifier = std::make_unique<QSocketNotifier>(m_fd, QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), [this] { read(); });
    return {};
}

int NotifySocket::count(const QByteArray &line) const
{
    int found = 0;
    for (const QByteArray &message : m_messages)
        found += static_cast<int>(message.split('\n').count(line));
    return found;
}

QByteArray NotifySocket::last(const QByteArray &key) const
{
    QByteArray found;
    for (const QByteArray &message : m_messages) {
        for (const QByteArray &line : message.split('\n')) {
            if (line.startsWith(key + '='))
                found = line.sliced(key.size() + 1);
        }
    }
    return found;
}

void NotifySocket::read()
{
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t got = ::recv(m_fd, buffer.data(), buffer.size(), 0);
        if (got < 0)
            return;
        m_messages.append(QByteArray(buffer.data(), static_cast<qsizetype>(got)));
    }
}

} // namespace cring::test
