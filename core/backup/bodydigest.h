// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bodysource.h"
#include "core/backup/runningdigest.h"

namespace cring::backup {

/// The digest of a body, and of its parts, in one reading. Other work comes in between: a body of any size
/// holds up no worker. Memory: a MiB, and 32 bytes a part.
///
/// Lives on the event loop's thread; the workers outlive it. `done` is called once, from the event loop,
/// unless this is destroyed first, which calls it off; deletes itself afterwards.
class BodyDigest final : public QObject
{
    Q_OBJECT

public:
    struct Digests
    {
        QByteArray whole;
        QList<QByteArray> parts; ///< Empty where none were asked for.
    };
    using Done = std::function<void(Result<Digests>)>;

    /// `partSize`: of all parts but the last; 0: no parts.
    BodyDigest(Hash hash, std::shared_ptr<IBodySource> body, qint64 partSize, Workers &workers, Done done,
               QObject *parent);

private:
    void advance();
    void handlePiece(const Result<QByteArray> &piece);
    void beginPart();
    void endPart();
    void completeIfDone();
    void end(Result<Digests> result);

    const Hash m_hash;
    std::shared_ptr<IBodySource> m_body;
    const qint64 m_partSize;
    Workers &m_workers;
    Done m_done;
    RunningDigest m_whole;
    RunningDigest *m_part = nullptr; ///< Of the part that is being read.
    Digests m_digests;
    qint64 m_at = 0;
    qint64 m_partEnd = 0;
    int m_unfinished = 1; ///< Digests: the whole one, and of parts.
    bool m_reading = false;
    bool m_read = false; ///< To the end.
};

} // namespace cring::backup
