// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariantList>

#include <functional>
#include <unordered_map>

namespace cring::state {

/// The row that a query stands on; columns count from 0. Valid during the visit it was made for.
class Row
{
public:
    explicit Row(const QSqlQuery &query)
        : m_query(query)
    {
    }

    qint64 int64(int column) const { return m_query.value(column).toLongLong(); }
    QByteArray blob(int column) const { return m_query.value(column).toByteArray(); }
    QString text(int column) const { return m_query.value(column).toString(); }
    double real(int column) const { return m_query.value(column).toDouble(); }
    bool isNull(int column) const { return m_query.isNull(column); }

private:
    const QSqlQuery &m_query;
};

/// One connection with its prepared statements. Belongs to the thread that made it.
class Session
{
public:
    /// What has gone wrong with the database itself, from bad to worse. A statement that asks for something
    /// impossible (Fault) is the caller's mistake and goes wrong again however often it is tried.
    enum class Failure { None, Fault, Busy, Storage, Full, Damage };

    /// A file's path, or the name of a database in memory that sessions of this process share.
    struct Place
    {
        QString name;
        bool inMemory = false;
    };

    explicit Session(Place place);
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    /// Connects, and sets how this connection works. Before anything else. The file must exist.
    Status open();

    /// Runs a statement, prepared once and kept by its text. Values are bound in order: integers of every
    /// kind as 64 bits (an unsigned one with its bits as they are), QByteArray as blob, QString as text,
    /// double; an empty QVariant alone is NULL, a null string or byte array is an empty one.
    Status run(const QString &sql, const QVariantList &values = {});
    /// Calls visit for each row of a SELECT. The visit may run other statements, not this one.
    Status each(const QString &sql, const QVariantList &values,
                const std::function<void(const Row &)> &visit);
    /// Runs a statement that is not kept: a PRAGMA acts when it is prepared, not when it is run.
    Status once(const QString &sql);

    /// The worst since forgetFailure(), even if whoever ran the statement took no notice of it.
    Failure failure() const { return m_failure; }
    /// The error that came with it.
    Status failed() const { return m_failed; }
    void forgetFailure();

    const Place &place() const { return m_place; }

private:
    Status useLog();
    Result<QSqlQuery *> prepared(const QString &sql);
    Status execute(QSqlQuery &query, const QVariantList &values);
    Error note(const QSqlError &error);

    const Place m_place;
    QSqlDatabase m_database;
    std::unordered_map<QString, QSqlQuery> m_statements;
    Failure m_failure = Failure::None;
    Status m_failed;
};

} // namespace cring::state
