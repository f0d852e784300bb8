// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/standbyserver.h"

#include "core/base/words.h"
#include "core/ssh/standbyroom.h"

#include <sys/socket.h>

#include <array>

namespace cring::ssh {

StandbyServer::StandbyServer(IAccountDirectory &directory, SignerSource signer, const IClock &clock,
                             const Options &options, QObject *parent)
    : QObject(parent)
    , m_directory(directory)
    , m_signer(std::move(signer))
    , m_clock(clock)
    , m_options(options)
    , m_quota(options.sessions, options.sessionsPerAddress)
    , m_room(new StandbyRoom({directory, clock, options.times, m_counters,
                              [this](const QByteArray &charmId, const QByteArray &keyText,
                                     const QPointer<QObject> &session, const StandbySession::Reply &reply) {
                                  unlink(charmId, keyText, session, reply);
                              }}))
{
    m_thread.setObjectName(QStringLiteral("cring-standby"));
    m_room->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_room, &QObject::deleteLater);
    m_thread.start();
}

StandbyServer::~StandbyServer()
{
    m_thread.quit();
    m_thread.wait();
}

Result<StandbyServer::Place> StandbyServer::admit(const QHostAddress &peer)
{
    const auto refusal = [](const QString &why) {
        return Error{Code::LoginRefused, why};
    };
    const Result<std::shared_ptr<StandbyHost>> host = this->host();
    if (!host)
        return refusal(host.error().detail);
    if (const Status ready = readiness(); !ready)
        return refusal(ready.error().detail);
    std::optional<http::ConnectionQuota::Ticket> ticket = m_quota.admit(peer);
    if (!ticket) {
        ++m_overLimit;
        return refusal(QStringLiteral("too many sessions are open already"));
    }
    std::array<int, 2> pair{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return refusal(QStringLiteral("this process has too many connections open"));
    UniqueFd ours(pair[0]);
    // A std::function is copied, a descriptor is not.
    auto theirs = std::make_shared<UniqueFd>(pair[1]);
    QMetaObject::invokeMethod(
        m_room,
        [room = m_room, theirs, own = *host, stranger = wordsToStrangers()] {
            room->take(std::move(*theirs), own, stranger);
        },
        Qt::QueuedConnection);
    ++m_admitted;
    return Place{std::move(ours), std::move(*ticket)};
}

StandbyServer::Stats StandbyServer::stats() const
{
    return {m_quota.admitted(),    m_admitted,          m_overLimit,      m_counters.loggedIn,
            m_counters.turnedAway, m_counters.commands, m_counters.tokens};
}

Status StandbyServer::readiness() const
{
    if (const Result<Signer> signer = m_signer(); !signer)
        return signer.error();
    if (!m_directory.synchronisedAt())
        return Error{Code::LoginRefused, QStringLiteral("no accounts have been synchronised yet")};
    return {};
}

/// The one that was used last, as long as key and issuer are the same.
Result<std::shared_ptr<StandbyHost>> StandbyServer::host()
{
    const Result<Signer> signer = m_signer();
    if (!signer)
        return signer.error();
    if (m_host && m_host->is(signer->key, signer->issuer))
        return m_host;
    const Result<std::shared_ptr<StandbyHost>> made = StandbyHost::make(signer->key, signer->issuer);
    if (made)
        m_host = *made;
    return made;
}

QString StandbyServer::wordsToStrangers() const
{
    if (m_options.closed)
        return QStringLiteral("this key belongs to no account, and none is made here: ask whoever runs this "
                              "service");
    const auto age = m_clock.wall() - m_directory.synchronisedAt().value_or(m_clock.wall());
    return QStringLiteral("no Charm server answers, and this key belonged to no account when they last did, "
                          "%1 ago: try again when one is back")
        .arg(words::duration(age));
}

/// On the standby's thread.
void StandbyServer::unlink(const QByteArray &charmId, const QByteArray &keyText,
                           const QPointer<QObject> &session, const StandbySession::Reply &reply)
{
    const auto back = [room = m_room, session, reply](const Status &status) {
        const auto deliver = [session, reply, status] {
            if (session)
                reply(status);
        };
        QMetaObject::invokeMethod(room, deliver, Qt::QueuedConnection);
    };
    const auto ask = [this, charmId, keyText, back] {
        m_directory.unlink(charmId, keyText, this, back);
    };
    QMetaObject::invokeMethod(this, ask, Qt::QueuedConnection);
}

} // namespace cring::ssh
