// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bodydigest.h"

namespace cring::backup {

namespace {

constexpr qint64 kPiece = 256 * 1024;
/// Read and not yet worked in.
constexpr qint64 kBehind = 512 * 1024;

} // namespace

BodyDigest::BodyDigest(Hash hash, std::shared_ptr<IBodySource> body, qint64 partSize, Workers &workers,
                       Done done, QObject *parent)
    : QObject(parent)
    , m_hash(hash)
    , m_body(std::move(body))
    , m_partSize(partSize)
    , m_workers(workers)
    , m_done(std::move(done))
    , m_whole(hash, workers)
{
    connect(&m_whole, &RunningDigest::advanced, this, &BodyDigest::advance);
    QMetaObject::invokeMethod(this, &BodyDigest::advance, Qt::QueuedConnection);
}

void BodyDigest::advance()
{
    if (m_reading || m_read || !m_done)
        return;
    if (m_whole.behind() >= kBehind || (m_part && m_part->behind() >= kBehind))
        return;
    if (m_at == m_body->size()) {
        m_read = true;
        endPart();
        m_whole.finish([this](const QByteArray &digest) {
            m_digests.whole = digest;
            --m_unfinished;
            completeIfDone();
        });
        return;
    }
    if (m_partSize > 0 && m_at == m_partEnd) {
        endPart();
        beginPart();
    }
    m_reading = true;
    const qint64 end = m_partSize > 0 ? m_partEnd : m_body->size();
    m_body->read(m_at, std::min(kPiece, end - m_at), this,
                 [this](const Result<QByteArray> &piece) { handlePiece(piece); });
}

void BodyDigest::handlePiece(const Result<QByteArray> &piece)
{
    m_reading = false;
    if (!piece) {
        end(piece.error());
        return;
    }
    m_at += piece->size();
    if (m_part)
        m_part->add(*piece);
    m_whole.add(*piece);
    advance();
}

void BodyDigest::beginPart()
{
    m_partEnd = std::min(m_at + m_partSize, m_body->size());
    m_digests.parts.append(QByteArray());
    ++m_unfinished;
    m_part = new RunningDigest(m_hash, m_workers, this);
    connect(m_part, &RunningDigest::advanced, this, &BodyDigest::advance);
}

void BodyDigest::endPart()
{
    if (!m_part)
        return;
    // The next one may be done before it.
    RunningDigest *part = std::exchange(m_part, nullptr);
    part->finish([this, part, index = m_digests.parts.size() - 1](const QByteArray &digest) {
        m_digests.parts[index] = digest;
        part->deleteLater();
        --m_unfinished;
        completeIfDone();
    });
}

void BodyDigest::completeIfDone()
{
    if (m_read && m_unfinished == 0)
        end(std::move(m_digests));
}

void BodyDigest::end(Result<Digests> result)
{
    const Done done = std::exchange(m_done, nullptr);
    deleteLater();
    if (done)
        done(std::move(result));
}

} // namespace cring::backup
