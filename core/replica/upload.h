// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/multipart.h"
#include "core/replica/digest.h"
#include "core/replica/uploadflow.h"
#include "core/replica/uploadplace.h"
#include "core/replica/uploadrecord.h"

#include <optional>

namespace cring::replica {

/// One replicated write of a file: the write path of docs/architecture.md from the placement to the answer.
///
/// Fed with the body of a multipart upload as it comes (never more than the window ahead of the servers), it
/// passes it on to all owners and holds back the tail until a quorum of them has taken everything before it.
/// While no quorum can be reached, a local copy counts as one of them, where the configuration says so. It
/// answers at the quorum and lives on until every server has answered; then it deletes itself. One thread.
class Upload final : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Streaming,   ///< The body comes in and goes out; servers get ready.
        Gathering,   ///< The body is here but for the tail: a quorum of ready servers is waited for.
        Locking,     ///< The path is taken, the folders above it are made, the intent is written.
        Releasing,   ///< Tails are out: the quorum's answers are waited for.
        Deciding,    ///< No quorum, and no old version is left: the local copy goes to the disk, to be kept.
        RollingBack, ///< No quorum: those that stored it are put back, the local copy is withdrawn or kept.
        Answered,    ///< finished() was emitted; stragglers go on.
    };
    Q_ENUM(State)

    struct Spec
    {
        Credentials credentials;
        QByteArray path;   ///< Cleaned and escaped.
        QByteArray target; ///< As the client sent it.
        quint32 mode = 0;
        QByteArray contentType;
        qint64 contentLength = -1; ///< Of the multipart body in bytes; −1: chunked.
        /// Version of the record that it may take the place of, 0: none; otherwise it is refused with 409.
        std::optional<quint64> onlyOver;
        /// A client's, which people see among the transfers.
        bool isClients = false;
    };

    Upload(Environment &environment, Spec spec, charm::MultipartScanner scanner, QObject *parent);
    ~Upload() override;

    /// finished() may come before this returns to the event loop.
    void start();
    void feed(const QByteArray &data);
    void end();
    /// The client went away. Before the tails this ends it and nothing is stored.
    void cancel();
    /// The client must not send more for now.
    bool paused() const { return m_flow.paused(); }

Q_SIGNALS:
    void pausedChanged(bool paused);
    /// A quorum of servers has begun to read: a client that waits for 100 may get it.
    void prepared();
    /// Once. The answer for the client.
    void finished(const cring::replica::Outcome &outcome);

private:
    void handleFound();
    void pass(const QByteArray &data);
    void handleStreamChanged();
    void evaluate();
    void evaluateBeforeTails();
    void evaluateAfterTails();
    void updateFlow();
    void gather();
    void lockAndRelease();
    void prepareFolders();
    void recordFolders();
    void releaseTails();
    void refuseUnprepared();
    void succeed();
    void rollBack();
    void decide();
    void concludeRolledBack(const Outcome &outcome);
    void conclude(const Outcome &outcome);
    void finishIfSettled();
    void describe(Transfer &transfer) const;
    void countLocalCopy();
    void handleTimeout();
    void endGathering();
    void refuseLocking();
    void endReleasing();
    std::chrono::milliseconds patience() const;
    std::chrono::milliseconds answerTimeout() const;
    Record record() const;
    int quorum() const { return m_environment.config.quorum(); }
    bool tooFewAreReached() const;
    int needed() const;
    Outcome refusedByTally() const;
    void setState(State state);

    Environment &m_environment;
    Spec m_spec;
    ObjectKey m_key;
    charm::MultipartScanner m_scanner;
    UploadPlace m_place;
    PayloadDigest m_digest;
    State m_state = State::Streaming;
    OwnerSet m_owners;
    LocalCopy m_local;
    UploadFlow m_flow;
    UploadRecord m_written;
    QByteArray m_held;   ///< Not passed on yet: what may be the tail.
    qint64 m_passed = 0; ///< Offset in the body of the first byte of m_held.
    bool m_ended = false;
    bool m_prepared = false;
    bool m_evaluating = false;
    bool m_evaluateAgain = false;
    QTimer m_timer; ///< Of the state.
    PathLocks::Lease m_lease;
    std::unique_ptr<Rollback> m_rollback;
    bool m_foldersReady = false;
    bool m_foldersAsked = false; ///< On the way to servers, or made there.
    bool m_syncing = false;      ///< The intent, for the local copy.
    Transfers::Registration m_transfer;
    QString m_end = QStringLiteral("abandoned"); ///< As the transfer says it.
};

} // namespace cring::replica
