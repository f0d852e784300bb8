// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/ringmetrics.h"

#include "core/service/workmetrics.h"

namespace cring::service {

using telemetry::Metric;
using telemetry::MetricType;
using telemetry::Samples;

namespace {

constexpr Metric kWritable{"cring_writes_possible", MetricType::Gauge,
                           "1 while a quorum of servers can be used and uploads are taken, else 0."};
constexpr Metric kReplicas{"cring_replicas", MetricType::Gauge, "How many copies each upload is to have."};
constexpr Metric kQuorum{"cring_quorum", MetricType::Gauge,
                         "How many servers must have stored an upload before it is acknowledged."};
constexpr Metric kConnections{"cring_connections", MetricType::Gauge,
                              "Clients' connections at the HTTP front."};
constexpr Metric kSessions{"cring_ssh_sessions", MetricType::Gauge,
                           "SSH sessions, those that still look for a server among them."};
constexpr Metric kSessionsEnded{
    "cring_ssh_sessions_total", MetricType::Counter,
    "SSH sessions that are over, by outcome: done, refused (over the limit), failed "
    "(no server took it) or abandoned."};
constexpr Metric kSshIn{"cring_ssh_received_bytes_total", MetricType::Counter,
                        "Bytes of SSH sessions that came from clients."};
constexpr Metric kSshOut{"cring_ssh_sent_bytes_total", MetricType::Counter,
                         "Bytes of SSH sessions that went to clients."};

constexpr Metric kStandbyReady{"cring_standby_ready", MetricType::Gauge,
                               "1 while the standby account server could answer, else 0, as always with "
                               "service.accounts = forward."};
constexpr Metric kStandingIn{"cring_standby_standing_in", MetricType::Gauge,
                             "1 while no server takes SSH sessions and the standby does, else 0."};
constexpr Metric kStandbySessions{"cring_standby_sessions_total", MetricType::Counter,
                                  "SSH sessions that the standby account server was given."};
constexpr Metric kStandbyLogins{"cring_standby_logins_total", MetricType::Counter,
                                "Clients that proved the key of an account to the standby."};
constexpr Metric kStandbyRefused{
    "cring_standby_refused_total", MetricType::Counter,
    "Clients that the standby refused, by reason: unknown_key (no account has it) or over_limit."};
constexpr Metric kStandbyTokens{"cring_standby_tokens_total", MetricType::Counter,
                                "Tokens that the standby signed with the server key."};
constexpr Metric kAccounts{
    "cring_accounts", MetricType::Gauge,
    "Accounts that all servers are to hold, as far as their databases can be reached."};
constexpr Metric kRound{"cring_accounts_round_timestamp_seconds", MetricType::Gauge,
                        "When accounts were last made equal, in seconds since 1970-01-01T00:00:00Z; 0 "
                        "before the first time."};
constexpr Metric kLeftOut{"cring_accounts_servers_left_out", MetricType::Gauge,
                          "Servers that the last round could not make equal."};
constexpr Metric kClashes{"cring_accounts_clashes", MetricType::Gauge,
                          "What servers say differently of accounts and a person has to decide."};

constexpr Metric kState{"cring_server_state", MetricType::Gauge,
                        "1 for the state that the server is in, 0 for the others."};
constexpr Metric kSince{"cring_server_state_since_timestamp_seconds", MetricType::Gauge,
                        "When the server's state became what it is, in seconds since 1970-01-01T00:00:00Z."};
constexpr Metric kBreaker{"cring_server_breaker", MetricType::Gauge,
                          "1 for the state of the server's circuit breaker, 0 for the others. Open: requests "
                          "are kept away from it."};
constexpr Metric kPrimary{"cring_server_primary", MetricType::Gauge,
                          "1 for the server that accounts and SSH sessions go to, 0 for the others."};
constexpr Metric kLatency{"cring_server_probe_duration_seconds", MetricType::Gauge,
                          "How long the server takes for a health check, smoothed over about five, to the "
                          "millisecond. Not there before the first good one."};
constexpr Metric kSkew{"cring_server_clock_offset_seconds", MetricType::Gauge,
                       "The server's clock minus ours. Not there before the first good health check."};
constexpr Metric kOutstanding{"cring_server_requests_in_flight", MetricType::Gauge,
                              "Requests that the server has and has not answered."};
constexpr Metric kRequests{"cring_server_requests_total", MetricType::Counter,
                           "Requests to the server, health checks among them. Starts again with a reload."};
constexpr Metric kErrors{"cring_server_errors_total", MetricType::Counter,
                         "Requests to the server that got no whole answer. Starts again with a reload."};
constexpr Metric kSent{"cring_server_sent_bytes_total", MetricType::Counter,
                       "Bytes of HTTP to the server. Starts again with a reload."};
constexpr Metric kReceived{"cring_server_received_bytes_total", MetricType::Counter,
                           "Bytes of HTTP from the server. Starts again with a reload."};

double secondsOf(qint64 ms)
{
    return telemetry::inSeconds(std::chrono::milliseconds(ms));
}

void addServer(Samples &samples, const control::BackendStatus &server)
{
    const telemetry::Label label{"server", server.name};
    samples.addState(kState, server.state, {"up", "down", "misconfigured", "unknown"}, label);
    samples.add(kSince, secondsOf(server.sinceMs), {label});
    samples.addState(kBreaker, server.breaker, {"closed", "half-open", "open"}, label);
    samples.add(kPrimary, server.primary ? 1 : 0, {label});
    if (server.latencyMs)
        samples.add(kLatency, secondsOf(*server.latencyMs), {label});
    if (server.clockSkewMs)
        samples.add(kSkew, secondsOf(*server.clockSkewMs), {label});
    samples.add(kOutstanding, server.outstanding, {label});
    samples.add(kRequests, static_cast<double>(server.requests), {label});
    samples.add(kErrors, static_cast<double>(server.errors), {label});
    samples.add(kSent, static_cast<double>(server.bytesSent), {label});
    samples.add(kReceived, static_cast<double>(server.bytesReceived), {label});
}

void addStandby(Samples &samples, const control::StandbyStatus &standby)
{
    const bool ready = standby.mode != QLatin1String("forward") && standby.problem.isEmpty();
    samples.add(kStandbyReady, ready ? 1 : 0);
    samples.add(kStandingIn, standby.standingIn ? 1 : 0);
    samples.add(kStandbySessions, static_cast<double>(standby.sessions));
    samples.add(kStandbyLogins, static_cast<double>(standby.logins));
    samples.add(kStandbyRefused, static_cast<double>(standby.turnedAway),
                {{"reason", QStringLiteral("unknown_key")}});
    samples.add(kStandbyRefused, static_cast<double>(standby.overLimit),
                {{"reason", QStringLiteral("over_limit")}});
    samples.add(kStandbyTokens, static_cast<double>(standby.tokens));
}

void addAccounts(Samples &samples, const control::AccountsStatus &accounts)
{
    samples.add(kAccounts, static_cast<double>(accounts.count));
    samples.add(kRound, secondsOf(accounts.roundMs.value_or(0)));
    samples.add(kLeftOut, static_cast<double>(accounts.leftOut.size()));
    samples.add(kClashes, static_cast<double>(accounts.clashes.size()));
}

} // namespace

void RingMetrics::collect(Samples &samples) const
{
    const RingFigures figures = m_look();
    const control::Snapshot &ring = figures.snapshot;
    samples.add(kWritable, ring.writesPossible ? 1 : 0);
    samples.add(kReplicas, ring.replicas);
    samples.add(kQuorum, ring.quorum);
    samples.add(kConnections, figures.connections);
    samples.add(kSessions, figures.sshSessions.inFlight);
    for (size_t i = 0; i < telemetry::outcomeCount; ++i) {
        const auto outcome = static_cast<telemetry::Outcome>(i);
        samples.add(kSessionsEnded, static_cast<double>(figures.sshSessions.of(outcome)),
                    {{"outcome", telemetry::outcomeName(outcome)}});
    }
    samples.add(kSshIn, static_cast<double>(figures.sshReceived));
    samples.add(kSshOut, static_cast<double>(figures.sshSent));
    addStandby(samples, ring.standby);
    addAccounts(samples, ring.accounts);
    addFiles(samples, ring);
    addBackups(samples, ring.backups);
    addOutlets(samples, ring.outlets);
    if (figures.jobs)
        addJobs(samples, *figures.jobs);
    for (const control::BackendStatus &server : ring.backends) {
        addServer(samples, server);
        addQueue(samples, server, figures.queue ? figures.queue->of(server.id) : QueueTally::Rows());
    }
}

} // namespace cring::service
