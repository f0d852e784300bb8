// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/conflictsaving.h"
#include "core/replica/upload.h"

namespace cring::repair {

/// Makes a version that was kept aside the one that holds, by a replicated write like any client's. The one
/// that holds now is kept aside first, and where none holds, whatever the servers have; the kept one is
/// discarded when the write is acknowledged. Whatever interrupts it, both versions are somewhere, and it can
/// be done again.
///
/// Lives until every server has answered the write, then deletes itself.
class ConflictChoice final : public QObject
{
    Q_OBJECT

public:
    /// All of these outlive it.
    ConflictChoice(replica::Environment &environment, state::Conflicts &conflicts,
                   replica::ITokenSource &tokens, quint64 id, QObject *parent);
    ~ConflictChoice() override;

    void start();

Q_SIGNALS:
    /// Once, from the event loop. Errors: NotFound, TokenMissing and the like, ConflictsFull, StateFile,
    /// NoQuorum (the write was refused; nothing has changed), FileChanged.
    void finished(const cring::Status &status);

private:
    void keepCurrent();
    void tryNextHolder();
    void keepNextVersion();
    void owe();
    void upload();
    void feed();
    void handlePiece(const Result<QByteArray> &piece);
    void giveUp(const Error &error);
    bool isChanged() const;
    void beginAgain();
    void handleOutcome(const replica::Outcome &outcome);
    void end(const Status &status);
    void leave();

    replica::Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    state::Conflicts &m_conflicts;
    replica::ITokenSource &m_tokens;
    state::Conflicts::Version m_version;
    replica::Credentials m_credentials;
    std::optional<replica::Record> m_current; ///< What is replaced.
    QList<health::Backend *> m_holders;       ///< Of that one, or of whatever; still to be asked.
    QList<health::Backend *> m_away;          ///< May have something else that is not kept.
    QString m_problem;                        ///< Of the last one asked.
    std::unique_ptr<ConflictSaving> m_saving;
    QPointer<replica::Upload> m_upload;
    charm::Envelope m_envelope;
    qint64 m_fed = 0;                ///< Of the version's bytes.
    replica::PayloadDigest m_digest; ///< Of these.
    bool m_reading = false;
    bool m_writing = false; ///< The upload wants bytes, or is to be answered.
    int m_uploads = 0;      ///< Whose servers have not all answered.
    int m_attempts = 0;
    bool m_ended = false;
};

} // namespace cring::repair
