// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/bodystore.h"

namespace cring::state {

/// Reads one body from its first byte to its last, piece by piece; once begun it goes on whatever becomes of
/// the body's name. Ends with finished() or failed(), from the event loop; none of them after its death. The
/// store outlives it.
class BodyReader final : public QObject
{
    Q_OBJECT

public:
    BodyReader(BodyStore &store, quint64 id, QObject *parent = nullptr);

    void start();
    /// At most one piece comes after a pause has begun.
    void setPaused(bool paused);

Q_SIGNALS:
    void arrived(const QByteArray &piece);
    void finished();
    void failed(const cring::Error &error);

private:
    static constexpr qint64 kPiece = 256 * 1024;

    void readNext();

    BodyStore &m_store;
    const quint64 m_id;
    std::shared_ptr<QFile> m_file; ///< The body's thread alone looks into it.
    bool m_started = false;
    bool m_reading = false;
    bool m_ended = false;
    bool m_paused = false;
};

} // namespace cring::state
