// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

namespace cring::gateway {

/// Brings what one server has accepted of an account (its name, an encrypt key) to the others, behind the
/// client's answer. A server that does not know the account or the key yet says 500 or 404 and is asked
/// again, ever more slowly, as long as the client's token holds. Charm takes the same name and the same key
/// twice without harm (server/db/sqlite/storage.go:176). Bounded; nothing is kept across a restart. One for
/// all configurations, whose environments take turns.
class Spread final : public QObject
{
    Q_OBJECT

public:
    static constexpr qsizetype kMaxPending = 1000;

    explicit Spread(QObject *parent = nullptr);

    /// Before the event loop runs, and with every new configuration.
    void setEnvironment(replica::Environment &environment) { m_environment = &environment; }

    void add(const http::Request &request, const QString &acceptedBy,
             const replica::Credentials &credentials);
    qsizetype pending() const { return m_newest.size(); }

private:
    struct Item
    {
        http::Request request;
        QString backend;
        qint64 expires;
        int attempts = 0;
        QByteArray what; ///< Account, address, server: a newer request for the same takes its place.
    };

    void attempt(const std::shared_ptr<Item> &item);
    void end(const std::shared_ptr<Item> &item);
    void later(const std::shared_ptr<Item> &item, const QString &reason);

    replica::Environment *m_environment = nullptr;
    QHash<QByteArray, std::shared_ptr<Item>> m_newest; ///< By what.
};

} // namespace cring::gateway
