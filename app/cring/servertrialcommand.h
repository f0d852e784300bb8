// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/ringcommand.h"
#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/workers.h"
#include "core/config/secretstore.h"
#include "core/health/monitor.h"
#include "core/health/primary.h"
#include "core/service/backendtest.h"
#include "core/ssh/tokens.h"

namespace cring::app {

/// `cring backends test [NAME] --url URL`: a server that is not configured, or is so at another URL, tried in
/// this process with the service's own steps, and held against the others. Needs no service.
class ServerTrialCommand final : public RingCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString name; ///< Of the server that it would be; a configured one of that name is left out.
        QUrl url;
        quint16 sshPort = 35353;
        QString data = {};
    };

    ServerTrialCommand(ServiceCommandContext context, config::Config configured, Options options);
    ~ServerTrialCommand() override;

protected:
    void handleRing(const Ring &ring) override;

private:
    void awaitOthers();
    void startTest();
    service::BackendTest::Means means(health::Backend &candidate);
    void report(const service::BackendTest::Step &step);
    void end();

    const Options m_options;
    const SystemClock m_clock;
    SystemRandom m_random;
    telemetry::ActivityLog m_activity;
    config::SecretPlaces m_secrets;
    Workers m_workers;
    config::Config m_config; ///< The ring as it would be with the server.
    std::unique_ptr<health::BackendSet> m_backends;
    std::unique_ptr<health::Primary> m_primary;
    std::unique_ptr<health::Monitor> m_monitor;
    std::unique_ptr<ssh::Tokens> m_tokens;
    std::unique_ptr<service::BackendTest> m_test;
    QSet<const health::Backend *> m_probed;
    QTimer m_limit;
};

} // namespace cring::app
