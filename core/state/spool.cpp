// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/spool.h"

#include "core/state/spooldraft.h"

namespace cring::state {

namespace {

/// Several uploads do not wait for one another's fsync.
constexpr int kThreads = 4;
/// Of the disk, for the database on it: a body that fills it up would end all uploads.
constexpr qint64 kReserve = 16LL * 1024 * 1024;

BodyFiles filesIn(const QString &stateDirectory)
{
    return BodyFiles(stateDirectory, QStringLiteral("spool"), kReserve);
}

} // namespace

Spool::Spool(const IClock &clock, const QString &stateDirectory)
    : m_clock(clock)
    , m_bodies(filesIn(stateDirectory), kThreads,
               {Code::SpoolFull, QStringLiteral("the spool has no room left: bring servers back, or raise "
                                                "spool.disk_budget")})
{
}

void Spool::load()
{
    const QList<BodyFiles::Found> found = m_bodies.scan();
    for (const BodyFiles::Found &file : found) {
        if (!file.note || file.note->digest.isEmpty()) {
            m_bodies.files().removeNote(file.id);
            m_bodies.files().removeBytes(file.id);
            continue;
        }
        const BodyFiles::Note &note = *file.note;
        add({file.id, note.key, note.size, note.digest, note.mode, note.since, false});
    }
}

Status Spool::giveToConflicts(const QString &stateDirectory)
{
    const BodyFiles conflicts(stateDirectory, QStringLiteral("conflicts"));
    quint64 last = 0;
    const QList<BodyFiles::Found> there = conflicts.scan();
    for (const BodyFiles::Found &found : there)
        last = qMax(last, found.id);
    return filesIn(stateDirectory).moveTo(conflicts, last);
}

std::optional<Spool::Body> Spool::find(const ObjectKey &key, const QByteArray &digest) const
{
    if (digest.isEmpty())
        return std::nullopt;
    for (auto it = m_byKey.constFind(key); it != m_byKey.constEnd() && it.key() == key; ++it) {
        const Body &body = m_all.at(it.value());
        if (body.digest == digest)
            return body;
    }
    return std::nullopt;
}

std::unique_ptr<SpoolDraft> Spool::begin()
{
    return std::make_unique<SpoolDraft>(*this, m_bodies);
}

void Spool::add(const Body &body)
{
    m_all.insert_or_assign(body.id, body);
    m_byKey.insert(body.key, body.id);
    m_bodies.put(body.size);
    Q_EMIT changed();
}

void Spool::remove(quint64 id, QObject *context, std::function<void()> done)
{
    if (const auto body = m_all.find(id); body != m_all.end()) {
        m_bodies.take(body->second.size);
        m_byKey.remove(body->second.key, id);
        m_all.erase(body);
        Q_EMIT changed();
    }
    m_bodies.remove(id, context, std::move(done));
}

} // namespace cring::state
