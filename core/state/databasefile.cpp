// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/databasefile.h"

#include "core/state/schema.h"
#include "core/state/walfile.h"

#include <QDateTime>
#include <QFile>
#include <QtEndian>

namespace cring::state {

namespace {

constexpr QFileDevice::Permissions kOwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

Error damaged(const QString &path, const QString &words)
{
    return Error{Code::StateDamaged, QStringLiteral("%1: %2").arg(path, words)};
}

/// SQLite fills up a last page of which a part is missing. Where the log was copied back to the end, none is.
bool hasWholePages(const QString &path)
{
    // https://www.sqlite.org/fileformat2.html#the_database_header
    constexpr qint64 At = 16;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly) || !file.seek(At))
        return true;
    const QByteArray size = file.read(sizeof(quint16));
    if (size.size() < static_cast<qsizetype>(sizeof(quint16)))
        return true; // SQLite says what it is instead.
    const qint64 page = qFromBigEndian<quint16>(size.constData());
    return page <= 1 || file.size() % page == 0; // 1 stands for 64 KiB, which ours never has.
}

} // namespace

DatabaseFile::DatabaseFile(const QString &directory, const IClock &clock)
    : m_path(directory + QStringLiteral("/state.db"))
    , m_clock(clock)
{
}

DatabaseFile::Check DatabaseFile::checkAfter(const DirectoryLock::Before &before)
{
    if (before.suspect)
        return Check::Thorough;
    return before.powerCut ? Check::Pages : Check::Quick;
}

Result<std::unique_ptr<Session>> DatabaseFile::open(const DirectoryLock::Before &before)
{
    auto session = tryOpen(before);
    if (session.ok() || session.error().code != Code::StateDamaged)
        return session;
    m_damage = session.error().detail;
    if (Status moved = moveAside(); !moved.ok())
        return moved.error();
    return tryOpen({.closed = true});
}

Status DatabaseFile::make()
{
    QFile file(m_path);
    m_created = file.size() == 0;
    if (file.exists()) {
        file.setPermissions(kOwnerOnly);
        return {};
    }
    // SQLite gives its other files the mode of this one.
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, kOwnerOnly))
        return Error{Code::StateFile, QStringLiteral("cannot make %1: %2").arg(m_path, file.errorString())};
    return {};
}

Result<std::unique_ptr<Session>> DatabaseFile::tryOpen(const DirectoryLock::Before &before)
{
    if (Status made = make(); !made.ok())
        return made.error();
    // Before SQLite opens it and throws away what it cannot read.
    const QString log = m_path + QStringLiteral("-wal");
    if (!before.powerCut && walfile::isDamaged(log))
        return damaged(log, QStringLiteral("the write-ahead log is damaged"));
    if (before.closed && !hasWholePages(m_path))
        return damaged(m_path, QStringLiteral("it is shorter than it was"));
    auto session = std::make_unique<Session>(Session::Place{m_path});
    Status ready = session->open();
    if (ready.ok())
        ready = check(*session, checkAfter(before));
    if (ready.ok())
        ready = schema::migrate(*session);
    if (ready.ok())
        return session;
    return ready.error();
}

Status DatabaseFile::check(Session &session, Check how) const
{
    QString verdict = QStringLiteral("ok");
    const auto first = [&](const Row &row) {
        if (verdict == QLatin1String("ok"))
            verdict = row.text(0);
    };
    Status read;
    if (how == Check::Pages)
        read = session.each(QStringLiteral("PRAGMA quick_check(1)"), {}, first);
    else if (how == Check::Thorough)
        read = session.each(QStringLiteral("PRAGMA integrity_check(1)"), {}, first);
    if (read.ok() && verdict != QLatin1String("ok"))
        return damaged(m_path, verdict.simplified());
    return read;
}

Status DatabaseFile::moveAside()
{
    const QString time = QDateTime::fromMSecsSinceEpoch(m_clock.wall().count(), Qt::UTC)
                             .toString(QStringLiteral("yyyyMMddTHHmmsszzz"));
    QString target = QStringLiteral("%1.damaged-%2").arg(m_path, time);
    for (int more = 2; QFile::exists(target); ++more)
        target = QStringLiteral("%1.damaged-%2-%3").arg(m_path, time).arg(more);
    // The database first: one that stayed without its log would be taken for a sound, older one after a
    // crash.
    const QString log = QStringLiteral("-wal");
    const bool moved = QFile::rename(m_path, target) &&
                       (!QFile::exists(m_path + log) || QFile::rename(m_path + log, target + log));
    if (!moved)
        return Error{Code::StateFile,
                     QStringLiteral("%1 is damaged, and cannot be moved to %2").arg(m_path, target)};
    QFile::remove(m_path + QStringLiteral("-shm"));
    m_setAside = target;
    return {};
}

} // namespace cring::state
