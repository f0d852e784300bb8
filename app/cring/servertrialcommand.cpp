// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/servertrialcommand.h"

#include "app/cring/stepcommand.h"
#include "core/base/log.h"
#include "core/charm/listing.h"
#include "core/http/pool.h"
#include "core/service/backendpools.h"
#include "core/service/core.h"
#include "core/service/datalook.h"
#include "core/service/hostkeylook.h"
#include "core/service/monitorprobe.h"
#include "core/service/statedirectory.h"

#include <QDir>
#include <QJsonArray>

namespace cring::app {

using service::AccountTrial;
using service::BackendTest;

namespace {

QJsonObject toJson(const BackendTest::Step &step)
{
    return {{QStringLiteral("step"), step.name},
            {QStringLiteral("ok"), step.ok},
            {QStringLiteral("text"), step.text},
            {QStringLiteral("ms"), step.ms}};
}

} // namespace

ServerTrialCommand::ServerTrialCommand(ServiceCommandContext context, config::Config configured,
                                       Options options)
    : RingCommand(std::move(context), std::move(configured))
    , m_options(std::move(options))
    , m_activity(m_clock)
    , m_secrets(QProcessEnvironment::systemEnvironment())
{
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, &ServerTrialCommand::startTest);
}

ServerTrialCommand::~ServerTrialCommand() = default;

void ServerTrialCommand::handleRing(const Ring &ring)
{
    // What the monitor would tell a service's log is in the steps.
    log::setLevel(log::Level::Error);
    m_config = ring.config;
    m_config.servers.removeIf([this](const config::Server &server) {
        return server.name == m_options.name || server.url == m_options.url;
    });
    config::Server candidate;
    candidate.name = candidate.id = m_options.name;
    candidate.url = m_options.url;
    candidate.sshPort = m_options.sshPort;
    candidate.data = m_options.data;
    m_config.servers.append(candidate);
    m_backends = std::make_unique<health::BackendSet>(m_config.servers, service::poolMaker(m_config), m_clock,
                                                      m_random);
    m_primary = std::make_unique<health::Primary>(m_clock, QString());
    m_monitor = std::make_unique<health::Monitor>(*m_backends, m_config.timing, m_clock, m_random, QString());
    m_primary->setBackends(*m_backends);
    if (!ring.primary.isEmpty())
        (void)m_primary->promote(ring.primary); // One that is left out is nobody's primary.
    m_tokens = std::make_unique<ssh::Tokens>(ssh::KeyPlaces::of(QProcessEnvironment::systemEnvironment()),
                                             m_secrets, m_clock, m_random, m_activity);
    m_tokens->configure(m_config, *m_monitor, *m_primary);
    awaitOthers();
}

/// Whether a server stands for the others is known when these have been looked at.
void ServerTrialCommand::awaitOthers()
{
    connect(m_monitor.get(), &health::Monitor::probed, this, [this](const health::Backend *backend) {
        m_probed.insert(backend);
        if (m_probed.size() == m_config.servers.size())
            startTest();
    });
    m_limit.start(m_config.timing.connectTimeout + m_config.timing.probeTimeout);
    m_monitor->start();
}

BackendTest::Means ServerTrialCommand::means(health::Backend &candidate)
{
    BackendTest::Means means{service::monitorProbe(*m_monitor, candidate, nullptr)};
    means.hostKey = service::hostKeyLook(m_workers, candidate.server(), m_config.timing);
    if (m_tokens->hasOwn() && m_config.servers.size() > 1) {
        // Alone, it would be shown the key, and make an account for one that it does not know.
        means.ownToken = [this](QObject *context, replica::ITokenSource::Done done) {
            m_tokens->obtainOwn(context, std::move(done));
        };
        means.account.ask = [this, &candidate](const http::Request &request, QObject *context,
                                               const AccountTrial::Answered &answered) {
            candidate.pool().exchange(request, m_config.timing.answerTimeout, charm::kMaxListing, context,
                                      [answered](const Result<http::Response> &result) { answered(result); });
        };
    }
    // With the host keys that the service knows.
    means.data = service::dataLook(m_workers, candidate.server(),
                                   service::nodeAccess(service::stateDirectoryPath()), m_clock);
    means.frontHasTls = !m_config.tlsCert.isEmpty();
    means.random = &m_random;
    return means;
}

void ServerTrialCommand::startTest()
{
    if (m_test)
        return;
    m_limit.stop();
    health::Backend *candidate = m_backends->findByName(m_options.name);
    m_test = std::make_unique<BackendTest>(candidate->server(), m_config.timing, m_clock, means(*candidate));
    connect(m_test.get(), &BackendTest::stepDone, this, &ServerTrialCommand::report);
    connect(m_test.get(), &BackendTest::finished, this, &ServerTrialCommand::end);
    m_test->start();
}

void ServerTrialCommand::report(const BackendTest::Step &step)
{
    if (json())
        printJson(toJson(step));
    else
        print(stepLine(terminal(), toJson(step)));
}

void ServerTrialCommand::end()
{
    const bool ok = m_test->passed();
    if (json()) {
        QJsonArray steps;
        for (const BackendTest::Step &step : m_test->steps())
            steps.append(toJson(step));
        printJson({{QStringLiteral("summary"), QJsonObject{{QStringLiteral("backend"), m_options.name},
                                                           {QStringLiteral("ok"), ok},
                                                           {QStringLiteral("steps"), steps}}}});
    } else if (ok) {
        print(
            terminal().paint(Tone::Good, QStringLiteral("All is well with %1.").arg(plain(m_options.name))) +
            u'\n');
    }
    finish(ok ? Ok : DoneWithFindings);
}

} // namespace cring::app
