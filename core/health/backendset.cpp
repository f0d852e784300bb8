// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/backendset.h"

#include "core/http/pool.h"

#include <algorithm>

namespace cring::health {

BackendSet::BackendSet(const QList<config::Server> &servers, const PoolMaker &makePool, const IClock &clock,
                       IRandom &random)
{
    for (const config::Server &server : servers) {
        m_owned.push_back(std::make_unique<Backend>(server, makePool(server), clock, random));
        m_all.append(m_owned.back().get());
    }
}

BackendSet::~BackendSet() = default;

QList<Backend *> BackendSet::usable() const
{
    QList<Backend *> usable;
    std::copy_if(m_all.begin(), m_all.end(), std::back_inserter(usable),
                 [](const Backend *backend) { return backend->usable(); });
    return usable;
}

Backend *BackendSet::find(const QString &id) const
{
    const auto found = std::find_if(m_all.begin(), m_all.end(),
                                    [&id](const Backend *backend) { return backend->id() == id; });
    return found == m_all.end() ? nullptr : *found;
}

Backend *BackendSet::findByName(const QString &name) const
{
    const auto found = std::find_if(m_all.begin(), m_all.end(),
                                    [&name](const Backend *backend) { return backend->name() == name; });
    return found == m_all.end() ? find(name) : *found;
}

} // namespace cring::health
