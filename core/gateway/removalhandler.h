// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/gateway/handler.h"

namespace cring::gateway {

/// DELETE of /v1/fs/…
class RemovalHandler final : public Handler
{
    Q_OBJECT

public:
    /// `removals` owns the delete, which outlives the answer and the client.
    RemovalHandler(replica::Environment &environment, http::ServerConnection *connection,
                   const replica::Credentials &credentials, const QByteArray &path, QObject *removals,
                   QObject *parent);

    void begin() override;

private:
    void handleRequestEnd() override;

    replica::Credentials m_credentials;
    QByteArray m_path;
    QObject *m_removals;
};

} // namespace cring::gateway
