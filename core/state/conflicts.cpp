// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/conflicts.h"

#include "core/state/conflictdraft.h"

#include <algorithm>

namespace cring::state {

Conflicts::Conflicts(Database &database, Members &members, const IClock &clock, const QString &stateDirectory)
    : m_database(database)
    , m_members(members)
    , m_clock(clock)
    , m_bodies(BodyFiles(stateDirectory, QStringLiteral("conflicts")), 1,
               {Code::ConflictsFull,
                QStringLiteral("the versions that are kept aside have no room left: choose or discard some "
                               "(cring conflicts list), or raise repair.conflict_bytes")})
{
}

Status Conflicts::load()
{
    std::map<quint64, Version> rows;
    const Status loaded = m_database.session().each(
        QStringLiteral("SELECT id, key, size, digest, mode, member, since FROM conflicts"), {},
        [&](const Row &row) {
            Version version;
            version.id = static_cast<quint64>(row.int64(0));
            version.key = row.blob(1);
            version.size = row.int64(2);
            version.digest = row.blob(3);
            version.mode = static_cast<quint32>(row.int64(4));
            const auto member = m_members.all().find(static_cast<Members::Number>(row.int64(5)));
            version.server = member == m_members.all().end() ? QString() : member->second.id;
            version.since = row.int64(6);
            rows.insert_or_assign(version.id, version);
        });
    if (!loaded)
        return loaded;
    const QList<BodyFiles::Found> files = m_bodies.scan();
    QList<Version> unknown;
    for (const BodyFiles::Found &found : files) {
        if (const auto row = rows.find(found.id); row != rows.end()) {
            m_versions.insert(*row);
        } else if (found.note) {
            const BodyFiles::Note &note = *found.note;
            unknown.append({found.id, note.key, note.size, {}, note.mode, note.server, note.since});
            m_versions.emplace(found.id, unknown.last());
        } else {
            m_bodies.files().removeBytes(found.id);
        }
    }
    for (const auto &[id, version] : m_versions) {
        m_bodies.put(version.size);
        m_kept.insert(version.key, version.digest);
    }
    for (const auto &[id, version] : rows)
        m_bodies.pass(id);
    // Later: a database that is being loaded takes no changes.
    QMetaObject::invokeMethod(
        this,
        [this, unknown] {
            for (const Version &version : unknown)
                save(version, {}, {});
        },
        Qt::QueuedConnection);
    return {};
}

std::optional<Conflicts::Version> Conflicts::find(quint64 id) const
{
    const auto version = m_versions.find(id);
    return version == m_versions.end() ? std::nullopt : std::optional(version->second);
}

bool Conflicts::keeps(const ObjectKey &key, const QByteArray &digest) const
{
    return !digest.isEmpty() && m_kept.contains(key, digest);
}

std::unique_ptr<ConflictDraft> Conflicts::begin()
{
    return std::make_unique<ConflictDraft>(*this, m_bodies);
}

void Conflicts::add(const Version &version, QObject *context, std::function<void()> done)
{
    m_versions.insert_or_assign(version.id, version);
    m_kept.insert(version.key, version.digest);
    m_bodies.put(version.size);
    save(version, context, std::move(done));
    Q_EMIT changed();
}

void Conflicts::save(const Version &version, QObject *context, std::function<void()> done)
{
    const Members::Number member = version.server.isEmpty() ? 0 : m_members.number(version.server);
    m_database.write(
        [version, member](Session &session) {
            return session.run(
                QStringLiteral("INSERT OR REPLACE INTO conflicts (id, key, size, digest, mode, member, since,"
                               " file) VALUES (?,?,?,?,?,?,?,?)"),
                {static_cast<qint64>(version.id), version.key, version.size, version.digest, version.mode,
                 member, version.since, QString::number(version.id)});
        },
        Durability::Power, context, std::move(done));
}

void Conflicts::read(quint64 id, qint64 offset, qint64 size, QObject *context,
                     std::function<void(const Result<QByteArray> &)> done)
{
    m_bodies.read(id, offset, size, context, std::move(done));
}

/// First the note, then the row, then the bytes: a death of the service on the way leaves a version that is
/// still there, or bytes that nobody wants.
void Conflicts::discard(quint64 id, QObject *context, std::function<void()> done)
{
    const auto version = m_versions.find(id);
    if (version == m_versions.end()) {
        done();
        return;
    }
    m_bodies.take(version->second.size);
    m_kept.remove(version->second.key, version->second.digest);
    m_versions.erase(version);
    Q_EMIT changed();
    m_bodies.work(
        id, [id](const BodyFiles &files) { files.removeNote(id); }, this,
        [this, id, context = QPointer(context), done = std::move(done)] {
            m_database.write(
                [id](Session &session) {
                    return session.run(QStringLiteral("DELETE FROM conflicts WHERE id = ?"),
                                       {static_cast<qint64>(id)});
                },
                Durability::Process, this,
                [this, id, context, done] {
                    m_bodies.work(id, [id](const BodyFiles &files) { files.removeBytes(id); });
                    if (context)
                        done();
                });
        });
}

} // namespace cring::state
