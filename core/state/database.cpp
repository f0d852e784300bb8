// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/database.h"
#include <QSqlDatabase>
#include <QSqlError>
#include <QFile>
namespace cring::state {
Status Session::run(const QString &sql, const QVariantList &values) {
    QSqlQuery q(QSqlDatabase::database(name));
    q.prepare(sql);
    for (const auto &v : values) q.addBindValue(v);
    if (!q.exec()) { qCritical("%s: %s", qUtf8Printable(sql), qUtf8Printable(q.lastError().text())); return Error{Code::StateFile, q.lastError().text()}; }
    return {};
}
Status Session::each(const QString &sql, const QVariantList &values, const std::function<void(const Row &)> &visit) {
    QSqlQuery q(QSqlDatabase::database(name));
    q.setForwardOnly(true);
    q.prepare(sql);
    for (const auto &v : values) q.addBindValue(v);
    if (!q.exec()) return Error{Code::StateFile, q.lastError().text()};
    while (q.next()) visit(Row(q));
    return {};
}
static std::unique_ptr<Database> make(const QString &file) {
    auto d = std::make_unique<Database>();
    static int n = 0;
    d->session().name = QStringLiteral("c%1").arg(n++);
    auto db = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), d->session().name);
    db.setDatabaseName(file);
    db.open();
    for (const char *s : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
        "CREATE TABLE IF NOT EXISTS members(number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, name TEXT NOT NULL, state INTEGER NOT NULL, since INTEGER NOT NULL, left_at INTEGER)",
        "CREATE TABLE IF NOT EXISTS catalogue(key BLOB PRIMARY KEY, version INTEGER, kind INTEGER, size INTEGER, digest BLOB, mode INTEGER, tombstone INTEGER, changed INTEGER, holders BLOB) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS owed(member INTEGER, key BLOB, state INTEGER, since INTEGER, PRIMARY KEY(member, key)) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS intents(id INTEGER PRIMARY KEY, key BLOB, kind INTEGER, size INTEGER, digest BLOB, mode INTEGER, existed INTEGER, targets BLOB, acknowledged INTEGER, since INTEGER)",
        "CREATE TABLE IF NOT EXISTS floors(key BLOB PRIMARY KEY, value INTEGER) WITHOUT ROWID"})
        (void)d->session().run(QString::fromLatin1(s));
    return d;
}
Result<std::unique_ptr<Database>> Database::open(const QString &directory, Opened *opened) {
    const QString f = directory + QStringLiteral("/state.db");
    opened->created = !QFile::exists(f);
    opened->closed = opened->created;
    return make(f);
}
std::unique_ptr<Database> Database::inMemory() { return make(QStringLiteral(":memory:")); }
void Database::write(Change change, Durability, QObject *context, Done done) {
    (void)change(m_session);
    if (done) QMetaObject::invokeMethod(context, done, Qt::QueuedConnection);
}
void Database::flush(Durability, QObject *context, Done done) {
    QMetaObject::invokeMethod(context, done, Qt::QueuedConnection);
}
}
