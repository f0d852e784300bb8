// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/connectionquota.h"
#include "core/ssh/signer.h"
#include "core/ssh/standbysession.h"

#include <QThread>

namespace cring::ssh {

class StandbyRoom;

/// Answers what a Charm server answers by SSH, with the operator's server key, from the accounts as they were
/// last synchronised: tokens that it signs are accepted by the servers. Makes no accounts, and links none. A
/// client whose key has no account is told so, and never gets in.
///
/// It listens nowhere: the forwarder hands it clients, over a pair of sockets that it pumps like a session
/// with a server. Belongs to the event loop's thread; all of libssh happens on one thread of its own, where
/// no session waits for another. Destroying it cuts the sessions and takes milliseconds.
class StandbyServer final : public QObject
{
    Q_OBJECT

public:
    /// Asked for every client, on the event loop. The error says in a sentence why there is none now.
    using SignerSource = std::function<Result<Signer>()>;

    struct Options
    {
        /// It answers always (--disable-accounts), not only while no server does: clients are told other
        /// words.
        bool closed = false;
        int sessions = 256; ///< At the same time; more are refused.
        int sessionsPerAddress = 64;
        StandbyTimes times;
    };

    struct Stats
    {
        int open = 0;          ///< Now.
        quint64 admitted = 0;  ///< Since the start; so are the following.
        quint64 overLimit = 0; ///< Refused: too many.
        quint64 loggedIn = 0;
        quint64 turnedAway = 0; ///< Their keys have no account.
        quint64 commands = 0;
        quint64 tokens = 0; ///< Signed.
    };

    /// A client's conversation with it, seen from the forwarder. Closing `socket` ends it; the ticket is to
    /// be kept as long.
    struct Place
    {
        UniqueFd socket;
        http::ConnectionQuota::Ticket ticket;
    };

    /// `directory` and `clock` outlive it.
    StandbyServer(IAccountDirectory &directory, SignerSource signer, const IClock &clock,
                  const Options &options, QObject *parent = nullptr);
    ~StandbyServer() override;

    bool closed() const { return m_options.closed; }

    /// Code::LoginRefused, whose text says why the standby cannot take anybody, or this one, now.
    Result<Place> admit(const QHostAddress &peer);

    Stats stats() const;
    /// Why it could not take anybody now: there is no server key that fits, or no accounts are known.
    Status readiness() const;

private:
    Result<std::shared_ptr<StandbyHost>> host();
    QString wordsToStrangers() const;
    void unlink(const QByteArray &charmId, const QByteArray &keyText, const QPointer<QObject> &session,
                const StandbySession::Reply &reply);

    IAccountDirectory &m_directory;
    const SignerSource m_signer;
    const IClock &m_clock;
    const Options m_options;
    http::ConnectionQuota m_quota;
    std::shared_ptr<StandbyHost> m_host;
    StandbyCounters m_counters;
    quint64 m_admitted = 0;
    quint64 m_overLimit = 0;
    QThread m_thread;
    StandbyRoom *m_room; ///< Lives and dies on m_thread.
};

} // namespace cring::ssh
