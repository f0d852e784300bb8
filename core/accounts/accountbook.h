// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountsync.h"
#include "core/accounts/localdatabase.h"
#include "core/accounts/localservers.h"
#include "core/accounts/remoteservers.h"
#include "core/base/clock.h"
#include "core/base/random.h"

namespace cring::accounts {

/// The worker's side of an AccountKeeper: what is known of the accounts, and the rounds. Blocks: one call at
/// a time, on a worker's thread.
class AccountBook final
{
public:
    /// Of the state directory.
    static inline const QString kFile = QStringLiteral("accounts");

    struct Server
    {
        QString id; ///< The backend's.
        QString name;
        std::optional<config::NodePlace> data; ///< Nothing: no access to it.
    };
    struct Source
    {
        Server server;
        /// One of the two: where it is.
        std::optional<RemoteServers::Access> remote;
        std::optional<LocalServers::Access> local;
        QByteArray signingKey = {}; ///< 32 bytes, as the server itself shows it; "": not known.
    };
    struct Known
    {
        AccountSet accounts;
        KeyOwners owners;
        Gone gone;
        std::set<QByteArray> disabled; ///< Gone::allDisabled()
    };
    using Edit = std::function<Status(Synchronised &)>;
    struct Edited
    {
        Status status;
        std::shared_ptr<const Known> known; ///< Nothing: as before.
    };
    struct Outcome
    {
        RoundOutcome round;
        Status kept;                        ///< Whether it could be written down.
        std::shared_ptr<const Known> known; ///< Nothing: as before.
    };

    /// `directory` "" writes nothing down. The clock outlives it. patience: with each server's folder on this
    /// machine.
    AccountBook(QString directory, const IClock &clock,
                std::chrono::milliseconds patience = LocalDatabase::kPatience);

    /// What was written down. Errors: AccountsSeen (it is damaged: begins with nothing); NodeFile, NodeFull:
    /// nothing is done until it can be read, which each round tries again.
    Status load();
    std::shared_ptr<const Known> known() const;
    /// Servers that are of another cluster, as far as keys can tell, or could not be reached take no part.
    /// configured: how many servers there are, with those to which nothing gives access.
    /// keepGone: how long it is remembered what people have taken away, at least.
    Outcome round(const QList<Source> &sources, size_t configured, std::chrono::milliseconds keepGone,
                  const std::stop_token &stop);
    /// What fails, or cannot be written down, has changed nothing.
    Edited edit(const Edit &edit);
    const Synchronised &state() const { return m_state; }

    static QString databaseIn(const config::NodePlace &place);

private:
    struct Candidate;

    std::vector<Candidate> candidates(const QList<Source> &sources) const;
    QByteArray ownKey(const std::vector<Candidate> &candidates) const;
    Error whyLeftOut(const Candidate &one, const std::vector<Candidate> &all) const;
    void openLocal(const QList<Source> &sources);
    void forgetChanged(const QList<Source> &sources);
    void prune(std::chrono::milliseconds keepGone, bool allHeard);
    Status keep();
    Status readAtLast();

    const QString m_directory;
    const IClock &m_clock;
    const std::chrono::milliseconds m_patience;
    /// By file, across rounds: a thread that hangs in one keeps others out of it.
    std::map<QString, std::unique_ptr<LocalDatabase>> m_local;
    Synchronised m_state;
    std::optional<Error> m_unread; ///< The file is there, and could not be read.
    SystemRandom m_random;
    AccountSync m_sync{m_random, &m_clock}; ///< With what it has read in earlier rounds.
    std::map<QString, QByteArray> m_read;   ///< By server: of what.
    qint64 m_lastTime = 0;                  ///< Of the last round with a server; the file's may be older.
    std::optional<std::chrono::milliseconds> m_pruned; ///< On the steady clock.
    bool m_unkept = false;                             ///< What is in the file is older.
};

} // namespace cring::accounts
