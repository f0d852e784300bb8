// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/bodydraft.h"

namespace cring::state {

BodyDraft::BodyDraft(BodyStore &store)
    : m_store(store)
    , m_id(store.nextId())
    , m_writing(std::make_shared<BodyFiles::Writing>())
{
}

BodyDraft::~BodyDraft()
{
    giveBack();
    if (!m_finishing)
        m_store.work(
            m_id, [writing = m_writing, id = m_id](const BodyFiles &files) { files.abandon(*writing, id); });
}

void BodyDraft::giveBack()
{
    m_store.m_drafted -= std::exchange(m_reserved, 0);
}

void BodyDraft::add(const QByteArray &piece)
{
    if (m_problem)
        return;
    if (!m_store.reserve(piece.size())) {
        fail(m_store.m_full);
        return;
    }
    const qint64 size = piece.size();
    m_reserved += size;
    m_size += size;
    m_unwritten += size;
    const auto problem = std::make_shared<std::optional<Error>>();
    m_store.work(
        m_id,
        [writing = m_writing, id = m_id, piece, problem](const BodyFiles &files) {
            files.write(*writing, id, piece);
            *problem = writing->problem;
        },
        this, [this, size, problem] { handleWritten(size, *problem); });
    if (m_unwritten > kWindow && m_unwritten - size <= kWindow)
        Q_EMIT behindChanged(true);
}

void BodyDraft::handleWritten(qint64 bytes, const std::optional<Error> &problem)
{
    const bool wasBehind = behind();
    m_unwritten -= bytes;
    if (problem && !m_problem) {
        fail(*problem);
        return;
    }
    if (wasBehind && !behind())
        Q_EMIT behindChanged(false);
}

void BodyDraft::fail(const Error &error)
{
    m_problem = error;
    Q_EMIT failed(error);
}

void BodyDraft::finish(BodyFiles::Note note, QObject *context, std::function<void(const Status &)> done)
{
    note.size = m_size;
    m_finishing = true;
    const auto status = std::make_shared<Status>();
    m_store.work(
        m_id,
        [writing = m_writing, id = m_id, note = std::move(note), status](const BodyFiles &files) {
            *status = files.finish(*writing, id, note);
            if (!*status)
                files.abandon(*writing, id);
        },
        context,
        [draft = QPointer(this), status, done = std::move(done)] {
            if (draft)
                draft->giveBack();
            done(*status);
        });
}

} // namespace cring::state
