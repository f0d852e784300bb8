// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/databasecopy.h"

#include "core/accounts/charmfolder.h"
#include "core/accounts/pause.h"
#include "core/accounts/sqlitehandle.h"
#include "core/base/log.h"

#include <QCryptographicHash>
#include <QFile>

#include <algorithm>

namespace cring::accounts {

using std::chrono::milliseconds;

namespace {

/// For a writer to let go of the database. A Charm server's own limit is 5 s (server/db/sqlite/storage.go).
constexpr milliseconds kPatience{15'000};
constexpr milliseconds kBetweenTries{20};
/// A database of 100,000 accounts has some 60 MB.
constexpr milliseconds kCopyTime{600'000};
constexpr int kNoSqlite = 97;

/// The trap holds when the connection ends: cat is told by a signal that nobody reads, the shell goes on. The
/// transaction keeps the copy from beginning anew with each write of the server.
constexpr const char *kRemoteCopy = R"sh(
command -v sqlite3 >/dev/null || exit 97
db=$(cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1") || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf -- "$dir"' EXIT
trap 'exit 1' HUP INT TERM PIPE
cd -- "$dir" || exit 1
sqlite3 -batch -init /dev/null -readonly "$db" '.timeout 15000' 'BEGIN' 'SELECT count(*) FROM charm_user' \
    '.backup copy' 'COMMIT' >/dev/null || exit 1
cat copy
)sh";

Error unusable(const QString &what)
{
    return Error{Code::ReplicaSource, what};
}

Result<sqlite::ConnectionPtr> open(const QString &file, int flags)
{
    sqlite3 *raw = nullptr;
    const int result = sqlite3_open_v2(file.toUtf8().constData(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    sqlite::ConnectionPtr connection(raw);
    if (result != SQLITE_OK)
        return unusable(QStringLiteral("%1 cannot be opened: %2").arg(file, sqlite::messageOf(raw)));
    sqlite3_busy_timeout(raw, 0);
    return connection;
}

bool isBusy(int result)
{
    return (result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED;
}

Error lockedAllTheTime(const QString &from)
{
    return Error{Code::BackendTimeout,
                 QStringLiteral("%1 was locked by its server all the time: try again").arg(from)};
}

Error leftInAChange(const QString &from, const QString &said)
{
    return unusable(
        QStringLiteral("%1 cannot be read (%2). If its server was killed in the middle of a change, start it "
                       "and try again")
            .arg(from, said));
}

Error copyFailure(const QString &from, sqlite3 *source, int result)
{
    const QString said = QString::fromUtf8(sqlite3_errstr(result));
    if (isBusy(result))
        return lockedAllTheTime(from);
    if ((result & 0xff) == SQLITE_FULL)
        return Error{
            Code::NodeFull,
            QStringLiteral("this machine's own disk has no room for a copy of %1: %2").arg(from, said)};
    if ((result & 0xff) == SQLITE_READONLY || (result & 0xff) == SQLITE_CANTOPEN)
        return leftInAChange(from, said);
    return unusable(
        QStringLiteral("%1 cannot be copied: %2 (%3)").arg(from, said, sqlite::messageOf(source)));
}

Status copyHere(const QString &from, const QString &to, const std::stop_token &stop)
{
    const Result<sqlite::ConnectionPtr> source = open(from, SQLITE_OPEN_READONLY);
    if (!source)
        return source.error();
    const Result<sqlite::ConnectionPtr> target = open(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!target)
        return target.error();
    // It is synced where it ends up. The source's lock is held until this is done.
    sqlite3_exec(target->get(), "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", nullptr, nullptr,
                 nullptr);
    const sqlite::BackupPtr backup(sqlite3_backup_init(target->get(), "main", source->get(), "main"));
    if (!backup)
        return unusable(
            QStringLiteral("%1 cannot be copied: %2").arg(from, sqlite::messageOf(target->get())));
    int result = SQLITE_BUSY;
    for (milliseconds waited{0}; waited < kPatience; waited += kBetweenTries) {
        result = sqlite3_backup_step(backup.get(), -1);
        if (!isBusy(result))
            break;
        if (!pauseFor(kBetweenTries, stop))
            return Error{Code::JobEnded, QStringLiteral("called off")};
    }
    return result == SQLITE_DONE ? Status() : Status(copyFailure(from, source->get(), result));
}

/// What the program says for the codes of copyFailure().
Error remoteFailure(const QString &from, const QString &said)
{
    if (said.contains(QLatin1String("database is locked")))
        return lockedAllTheTime(from);
    if (said.contains(QLatin1String("readonly database")))
        return leftInAChange(from, said);
    return unusable(QStringLiteral("%1 cannot be copied by the sqlite3 program there: %2").arg(from, said));
}

Status fetch(INode &source, const QString &to, const std::function<void(qint64)> &advanced)
{
    QFile file(to);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate | QIODevice::Unbuffered))
        return Error{Code::NodeFile, QStringLiteral("%1 cannot be written: %2").arg(to, file.errorString())};
    const QString from = source.shown(charmfolder::kDatabase);
    qint64 got = 0;
    NodeCommand command;
    command.argv = {QStringLiteral("sh"), QStringLiteral("-c"), QString::fromLatin1(kRemoteCopy),
                    QStringLiteral("sh"), source.fullPath(charmfolder::kDatabase)};
    command.limit = kCopyTime;
    command.sink = [&](QByteArrayView piece) -> Status {
        got += piece.size();
        if (advanced)
            advanced(got);
        if (file.write(piece.data(), piece.size()) == piece.size())
            return {};
        return Error{Code::NodeFull, QStringLiteral("%1 cannot be written: %2").arg(to, file.errorString())};
    };
    const Result<NodeOutcome> outcome = source.run(command);
    if (!outcome)
        return outcome.error();
    if (outcome->exitStatus == kNoSqlite)
        return Error{
            Code::NodeCommand,
            QStringLiteral("the program sqlite3 is not there on %1, and only it can copy the database of a "
                           "server that may be running: install the package sqlite3 there")
                .arg(source.place().machine())};
    if (outcome->exitStatus != 0)
        return remoteFailure(from, log::oneLine(QString::fromUtf8(outcome->errors)).left(300));
    return {};
}

/// Takes out what is not for another server.
Status clean(const QString &file, const QString &from)
{
    const Result<sqlite::ConnectionPtr> copy = open(file, SQLITE_OPEN_READWRITE);
    if (!copy)
        return copy.error();
    // Nobody else has it, so no journal is needed; secure_delete writes zeros over the pins.
    constexpr const char *kSql = "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; "
                                 "PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; DELETE FROM token";
    if (sqlite3_exec(copy->get(), kSql, nullptr, nullptr, nullptr) == SQLITE_OK)
        return {};
    const int code = sqlite3_errcode(copy->get()) & 0xff;
    if (code == SQLITE_FULL || code == SQLITE_IOERR)
        return copyFailure(from, copy->get(), code);
    return unusable(
        QStringLiteral("%1 is no database of a Charm server: %2").arg(from, sqlite::messageOf(copy->get())));
}

Result<QByteArray> digestOf(const QString &file)
{
    QFile opened(file);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    if (!opened.open(QIODevice::ReadOnly) || !hash.addData(&opened))
        return Error{Code::NodeFile, QStringLiteral("%1 cannot be read: %2").arg(file, opened.errorString())};
    return hash.result().toHex();
}

} // namespace

Result<DatabaseCopy> inspectDatabase(const QString &file)
{
    const Result<sqlite::ConnectionPtr> opened = open(file, SQLITE_OPEN_READONLY);
    if (!opened)
        return opened.error();
    sqlite3 *const connection = opened->get();
    const auto sound = sqlite::firstValue(connection, "PRAGMA quick_check(1)");
    if (sound != QByteArray("ok"))
        return unusable(QStringLiteral("the database is damaged: %1")
                            .arg(sound ? QString::fromUtf8(*sound) : sqlite::messageOf(connection)));
    for (const char *table : charmfolder::kTables) {
        const QByteArray sql = QByteArray("SELECT count(*) FROM ") + table;
        if (!sqlite::firstValue(connection, sql.constData()))
            return unusable(
                QStringLiteral("the database has no usable table %1, so it is not a Charm server's")
                    .arg(QLatin1String(table)));
    }
    DatabaseCopy copy;
    copy.accounts = sqlite::firstValue(connection, "SELECT count(*) FROM charm_user")->toLongLong();
    copy.bytes = QFile(file).size();
    const Result<QByteArray> digest = digestOf(file);
    if (!digest)
        return digest.error();
    copy.digest = *digest;
    return copy;
}

Result<DatabaseCopy> copyDatabase(INode &source, const QString &file, const std::stop_token &stop,
                                  const std::function<void(qint64)> &advanced)
{
    const QString from = source.shown(charmfolder::kDatabase);
    // Made first, so that nobody else can ever read it.
    QFile made(file);
    if (!made.open(QIODevice::WriteOnly | QIODevice::NewOnly) ||
        !made.setPermissions(QFile::ReadOwner | QFile::WriteOwner))
        return Error{Code::NodeFile, QStringLiteral("%1 cannot be made: %2").arg(file, made.errorString())};
    made.close();
    const Status copied = source.place().isLocal()
                              ? copyHere(source.fullPath(charmfolder::kDatabase), file, stop)
                              : fetch(source, file, advanced);
    if (!copied)
        return copied.error();
    if (const Status cleaned = clean(file, from); !cleaned)
        return cleaned.error();
    Result<DatabaseCopy> copy = inspectDatabase(file);
    if (!copy)
        return Error{copy.error().code, from + QStringLiteral(": ") + copy.error().detail};
    return copy;
}

} // namespace cring::accounts
