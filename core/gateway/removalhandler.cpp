// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/removalhandler.h"

#include "core/replica/removal.h"

namespace cring::gateway {

RemovalHandler::RemovalHandler(replica::Environment &environment, http::ServerConnection *connection,
                               const replica::Credentials &credentials, const QByteArray &path,
                               QObject *removals, QObject *parent)
    : Handler(environment, connection, telemetry::Kind::Delete, parent)
    , m_credentials(credentials)
    , m_path(path)
    , m_removals(removals)
{
}

void RemovalHandler::begin()
{
    connection().sendContinue(); // a body means nothing here, and is dropped
}

void RemovalHandler::handleRequestEnd()
{
    auto *removal =
        new replica::Removal(m_environment, m_credentials, m_path, connection().request().target, m_removals);
    connect(removal, &replica::Removal::finished, this, [this](const replica::Outcome &outcome) {
        if (!outcome.summary.isEmpty())
            warn(telemetry::Category::Delete, outcome.summary, m_credentials.account);
        answer(outcome);
    });
    removal->start();
}

} // namespace cring::gateway
