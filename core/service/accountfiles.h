// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/catalogue.h"

namespace cring::service {

/// Counts an account's files in the catalogue, in short steps so that the loop goes on. Lives on the loop.
class AccountFiles final : public QObject
{
    Q_OBJECT

public:
    /// The catalogue outlives it.
    AccountFiles(const state::Catalogue &catalogue, QByteArray charmId, QObject *parent);

    qint64 files() const { return m_files; }
    qint64 bytes() const { return m_bytes; }

    /// finished() comes in a later turn, and then it may be deleted.
    void start();

Q_SIGNALS:
    void finished();

private:
    void step();

    const state::Catalogue &m_catalogue;
    const QByteArray m_charmId;
    state::ObjectKey m_cursor;
    qint64 m_files = 0;
    qint64 m_bytes = 0;
    QTimer m_timer;
};

} // namespace cring::service
