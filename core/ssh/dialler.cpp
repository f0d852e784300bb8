// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/dialler.h"

#include <QHostInfo>
#include <QSocketNotifier>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cring::ssh {
using std::chrono::milliseconds;

namespace {

/// RFC 8305, section 8: the recommended Connection Attempt Delay.
constexpr milliseconds kHeadStart{250};
/// A name with more is a mistake, or somebody else's idea of one: each costs a descriptor.
constexpr qsizetype kMostAddresses = 8;

/// RFC 8305, section 4: a family that is broken as a whole costs one head start, not one for each of its
/// addresses.
QList<QHostAddress> familiesInTurn(const QList<QHostAddress> &addresses)
{
    QList<QHostAddress> preferred;
    QList<QHostAddress> others;
    for (const QHostAddress &address : addresses)
        (address.protocol() == addresses.first().protocol() ? preferred : others).append(address);
    QList<QHostAddress> mixed;
    for (qsizetype i = 0; i < std::max(preferred.size(), others.size()); ++i)
        mixed += preferred.mid(i, 1) + others.mid(i, 1);
    return mixed;
}

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
    m_headStart.setSingleShot(true);
    connect(&m_headStart, &QTimer::timeout, this, &Dialler::tryNext);
}

Dialler::~Dialler()
{
    abortLookup();
}

void Dialler::dial(const QString &host, quint16 port, milliseconds timeout)
{
    const QHostAddress literal(host);
    if (!literal.isNull()) {
        dial(QList<QHostAddress>{literal}, port, timeout);
        return;
    }
    m_port = port;
    m_timer.start(timeout);
    m_lookup = QHostInfo::lookupHost(host, this, &Dialler::handleLookedUp);
}

void Dialler::dial(const QList<QHostAddress> &addresses, quint16 port, milliseconds timeout)
{
    m_port = port;
    m_timer.start(timeout);
    const auto begin = [this, addresses] {
        if (m_timer.isActive()) // Else it has failed already.
            race(addresses);
    };
    QMetaObject::invokeMethod(this, begin, Qt::QueuedConnection);
}

UniqueFd Dialler::takeSocket()
{
    return std::move(m_fd);
}

void Dialler::handleLookedUp(const QHostInfo &info)
{
    m_lookup = -1;
    race(info.addresses());
}

void Dialler::race(const QList<QHostAddress> &addresses)
{
    m_addresses = familiesInTurn(addresses).first(std::min(addresses.size(), kMostAddresses));
    // All of them get their turn before the time is over.
    const milliseconds share = m_timer.remainingTimeAsDuration() / std::max<qsizetype>(1, m_addresses.size());
    m_headStart.setInterval(std::min(share, kHeadStart));
    tryNext();
}

/// Whoever called it, at least one attempt is under way afterwards, or the race is lost.
void Dialler::tryNext()
{
    while (!m_addresses.isEmpty()) {
        if (!start(m_addresses.takeFirst()))
            continue;
        if (!m_addresses.isEmpty())
            m_headStart.start();
        return;
    }
    if (m_attempts.empty())
        give(m_lastReason);
}

bool Dialler::start(const QHostAddress &address)
{
    sockaddr_storage storage{};
    const socklen_t size = toNative(address, m_port, storage);
    UniqueFd fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd ||
        (::connect(fd.get(), reinterpret_cast<sockaddr *>(&storage), size) != 0 && errno != EINPROGRESS)) {
        remember(errno);
        return false;
    }
    const int descriptor = fd.get();
    auto notifier = std::make_unique<QSocketNotifier>(descriptor, QSocketNotifier::Write);
    connect(notifier.get(), &QSocketNotifier::activated, this,
            [this, descriptor] { handleWritable(descriptor); });
    m_attempts.push_back({std::move(fd), std::move(notifier)});
    return true;
}

void Dialler::handleWritable(int descriptor)
{
    Attempt attempt = take(descriptor);
    // Not deleted here: this is its signal.
    attempt.notifier->setEnabled(false);
    attempt.notifier.release()->deleteLater();
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0) {
        m_timer.stop();
        abandonAttempts();
        m_fd = std::move(attempt.fd);
        Q_EMIT connected();
        return;
    }
    remember(error);
    m_headStart.stop();
    tryNext();
}

Dialler::Attempt Dialler::take(int descriptor)
{
    const auto found = std::ranges::find_if(
        m_attempts, [descriptor](const Attempt &attempt) { return attempt.fd.get() == descriptor; });
    Attempt attempt = std::move(*found);
    m_attempts.erase(found);
    return attempt;
}

void Dialler::abandonAttempts()
{
    m_headStart.stop();
    m_addresses.clear();
    m_attempts.clear();
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
    abandonAttempts();
    Q_EMIT failed(reason, m_blameless);
}

} // namespace cring::ssh
