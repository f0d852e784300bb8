// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include <QObject>
#include <QVariant>
#include <QSqlQuery>
#include <functional>
#include <memory>
namespace cring::state {
class Row {
public:
    explicit Row(QSqlQuery &q) : m_q(q) {}
    qint64 int64(int i) const { return m_q.value(i).toLongLong(); }
    QByteArray blob(int i) const { return m_q.value(i).toByteArray(); }
    QString text(int i) const { return m_q.value(i).toString(); }
    bool isNull(int i) const { return m_q.isNull(i); }
private:
    QSqlQuery &m_q;
};
class Session {
public:
    Status run(const QString &sql, const QVariantList &values = {});
    Status each(const QString &sql, const QVariantList &values, const std::function<void(const Row &)> &visit);
    QString name;
};
enum class Durability { Process, Power };
class Database : public QObject {
    Q_OBJECT
public:
    struct Opened { bool created = true; bool closed = true; QString setAside; QString problem; bool powerCut = false; };
    static Result<std::unique_ptr<Database>> open(const QString &directory, Opened *opened);
    static std::unique_ptr<Database> inMemory();
    Session &session() { return m_session; }
    using Change = std::function<Status(Session &)>;
    using Done = std::function<void()>;
    void write(Change change, Durability durability = Durability::Process, QObject *context = nullptr, Done done = {});
    void flush(Durability durability, QObject *context, Done done);
    QString problem() const { return {}; }
    qsizetype pending() const { return 0; }
    void close() {}
Q_SIGNALS:
    void problemChanged();
private:
    Session m_session;
};
}
