// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/gateway/handler.h"

namespace cring::gateway {

/// Everything that is not replicated: accounts, names, keys, news. Goes to the one primary, and on to the
/// next healthy server when that one cannot be had. What the primary has accepted of a name or an encrypt key
/// is owed to the others.
class PrimaryHandler final : public Handler
{
    Q_OBJECT

public:
    /// Nobody's credentials for the public routes.
    PrimaryHandler(replica::Environment &environment, http::ServerConnection *connection,
                   const replica::Credentials &credentials, bool changes, QObject *parent);

    void begin() override;

private:
    void handleBody(const QByteArray &data) override;
    void handleRequestEnd() override;
    void tryNext();
    void oweToOthers(const health::Backend &acceptedBy);
    void handleAnswer(health::Backend *backend, const Result<http::Response> &result);

    replica::Credentials m_credentials;
    bool m_changes; ///< The request changes the account.
    http::Request m_request;
    QList<health::Backend *> m_candidates;
    bool m_primaryFailed = false; ///< It did not answer, or could not be asked.
    QStringList m_reasons;
    std::optional<replica::Outcome> m_missingUser;
};

} // namespace cring::gateway
