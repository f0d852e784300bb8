// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/bodyreader.h"

namespace cring::state {

BodyReader::BodyReader(BodyStore &store, quint64 id, QObject *parent)
    : QObject(parent)
    , m_store(store)
    , m_id(id)
    , m_file(std::make_shared<QFile>())
{
}

void BodyReader::start()
{
    m_started = true;
    if (!m_paused)
        readNext();
}

void BodyReader::setPaused(bool paused)
{
    m_paused = paused;
    if (m_started && !paused && !m_reading && !m_ended)
        readNext();
}

void BodyReader::readNext()
{
    m_reading = true;
    const auto piece = std::make_shared<Result<QByteArray>>(QByteArray());
    m_store.work(
        m_id,
        [file = m_file, id = m_id, piece](const BodyFiles &files) {
            if (!file->isOpen()) {
                if (const Status opened = files.open(*file, id); !opened) {
                    *piece = opened.error();
                    return;
                }
            }
            *piece = BodyFiles::readNext(*file, kPiece);
        },
        this,
        [this, piece] {
            m_reading = false;
            m_ended = !*piece || (*piece)->isEmpty();
            if (!*piece) {
                Q_EMIT failed(piece->error());
                return;
            }
            if ((*piece)->isEmpty()) {
                Q_EMIT finished();
                return;
            }
            const QPointer<BodyReader> self(this);
            Q_EMIT arrived(**piece);
            if (self && !m_paused && !m_reading)
                readNext();
        });
}

} // namespace cring::state
