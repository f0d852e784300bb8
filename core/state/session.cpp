// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/session.h"

#include <QSqlError>

namespace cring::state {

namespace {

// The primary result codes of sqlite3.h, which Qt hands through; https://www.sqlite.org/rescode.html.
enum ResultCode {
    Perm = 3,
    Busy = 5,
    Locked = 6,
    NoMemory = 7,
    ReadOnly = 8,
    Interrupt = 9,
    IoError = 10,
    Corrupt = 11,
    Full = 13,
    CannotOpen = 14,
    Protocol = 15,
    NoLargeFiles = 22,
    NotADatabase = 26,
};
constexpr int kPrimaryCode = 0xff; // The rest is the extended code.

// The whole service is to stay small, and what is read often is in memory anyway.
constexpr auto kPragmas = {
    "PRAGMA foreign_keys = ON",
    // Debian compiles it in; what was deleted here is no secret.
    "PRAGMA secure_delete = OFF",
    "PRAGMA cache_size = -2048",
    // A transaction goes to the log in one piece, when it is committed. walfile relies on that.
    "PRAGMA cache_spill = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cell_size_check = ON",
    // The worker does checkpoints when it has nothing else to do. This is the last resort, at 32 MiB.
    "PRAGMA wal_autocheckpoint = 8192",
    "PRAGMA journal_size_limit = 8388608",
    "PRAGMA synchronous = NORMAL",
};

Session::Failure failureOf(const QSqlError &error)
{
    switch (error.nativeErrorCode().toInt() & kPrimaryCode) {
    case Busy:
    case Locked:
        return Session::Failure::Busy;
    case Perm:
    case NoMemory:
    case ReadOnly:
    case Interrupt:
    case IoError:
    case CannotOpen:
    case Protocol:
    case NoLargeFiles:
        return Session::Failure::Storage;
    case Full:
        return Session::Failure::Full;
    case Corrupt:
    case NotADatabase:
        return Session::Failure::Damage;
    default:
        return Session::Failure::Fault;
    }
}

/// As the driver binds it without a detour: it would write an unsigned or a long integer as text, and a null
/// string as NULL.
QVariant bindable(const QVariant &value)
{
    switch (value.typeId()) {
    case QMetaType::Bool:
    case QMetaType::Int:
    case QMetaType::UInt:
    case QMetaType::Short:
    case QMetaType::UShort:
    case QMetaType::Char:
    case QMetaType::SChar:
    case QMetaType::UChar:
    case QMetaType::Long:
        return value.toLongLong();
    case QMetaType::ULong:
    case QMetaType::ULongLong:
        return static_cast<qint64>(value.toULongLong());
    case QMetaType::QByteArray: {
        const QByteArray bytes = value.toByteArray();
        return bytes.isNull() ? QByteArray("") : bytes;
    }
    case QMetaType::QString: {
        const QString text = value.toString();
        return text.isNull() ? QStringLiteral("") : text;
    }
    default:
        return value;
    }
}

} // namespace

Session::Session(Place place)
    : m_place(std::move(place))
{
}

Session::~Session()
{
    // Qt keeps connections by name and complains about queries that outlive them.
    m_statements.clear();
    const QString name = m_database.connectionName();
    m_database = {};
    QSqlDatabase::removeDatabase(name);
}

Status Session::open()
{
    const QString name = QStringLiteral("cring-state-%1").arg(reinterpret_cast<quintptr>(this), 0, 16);
    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
    if (!m_database.isValid())
        return Error{Code::StateFile,
                     QStringLiteral("Qt's driver for SQLite is missing; install libqt6sql6-sqlite")};
    if (m_place.inMemory) {
        m_database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_URI"));
        m_database.setDatabaseName(QStringLiteral("file:/%1?vfs=memdb").arg(m_place.name));
    } else {
        m_database.setDatabaseName(m_place.name);
    }
    if (!m_database.open())
        return note(m_database.lastError());
    for (const char *pragma : kPragmas) {
        if (Status set = once(QLatin1String(pragma)); !set.ok())
            return set;
    }
    return m_place.inMemory ? Status() : useLog();
}

Status Session::useLog()
{
    QString mode;
    Status status =
        each(QStringLiteral("PRAGMA journal_mode = WAL"), {}, [&](const Row &row) { mode = row.text(0); });
    if (status.ok() && mode != QLatin1String("wal"))
        return Error{Code::StateFile,
                     QStringLiteral("%1 lies on a file system that cannot share memory between processes, "
                                    "which SQLite's write-ahead log needs; set XDG_STATE_HOME to a local one")
                         .arg(m_place.name)};
    return status;
}

Status Session::run(const QString &sql, const QVariantList &values)
{
    auto query = prepared(sql);
    if (!query.ok())
        return query.error();
    Status status = execute(**query, values);
    (*query)->finish();
    return status;
}

Status Session::each(const QString &sql, const QVariantList &values,
                     const std::function<void(const Row &)> &visit)
{
    auto found = prepared(sql);
    if (!found.ok())
        return found.error();
    QSqlQuery &query = **found;
    Status status = execute(query, values);
    if (status.ok()) {
        while (query.next())
            visit(Row(query));
        if (query.lastError().isValid())
            status = note(query.lastError());
    }
    query.finish();
    return status;
}

Status Session::once(const QString &sql)
{
    QSqlQuery query(m_database);
    if (!query.exec(sql))
        return note(query.lastError());
    return {};
}

void Session::forgetFailure()
{
    m_failure = Failure::None;
    m_failed = {};
}

Result<QSqlQuery *> Session::prepared(const QString &sql)
{
    const auto known = m_statements.find(sql);
    if (known != m_statements.end())
        return &known->second;
    QSqlQuery query(m_database);
    // Else every row that was visited is kept until the query ends.
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        return note(query.lastError());
    return &m_statements.emplace(sql, std::move(query)).first->second;
}

Status Session::execute(QSqlQuery &query, const QVariantList &values)
{
    for (int i = 0; i < values.size(); ++i)
        query.bindValue(i, bindable(values.at(i)));
    if (!query.exec())
        return note(query.lastError());
    return {};
}

Error Session::note(const QSqlError &error)
{
    const Failure failure = failureOf(error);
    const QString where = m_place.inMemory ? QStringLiteral("the database in memory") : m_place.name;
    const QString words = error.databaseText().isEmpty() ? error.driverText() : error.databaseText();
    Error result{failure == Failure::Damage ? Code::StateDamaged : Code::StateFile,
                 QStringLiteral("%1: %2").arg(where, words)};
    if (failure > m_failure) {
        m_failure = failure;
        m_failed = result;
    }
    return result;
}

} // namespace cring::state
