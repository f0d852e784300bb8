// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"
#include "core/state/spooldraft.h"

namespace cring::replica {

/// The copy of one upload on this machine's disk (service.local_copy), which counts as a server's while no
/// quorum of servers can be reached (docs/adr/0010). It follows the body: the beginning in memory, the rest
/// in the spool's file, so that an upload that is small or needs no such copy costs no work of the disk. What
/// it needs for being counted on is done when it is asked for. One thread.
class LocalCopy final : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Off,       ///< Not wanted: by the configuration, or because one server is a quorum.
        Following, ///< It has all that came.
        Syncing,   ///< All of it is on its way to the disk.
        Synced,    ///< It survives a power cut, and counts.
        Failed,    ///< reason() says why.
    };

    LocalCopy(Environment &environment, ObjectKey key);
    ~LocalCopy() override;

    State state() const { return m_state; }
    /// It counts, or may yet.
    bool isPossible() const { return m_state != State::Off && m_state != State::Failed; }
    bool isSynced() const { return m_state == State::Synced; }
    /// A start after this may find it: to be withdrawn before a refusal is told.
    bool isOnDisk() const { return m_draft && m_committed; }
    bool hasFailed() const { return m_state == State::Failed; }
    /// Of a failure, as a sentence without its end.
    const QString &reason() const { return m_reason; }

    /// The next bytes of the file.
    void add(QByteArrayView data);
    /// All has come: to the disk with it; changed() follows. Again: changes nothing.
    void sync(const Record &record);
    /// The upload was acknowledged: servers that lack it can have it from here.
    void keep();
    /// The upload is not to be: `done` when nobody can find it any more, at once where nobody could.
    void withdraw(std::function<void()> done);

    /// It counts no more; withdraw() may still have something to do.
    void drop(const QString &reason) { fail(reason); }
    /// The same, because it keeps others waiting.
    void dropAsSlow() { fail(QStringLiteral("the disk was too slow")); }

    // As with a server's stream, for UploadFlow.
    bool beforeTail() const { return m_state == State::Following; }
    bool blocked() const { return m_draft && m_draft->behind(); }
    bool stalls = false;
    std::chrono::milliseconds stalled{0};

Q_SIGNALS:
    /// state() or blocked() is another.
    void changed();

private:
    void write(const QByteArray &piece);
    void fail(const QString &reason);
    void dropDraft();

    Environment &m_environment;
    ObjectKey m_key;
    State m_state = State::Off;
    QByteArray m_beginning; ///< While there is no draft.
    std::unique_ptr<state::SpoolDraft> m_draft;
    bool m_committed = false; ///< Its bytes may have their name.
    QString m_reason;
};

} // namespace cring::replica
