// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/names.h"
#include "core/config/secretstore.h"
#include "core/ssh/tokens.h"
#include "core/state/objectkey.h"

#include <map>

namespace cring::service {

/// Names of files as the person knows them, for accounts that the person's own Charm identity opens: made
/// when somebody on the person's own socket asks for them, kept in memory, never told to anyone else and
/// written nowhere (P10). Lives on the event loop's thread.
class FileNames final : public QObject
{
    Q_OBJECT

public:
    /// Keys that a client has made since are asked for no more often than that.
    static constexpr std::chrono::milliseconds kAskAgain{5'000};

    /// All of it outlives this.
    FileNames(ssh::Tokens &tokens, config::ISecretStore &secrets, const IClock &clock);

    /// Somebody wants to see names: logs in with the person's identity, if that was not done. changed()
    /// follows when there are more.
    void want();
    /// Nothing while it is hidden. For a file of the person's own, that may be with a newer key: asks again.
    std::optional<QByteArray> plain(const state::ObjectKey &key);
    /// Whose names are not hidden.
    QStringList accounts() const;
    /// Why there are none, in a sentence without an end; empty when there are, and while it is not known.
    QString problem() const { return accounts().isEmpty() ? m_problem : QString(); }

Q_SIGNALS:
    void changed();

private:
    struct Opened
    {
        QByteArray digest; ///< Of the private key that has opened them.
        QList<ssh::SealedKey> sealed;
        charm::Names names; ///< None: nothing could be opened with it.
    };

    void ask();
    void handleAvailable();
    void dropOthers();
    void askAgainFor(const QByteArray &account);
    void readKeys();
    void open(const ssh::SealedKeys &own, const Result<Secret> &privateKey);

    ssh::Tokens &m_tokens;
    config::ISecretStore &m_secrets;
    const IClock &m_clock;
    std::map<QByteArray, Opened> m_opened; ///< By account; only those whose private key was read.
    std::optional<std::chrono::milliseconds> m_asked;
    QString m_problem;
};

} // namespace cring::service
