// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/health/backend.h"

#include <functional>
#include <vector>

namespace cring::health {

/// Owns the backends, in configuration order, for as long as a configuration holds. A changed list of servers
/// is a new set.
class BackendSet
{
public:
    /// Makes the connections to one server: the composition knows the time-outs and whom to trust with TLS.
    using PoolMaker = std::function<std::unique_ptr<http::Pool>(const config::Server &)>;

    /// The clock and the generator must outlive the set.
    BackendSet(const QList<config::Server> &servers, const PoolMaker &makePool, const IClock &clock,
               IRandom &random);
    ~BackendSet();
    Q_DISABLE_COPY_MOVE(BackendSet)

    /// In configuration order; the pointers hold as long as the set.
    const QList<Backend *> &all() const { return m_all; }

    /// Those of all() that are Backend::usable() now.
    QList<Backend *> usable() const;
    /// By config::Server::id; null if there is none.
    Backend *find(const QString &id) const;
    /// By name or, failing that, id: what a person types.
    Backend *findByName(const QString &name) const;

    qsizetype size() const { return m_all.size(); }

private:
    std::vector<std::unique_ptr<Backend>> m_owned;
    QList<Backend *> m_all;
};

} // namespace cring::health
