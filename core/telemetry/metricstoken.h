// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/secretstore.h"
#include "core/http/message.h"

#include <QTimer>

namespace cring::telemetry {

/// Who may ask for the metrics: everybody, or whoever brings the bearer token of service.metrics_token. While
/// that cannot be read, nobody; it is read again every few seconds. Lives on the event loop's thread.
class MetricsToken final : public QObject
{
    Q_OBJECT

public:
    /// `secrets` outlives it.
    explicit MetricsToken(config::ISecretStore &secrets, QObject *parent = nullptr);

    /// `place`: where it is kept, which is read anew; "": no token is needed.
    void configure(const QString &place);

    bool admits(const http::RequestHead &request) const;
    /// Why nobody is let in, in words; empty when that is not so.
    QString problem() const { return m_problem; }

private:
    void read();

    config::ISecretStore &m_secrets;
    QString m_place;
    int m_reading = 0; ///< Rises with configure(): answers to older questions do not count.
    Secret m_token;
    QString m_problem;
    QTimer m_again;
};

} // namespace cring::telemetry
