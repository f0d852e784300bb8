// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/schema.h"

#include <vector>

namespace cring::state::schema {

namespace {

using Statements = std::vector<const char *>;

/// In the order of their numbers, from 1. One that was released is never edited: a change is a new one.
/// Times are milliseconds since 1970 (UTC); kind, state and the like are the numbers of the enums that the
/// classes which read them define.
const std::vector<Statements> &migrations()
{
    static const std::vector<Statements> all = {
        {
            "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID",
            "CREATE TABLE members (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, name TEXT NOT NULL,"
            " state INTEGER NOT NULL, since INTEGER NOT NULL, left_at INTEGER NOT NULL)",
            "CREATE TABLE catalogue (key BLOB PRIMARY KEY, version INTEGER, kind INTEGER, size INTEGER,"
            " digest BLOB, mode INTEGER, tombstone INTEGER, changed INTEGER, holders BLOB) WITHOUT ROWID",
            "CREATE TABLE owed (member INTEGER, key BLOB, state INTEGER, since INTEGER,"
            " PRIMARY KEY (member, key)) WITHOUT ROWID",
            "CREATE TABLE account_work (id INTEGER PRIMARY KEY, member INTEGER, account BLOB, target BLOB,"
            " body BLOB, content_type BLOB, since INTEGER)",
            "CREATE TABLE intents (id INTEGER PRIMARY KEY, key BLOB, kind INTEGER, size INTEGER, digest BLOB,"
            " mode INTEGER, existed INTEGER, targets BLOB, acknowledged INTEGER, since INTEGER)",
            "CREATE TABLE floors (key BLOB PRIMARY KEY, value INTEGER) WITHOUT ROWID",
            "CREATE TABLE accounts (account BLOB PRIMARY KEY, state INTEGER, since INTEGER) WITHOUT ROWID",
            "CREATE TABLE findings (id INTEGER PRIMARY KEY, key BLOB, member INTEGER, kind INTEGER,"
            " size INTEGER, digest BLOB, mode INTEGER, since INTEGER)",
            "CREATE TABLE conflicts (id INTEGER PRIMARY KEY, key BLOB, size INTEGER, digest BLOB,"
            " mode INTEGER, member INTEGER, since INTEGER, file TEXT)",
            "CREATE TABLE jobs (id INTEGER PRIMARY KEY, kind TEXT, parameters TEXT, state INTEGER,"
            " done INTEGER, total INTEGER, cursor BLOB, result TEXT, created INTEGER, changed INTEGER)",
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, at INTEGER, level INTEGER, category INTEGER,"
            " backend TEXT, account TEXT, text TEXT)",
        },
        {
            "CREATE TABLE buckets (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL)",
            "CREATE TABLE bucket_facts (bucket INTEGER, name BLOB, value BLOB, PRIMARY KEY (bucket, name))"
            " WITHOUT ROWID",
            "CREATE TABLE bucket_objects (bucket INTEGER, key BLOB, version INTEGER, size INTEGER, etag BLOB,"
            " sha256 BLOB, stored INTEGER, verified INTEGER, flags INTEGER, PRIMARY KEY (bucket, key))"
            " WITHOUT ROWID",
            "CREATE TABLE backup_uploads (target BLOB, key BLOB, upload_id BLOB, part_size INTEGER,"
            " sha256 BLOB, metadata BLOB, begun INTEGER, PRIMARY KEY (target, key)) WITHOUT ROWID",
        },
    };
    return all;
}

Status apply(Session &session, int number)
{
    if (Status begun = session.once(QStringLiteral("BEGIN IMMEDIATE")); !begun.ok())
        return begun;
    Status status;
    for (const char *sql : migrations().at(static_cast<size_t>(number - 1))) {
        if (status.ok())
            status = session.once(QLatin1String(sql));
    }
    if (status.ok())
        status = session.once(QStringLiteral("PRAGMA user_version = %1").arg(number));
    if (status.ok())
        status = session.once(QStringLiteral("COMMIT"));
    if (!status.ok())
        (void)session.once(QStringLiteral("ROLLBACK"));
    return status;
}

} // namespace

int currentVersion()
{
    return static_cast<int>(migrations().size());
}

Result<int> version(Session &session)
{
    int found = 0;
    Status read = session.each(QStringLiteral("SELECT count(*) FROM sqlite_schema"), {}, [](const Row &) {});
    if (read.ok())
        read = session.each(QStringLiteral("PRAGMA user_version"), {},
                            [&](const Row &row) { found = static_cast<int>(row.int64(0)); });
    if (!read.ok())
        return read.error();
    return found;
}

Status migrate(Session &session, int target)
{
    const Result<int> found = version(session);
    if (!found.ok())
        return found.error();
    if (*found > target)
        return Error{
            Code::StateNewer,
            QStringLiteral("%1 was written by a newer release (its schema is %2, this one knows %3). "
                           "Run that release, or move the file away: it is rebuilt from the servers")
                .arg(session.place().name)
                .arg(*found)
                .arg(target)};
    for (int number = *found + 1; number <= target; ++number) {
        if (Status applied = apply(session, number); !applied.ok())
            return applied;
    }
    return {};
}

} // namespace cring::state::schema
