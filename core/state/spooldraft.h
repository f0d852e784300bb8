// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/bodydraft.h"
#include "core/state/spool.h"

namespace cring::state {

/// The body of one upload on its way into the spool. Fails with SpoolFull or StateFile. It belongs to the
/// upload until it is kept, and goes with it otherwise. The spool outlives it.
class SpoolDraft final : public BodyDraft
{
    Q_OBJECT

public:
    SpoolDraft(Spool &spool, BodyStore &bodies);
    ~SpoolDraft() override;

    /// `done` when all of it is on the disk and survives a power cut. Never when the draft dies first.
    void commit(const ObjectKey &key, const QByteArray &digest, quint32 mode,
                std::function<void(const Status &)> done);
    /// The record that it belongs to is in the catalogue.
    void keep();
    /// Committed or about to be, and nobody shall find it at the next start: `done` when it is off the disk.
    /// Never when the context has died.
    void withdraw(QObject *context, std::function<void()> done);

private:
    Spool &m_spool;
    bool m_withdrawn = false;
    bool m_committed = false; ///< The spool has it, and it is neither kept nor withdrawn.
};

} // namespace cring::state
