// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/dialler.h"

#include <QHostInfo>
#include <QSocketNotifier>

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace cring::ssh {
using std::chrono::milliseconds;

namespace {

QString inWords(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return QStringLiteral("refused the connection");
    case ECONNRESET:
        return QStringLiteral("closed the connection at once");
    case ETIMEDOUT:
        return QStringLiteral("did not accept the connection in time");
    case EMFILE:
    case ENFILE:
        return QStringLiteral("was not asked: this process has too many connections open");
    case EHOSTUNREACH:
    case ENETUNREACH:
        return QStringLiteral("cannot be reached: no route to it");
    default:
        return QStringLiteral("cannot be reached: %1").arg(QString::fromLocal8Bit(std::strerror(error)));
    }
}

/// Fills in `storage` and returns its size.
socklen_t toNative(const QHostAddress &address, quint16 port, sockaddr_storage &storage)
{
    if (address.protocol() == QAbstractSocket::IPv6Protocol) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        v6.sin6_scope_id = address.scopeId().toUInt();
        const Q_IPV6ADDR bytes = address.toIPv6Address();
        std::memcpy(&v6.sin6_addr, &bytes, sizeof v6.sin6_addr);
        std::memcpy(&storage, &v6, sizeof v6);
        return sizeof v6;
    }
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.toIPv4Address());
    std::memcpy(&storage, &v4, sizeof v4);
    return sizeof v4;
}

} // namespace

Dialler::Dialler(QObject *parent)
    : QObject(parent)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        m_blameless = false;
        give(QStringLiteral("did not accept the connection in time"));
    });
}

Dialler::~Dialler()
{
    abortLookup();
}

void Dialler::dial(const QString &host, quint16 port, milliseconds timeout)
{
    m_port = port;
    m_lastReason = QStringLiteral("cannot be found: no such host");
    m_timer.start(timeout);
    const QHostAddress literal(host);
    if (literal.isNull()) {
        m_lookup = QHostInfo::lookupHost(host, this, &Dialler::handleLookedUp);
        return;
    }
    m_addresses = {literal};
    QMetaObject::invokeMethod(this, &Dialler::tryNext, Qt::QueuedConnection);
}

UniqueFd Dialler::takeSocket()
{
    return std::move(m_fd);
}

void Dialler::handleLookedUp(const QHostInfo &info)
{
    m_lookup = -1;
    m_addresses = info.addresses();
    tryNext();
}

void Dialler::tryNext()
{
    while (!m_addresses.isEmpty()) {
        const QHostAddress address = m_addresses.takeFirst();
        sockaddr_storage storage{};
        const socklen_t size = toNative(address, m_port, storage);
        m_fd = UniqueFd(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (m_fd && (::connect(m_fd.get(), reinterpret_cast<sockaddr *>(&storage), size) == 0 ||
                     errno == EINPROGRESS)) {
            m_notifier = std::make_unique<QSocketNotifier>(m_fd.get(), QSocketNotifier::Write);
            connect(m_notifier.get(), &QSocketNotifier::activated, this, &Dialler::handleWritable);
            return;
        }
        remember(errno);
    }
    give(m_lastReason);
}

void Dialler::handleWritable()
{
    // Not deleted here: this is its signal.
    m_notifier->setEnabled(false);
    m_notifier.release()->deleteLater();
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(m_fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0) {
        m_timer.stop();
        Q_EMIT connected();
        return;
    }
    remember(error);
    tryNext();
}

void Dialler::remember(int error)
{
    m_lastReason = inWords(error);
    m_blameless =
        error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == EADDRNOTAVAIL;
}

void Dialler::abortLookup()
{
    if (m_lookup >= 0)
        QHostInfo::abortHostLookup(m_lookup);
    m_lookup = -1;
}

void Dialler::give(const QString &reason)
{
    m_timer.stop();
    abortLookup();
    m_notifier.reset();
    m_fd.reset();
    m_addresses.clear();
    Q_EMIT failed(reason, m_blameless);
}

} // namespace cring::ssh
