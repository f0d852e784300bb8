// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/copylook.h"
#include "core/state/conflictdraft.h"

namespace cring::repair {

/// Keeps one server's copy of a path aside (state::Conflicts), so that it can be written over. One run; then
/// finished(). Reads no faster than the disk takes it.
class ConflictSaving final : public QObject
{
    Q_OBJECT

public:
    enum class Wanted {
        OtherVersion, ///< Whatever is not the record's; nothing there, or the record's version, is no loss.
        TheRecords,   ///< The version that holds now, and nothing else.
    };

    ConflictSaving(replica::Environment &environment, state::Conflicts &conflicts, health::Backend &server,
                   const replica::ObjectKey &key, const replica::Credentials &credentials, Wanted wanted,
                   QObject *parent);
    ~ConflictSaving() override;

    void start();
    /// A version was kept that was not kept before.
    bool isNew() const { return m_isNew; }

Q_SIGNALS:
    /// Once, from the event loop. Good when the copy can be written over without a loss; otherwise why not,
    /// to follow the server's name.
    void finished(const cring::Status &status);

private:
    void handlePiece(const QByteArray &piece);
    void handleLooked();
    void keep(const replica::CopyLook::Finding &finding);
    void end(const Status &status);

    state::Conflicts &m_conflicts;
    health::Backend &m_server;
    replica::ObjectKey m_key;
    Wanted m_wanted;
    std::optional<replica::Record> m_record;
    std::unique_ptr<state::ConflictDraft> m_draft;
    replica::CopyLook m_look;
    bool m_isNew = false;
    bool m_ended = false;
};

} // namespace cring::repair
