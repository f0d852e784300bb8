// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/service.h"

#include "core/backup/backupmetrics.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "core/charm/listing.h"
#include "core/control/socketpath.h"
#include "core/http/pool.h"
#include "core/repair/spoolmetrics.h"
#include "core/replica/removal.h"
#include "core/service/datalook.h"
#include "core/service/hostkeylook.h"
#include "core/service/missingaccounts.h"
#include "core/service/monitorprobe.h"
#include "core/service/notifier.h"
#include "core/telemetry/processmetrics.h"
#include "core/telemetry/requestmetrics.h"

#include <QDateTime>
#include <QLoggingCategory>

namespace cring::service {

Q_LOGGING_CATEGORY(lcService, "cring.service")

namespace {

using namespace std::chrono_literals;

constexpr auto kRetiredCheck = 5s;
constexpr auto kDrainCheck = 50ms;
/// That are looked after once nobody goes through the servers' files any more.
constexpr qsizetype kMostTestFiles = 50;
/// For servers that hang with a write in hand: its clients have their answers.
constexpr auto kStragglers = 5s;
/// For the database, once nothing is under way.
constexpr auto kClosing = 10s;

void logEvent(const telemetry::Event &event)
{
    QString line = telemetry::categoryName(event.category) + QStringLiteral(": ");
    if (!event.backend.isEmpty())
        line += event.backend + u' ';
    line += event.text;
    const log::Field server(log::Field::kServer, event.backend);
    switch (event.level) {
    case telemetry::Level::Debug:
        qCDebug(lcService).noquote() << line;
        break;
    case telemetry::Level::Info:
        qCInfo(lcService).noquote() << line;
        break;
    case telemetry::Level::Warning:
        qCWarning(lcService).noquote() << line;
        break;
    case telemetry::Level::Error:
        qCCritical(lcService).noquote() << line;
        break;
    }
}

/// "4 servers now, 3 before", or whose settings are others.
QString serverChanges(const QList<config::Server> &now, const QList<config::Server> &before)
{
    if (now.size() != before.size())
        return QStringLiteral("%1 now, %2 before")
            .arg(words::counted(now.size(), "server"))
            .arg(before.size());
    QStringList changed;
    for (const config::Server &server : now) {
        if (!before.contains(server))
            changed << server.name;
    }
    return changed.isEmpty() ? QStringLiteral("the servers are in another order")
                             : QStringLiteral("the settings of %1 are new").arg(words::enumeration(changed));
}

/// Null when servers alone answer by SSH.
std::unique_ptr<ssh::StandbyServer> makeStandby(const config::Config &config, Shared &shared)
{
    if (config.accounts == QLatin1String("forward"))
        return nullptr;
    ssh::StandbyServer::Options options;
    options.closed = config.accounts == QLatin1String("closed");
    return std::make_unique<ssh::StandbyServer>(
        shared.accountKeeper, [&shared] { return shared.tokens.signer(); }, shared.clock, options);
}

void addOutlets(control::Snapshot &snapshot, const QList<notify::OutletStatus> &outlets)
{
    for (const notify::OutletStatus &outlet : outlets) {
        snapshot.outlets.append({outlet.name, outlet.target, outlet.problem, outlet.problemSinceMs,
                                 outlet.lastMs, outlet.waiting, outlet.sent, outlet.failed});
        if (outlet.problemSinceMs)
            snapshot.warnings.append(QStringLiteral("notices by %1 have not gone out for %2: %3")
                                         .arg(outlet.name,
                                              words::duration(std::chrono::milliseconds(
                                                  snapshot.takenMs - *outlet.problemSinceMs)),
                                              outlet.problem));
    }
}

telemetry::KindCounters sshCounters(const ssh::Forwarder::Stats &stats)
{
    using telemetry::Outcome;
    telemetry::KindCounters counters;
    const auto ended = [&](Outcome outcome) -> quint64 & {
        return counters.ended.at(static_cast<size_t>(outcome));
    };
    const quint64 now = static_cast<quint64>(stats.open) + static_cast<quint64>(stats.pending);
    counters.inFlight = static_cast<int>(now);
    ended(Outcome::Done) = stats.served - static_cast<quint64>(stats.open);
    ended(Outcome::Refused) = stats.overLimit;
    ended(Outcome::Failed) = stats.unserved;
    ended(Outcome::Abandoned) =
        stats.accepted - now - ended(Outcome::Done) - stats.overLimit - stats.unserved;
    return counters;
}

} // namespace

Service::Service(Setup setup, QObject *parent)
    : QObject(parent)
    , m_setup(std::move(setup))
    , m_activity(m_clock)
    , m_record(m_activity, *m_setup.store)
    , m_shared(m_clock, m_random, m_activity, *m_setup.store, m_setup.stateDirectory)
    , m_core(std::make_unique<Core>(m_setup.configuration.config, m_shared))
    , m_hostKeys(m_shared.workers, m_activity)
    , m_upkeep({m_shared.store, m_shared.tokens, m_shared.survey, m_shared.throttle,
                [this]() -> replica::Environment & { return m_core->environment(); },
                [this] {
                    replaceCore(m_core->config());
                }})
    , m_schedule(m_shared.store.jobs, m_shared.backups, m_shared.store.bucketLedger, m_clock)
    , m_front(m_core->config(), m_clock)
    , m_standby(makeStandby(m_core->config(), m_shared))
    , m_forwarder(std::make_unique<ssh::Forwarder>(m_shared.primary, m_core->config().timing,
                                                   m_core->config().limits, m_clock))
    , m_metrics(m_setup.version)
    , m_queueTally({m_shared.store.catalogue, m_shared.store.accountWork, m_clock,
                    [this] {
                        QStringList servers;
                        for (const config::Server &server : m_core->config().servers)
                            servers.append(server.id);
                        return servers;
                    },
                    [this](const QByteArray &account) {
                        return m_shared.accountKeeper.isDisabled(account);
                    }})
    , m_metricsToken(m_shared.secrets)
    , m_notices({[this] { return snapshot(); }, m_shared.store.notices, m_shared.secrets, m_clock, m_activity,
                 QSysInfo::machineHostName()})
    , m_pause(m_clock, [this](bool paused) { setBackgroundPaused(paused); })
    , m_heartbeat([this] { return snapshot().verdict; })
{
    m_forwarder->setStandby(m_standby.get());
    m_metrics.add(std::make_unique<telemetry::ProcessMetrics>());
    m_metrics.add(std::make_unique<telemetry::RequestMetrics>(m_shared.counters));
    m_metrics.add(std::make_unique<repair::SpoolMetrics>(m_shared.store.spool));
    m_metrics.add(std::make_unique<backup::BackupMetrics>(m_shared.backups, m_shared.store.bucketLedger));
    m_metrics.add(std::make_unique<RingMetrics>([this] { return ringFigures(); }));
    connect(&m_activity, &telemetry::ActivityLog::recorded, this, logEvent);
    m_front.setRouter(m_core->router());
    m_hostKeys.configure(m_core->backends(), m_core->config().timing);
    m_retiredTimer.setInterval(kRetiredCheck);
    connect(&m_retiredTimer, &QTimer::timeout, this, &Service::dropRetired);
    m_shared.store.jobs.add(QLatin1String(repair::RebalanceJob::kKind),
                            [this](const QJsonObject &) -> Result<std::unique_ptr<jobs::Job>> {
                                return m_upkeep.makeRebalance();
                            });
    backup::addBackupJobs(m_shared.store.jobs,
                          {m_shared.backups, m_shared.store.bucketLedger, m_shared.tokens,
                           m_shared.store.conflicts,
                           [this](quint64 id, QObject *context, std::function<void(const Status &)> done) {
                               m_upkeep.choose(id, context, std::move(done));
                           },
                           m_writes, [this]() -> replica::Environment & { return m_core->environment(); },
                           m_setup.stateDirectory,
                           [this] {
                               return m_shared.snapshots.kit();
                           }});
    connect(&m_shared.store.jobs, &jobs::Jobs::changed, this, &Service::handleJobsChanged);
    connect(&m_shared.caretaker, &repair::Caretaker::settled, this,
            [this] { m_shared.store.database->write(&state::Database::settle); });
    connect(&m_front, &gateway::Front::drained, this, [this] { handleDrained(Part::Http); });
    connect(m_forwarder.get(), &ssh::Forwarder::drained, this, [this] { handleDrained(Part::Ssh); });
    connect(m_forwarder.get(), &ssh::Forwarder::unserved, this, [this](const QString &reasons) {
        m_activity.record(telemetry::Level::Warning, telemetry::Category::Ssh,
                          QStringLiteral("no server took a session: %1").arg(reasons));
    });
    connect(m_forwarder.get(), &ssh::Forwarder::standbyBegan, this, [this](const QString &reasons) {
        m_activity.record(
            telemetry::Level::Warning, telemetry::Category::Ssh,
            QStringLiteral("no server takes sessions, the service answers in their place: %1").arg(reasons));
    });
    connect(m_forwarder.get(), &ssh::Forwarder::standbyEnded, this, [this] {
        m_activity.record(telemetry::Level::Info, telemetry::Category::Ssh,
                          QStringLiteral("a server takes sessions again"));
    });
}

Service::~Service()
{
    // Jobs and backups work with the core, which goes before them.
    m_shared.caretaker.stop();
    m_shared.store.jobs.discard();
    m_shared.snapshots.stop();
    m_shared.backups.stop();
}

Status Service::start()
{
    if (const Status status = m_front.listen(); !status)
        return status;
    if (const Status status = m_forwarder->listen(m_core->config().sshAddress); !status)
        return status;
    m_facts.version = m_setup.version;
    m_facts.started = m_clock.wall();
    m_facts.httpAddress = m_front.endpoints().join(QStringLiteral(", "));
    m_facts.sshAddress = m_forwarder->endpoints().join(QStringLiteral(", "));
    m_facts.warnings = m_setup.configuration.warnings;
    if (const Status status = startMetrics(); !status)
        return status;
    if (const Status status = startControl(); !status)
        return status;
    m_core->monitor().start();
    m_record.tellOfStart();
    const Store &store = m_shared.store;
    m_shared.caretaker.begin({store.opened.closed, store.catalogue.powerCutAt() > 0, store.lastAlive()});
    m_activity.record(telemetry::Level::Info, telemetry::Category::Service,
                      QStringLiteral("serving %1 servers: HTTP on %2, SSH on %3")
                          .arg(m_core->config().servers.size())
                          .arg(m_facts.httpAddress, m_facts.sshAddress));
    m_heartbeat.tellReady(
        QStringLiteral("HTTP on %1, SSH on %2").arg(m_facts.httpAddress, m_facts.sshAddress));
    m_heartbeat.start();
    m_notices.start(m_core->config().notify);
    return {};
}

Status Service::startMetrics()
{
    const config::Config &config = m_core->config();
    if (config.metricsAddress.isEmpty())
        return {};
    const auto readiness = [this]() -> telemetry::MetricsServer::Readiness {
        const control::Snapshot now = snapshot();
        return {now.writesPossible, now.verdict};
    };
    m_metricsServer =
        std::make_unique<telemetry::MetricsServer>(m_metrics, readiness, config.limits, m_clock);
    m_metricsServer->setAdmission(
        [this](const http::RequestHead &request) { return m_metricsToken.admits(request); });
    if (const Status status = m_metricsServer->listen(config.metricsAddress); !status) {
        m_metricsServer.reset();
        const QString words = QStringLiteral("service.metrics_address: %1").arg(status.error().detail);
        if (m_setup.configuration.metricsAddressIsSet)
            return Error{status.error().code, words};
        m_metricsWarning = QStringLiteral("there are no metrics; %1; \"\" turns them off").arg(words);
        m_activity.record(telemetry::Level::Warning, telemetry::Category::Service, m_metricsWarning);
        return {};
    }
    m_metricsToken.configure(config.metricsToken);
    m_queueTally.start();
    m_facts.metricsAddress = m_metricsServer->endpoints().join(QStringLiteral(", "));
    m_activity.record(telemetry::Level::Info, telemetry::Category::Service,
                      QStringLiteral("metrics on %1").arg(m_facts.metricsAddress));
    return {};
}

Status Service::startControl()
{
    const control::SocketPlaces places = control::SocketPlaces::ofThisProcess();
    control::ServerOptions options;
    options.path =
        m_core->config().controlSocket.isEmpty() ? places.servicePath() : m_core->config().controlSocket;
    options.groupAccess = places.isSystemService();
    options.serviceVersion = m_setup.version;
    m_control = std::make_unique<control::Server>(options);
    m_handlers = std::make_unique<Handlers>(*m_control, m_activity, hooks());
    return m_control->listen();
}

HandlerHooks Service::hooks()
{
    HandlerHooks hooks;
    hooks.snapshot = [this] {
        return snapshot();
    };
    hooks.makeTest = [this](const QString &name) {
        return makeTest(name);
    };
    hooks.reload = [this] {
        return reload();
    };
    hooks.drain = [this] {
        drain();
    };
    hooks.stop = [this] {
        stop();
    };
    const Operations operations{m_shared, [this]() -> Core & {
                                    return *m_core;
                                }};
    hooks.queue = operations.queue();
    hooks.blobs = operations.blobs();
    // The socket of the whole machine's service is open to a group.
    if (!control::SocketPlaces::ofThisProcess().isSystemService())
        hooks.blobs.names = &m_shared.names;
    hooks.accounts = {&m_shared.accountKeeper, &m_shared.store.catalogue, &m_clock, &m_random,
                      [this](const QByteArray &charmId) {
                          m_shared.tokens.handleChanged(charmId);
                      }};
    hooks.members = operations.members();
    hooks.members.source = [this] {
        return m_setup.configuration.source;
    };
    hooks.conflicts = operations.conflicts(m_upkeep);
    hooks.jobs = Operations::jobs(m_shared.store.jobs);
    hooks.findings = operations.findings(m_shared.store.findings);
    operations.addUpkeep(hooks, m_upkeep);
    hooks.pause = &m_pause;
    hooks.transfers = &m_shared.transfers;
    hooks.backups = &m_shared.backups;
    hooks.ledger = &m_shared.store.bucketLedger;
    hooks.snapshots = &m_shared.snapshots;
    hooks.notices = &m_notices;
    return hooks;
}

control::Snapshot Service::snapshot() const
{
    telemetry::Counters counters = m_shared.counters;
    counters.of(telemetry::Kind::SshSession) = sshCounters(m_forwarder->stats());
    ServiceFacts facts = m_facts;
    facts.paused = m_pause.isPaused();
    facts.pausedUntilMs = m_pause.untilMs();
    facts.pausedBy = m_pause.by();
    const auto unknownAccounts = [this](const QString &server) {
        return missingAccounts(
            server, m_shared.delivery, m_shared.store.accountWork, m_shared.accountDelivery,
            [this](const QByteArray &account) { return m_shared.accountKeeper.isDisabled(account); });
    };
    control::Snapshot taken =
        takeSnapshot({m_core->config(), m_core->backends(), m_shared.primary, counters, m_clock,
                      m_shared.store, m_shared.survey.counts(), unknownAccounts,
                      [this](const QString &server) { return m_shared.setAside.of(server); },
                      &m_shared.backups, &m_shared.snapshots, standbyStatus(), accountsStatus()},
                     facts);
    if (!m_metricsWarning.isEmpty())
        taken.warnings.append(m_metricsWarning);
    if (const QString problem = m_shared.tokens.serverKeyProblem();
        !problem.isEmpty() && problem != taken.standby.problem)
        taken.warnings.append(problem);
    taken.warnings += m_hostKeys.warnings();
    if (const QString problem = m_metricsToken.problem(); !problem.isEmpty())
        taken.warnings.append(
            QStringLiteral("nobody gets the metrics: service.metrics_token: %1").arg(problem));
    addOutlets(taken, m_notices.status());
    return taken;
}

control::StandbyStatus Service::standbyStatus() const
{
    control::StandbyStatus status;
    status.mode = m_core->config().accounts;
    if (!m_standby)
        return status;
    const ssh::StandbyServer::Stats stats = m_standby->stats();
    if (const Status ready = m_standby->readiness(); !ready)
        status.problem = ready.error().detail;
    status.standingIn = m_forwarder->isStandingIn();
    status.sessions = static_cast<qint64>(m_forwarder->stats().stoodIn);
    status.logins = static_cast<qint64>(stats.loggedIn);
    status.turnedAway = static_cast<qint64>(stats.turnedAway);
    status.overLimit = static_cast<qint64>(stats.overLimit);
    status.commands = static_cast<qint64>(stats.commands);
    status.tokens = static_cast<qint64>(stats.tokens);
    return status;
}

control::AccountsStatus Service::accountsStatus() const
{
    const accounts::AccountKeeper &keeper = m_shared.accountKeeper;
    control::AccountsStatus status;
    status.count = static_cast<qint64>(keeper.accounts()->size());
    const auto &report = keeper.report();
    if (!report)
        return status;
    status.roundMs = report->at.count();
    for (const accounts::ServerOutcome &server : report->outcome.servers) {
        if (server.error)
            status.leftOut.append({server.name, server.problem()});
    }
    for (const accounts::Clash &clash : report->outcome.clashes)
        status.clashes.append(clash.toString());
    return status;
}

RingFigures Service::ringFigures() const
{
    const ssh::Forwarder::Stats sessions = m_forwarder->stats();
    return {snapshot(),
            m_front.connections(),
            sshCounters(sessions),
            sessions.bytesToServers,
            sessions.bytesToClients,
            &m_shared.store.jobs,
            &m_queueTally};
}

void Service::setBackgroundPaused(bool paused)
{
    m_shared.delivery.setPaused(paused);
    m_shared.accountDelivery.setPaused(paused);
    m_shared.backups.setPaused(paused);
    m_shared.snapshots.setPaused(paused);
    m_shared.store.jobs.setAllPaused(paused);
    const auto until = m_pause.untilMs();
    const bool isMetered = !m_pause.by().contains(QStringLiteral("person"));
    const QString end = until       ? QDateTime::fromMSecsSinceEpoch(*until).toString(Qt::ISODate)
                        : isMetered ? QStringLiteral("the network is no metered one")
                                    : QStringLiteral("`cring resume`");
    m_activity.record(telemetry::Level::Info, telemetry::Category::Service,
                      paused ? QStringLiteral("background work rests until %1").arg(end)
                             : QStringLiteral("background work goes on"));
}

std::unique_ptr<BackendTest> Service::makeTest(const QString &name)
{
    health::Backend *backend = m_core->backends().findByName(name);
    if (!backend)
        return nullptr;
    const config::Timing &timing = m_core->config().timing;
    BackendTest::Means means{monitorProbe(m_core->monitor(), *backend, m_core->use())};
    means.hostKey = hostKeyLook(m_shared.workers, backend->server(), timing);
    if (m_shared.tokens.hasOwn()) {
        means.ownToken = [this](QObject *context, replica::ITokenSource::Done done) {
            m_shared.tokens.obtainOwn(context, std::move(done));
        };
    }
    means.account = accountMeans(*backend);
    means.data = dataLook(m_shared.workers, backend->server(), nodeAccess(m_shared.stateDirectory), m_clock);
    means.frontHasTls = !m_core->config().tlsCert.isEmpty();
    means.random = &m_random;
    return std::make_unique<BackendTest>(backend->server(), timing, m_clock, std::move(means));
}

/// Past the breaker: what a test meets says nothing of clients' requests.
AccountTrial::Means Service::accountMeans(health::Backend &backend)
{
    AccountTrial::Means means;
    means.ask = [&backend, use = m_core->use(), limit = m_core->config().timing.answerTimeout](
                    const http::Request &request, QObject *context, const AccountTrial::Answered &answered) {
        backend.pool().exchange(request, limit, charm::kMaxListing, context,
                                [use, answered](const Result<http::Response> &result) { answered(result); });
    };
    means.whyNotNow = [this]() -> QString {
        for (const jobs::Jobs::Info &job : m_shared.store.jobs.list()) {
            if (job.state == jobs::Jobs::State::Running &&
                job.kind != QLatin1String(repair::RebalanceJob::kKind))
                return QStringLiteral(
                           "the servers' files are being gone through (%1), and the test's could be "
                           "taken for yours. Test again when `cring jobs list` shows none")
                    .arg(job.kind);
        }
        return {};
    };
    means.deleteRecorded = [this](const replica::Credentials &credentials, const QByteArray &name) {
        if (deleteRecorded(credentials, name))
            return true;
        // A job that has listed it may record it only later.
        m_testFiles.append({credentials, name});
        if (m_testFiles.size() > kMostTestFiles)
            m_testFiles.removeFirst();
        return false;
    };
    return means;
}

bool Service::deleteRecorded(const replica::Credentials &credentials, const QByteArray &name)
{
    const auto record = m_shared.store.catalogue.find(state::objectKey(credentials.account, name));
    if (!record || record->deleted)
        return false;
    auto *removal =
        new replica::Removal(m_core->environment(), credentials, name, "/v1/fs/" + name, &m_writes);
    // For as long as it lives.
    connect(removal, &QObject::destroyed, this, [use = m_core->use()] {});
    removal->start();
    return true;
}

void Service::handleJobsChanged()
{
    const auto isRunning = [](const jobs::Jobs::Info &job) {
        return job.state == jobs::Jobs::State::Running;
    };
    const QList<jobs::Jobs::Info> jobs = m_shared.store.jobs.list();
    if (m_testFiles.isEmpty() || std::any_of(jobs.begin(), jobs.end(), isRunning))
        return;
    for (const auto &[credentials, name] : std::exchange(m_testFiles, {}))
        deleteRecorded(credentials, name);
}

// ---- a new configuration ----

Result<QStringList> Service::reload()
{
    notifyReloading();
    Result<Configuration> read = m_setup.reread();
    if (!read) {
        m_activity.record(
            telemetry::Level::Error, telemetry::Category::Config,
            QStringLiteral("the new configuration is bad, the old one stays: %1").arg(read.error().detail));
        m_heartbeat.tellReady(QStringLiteral("the new configuration is bad, the old one stays"));
        return read.error();
    }
    const config::Config old = m_core->config();
    config::Config next = m_shared.store.applied(read->config);
    m_facts.warnings = read->warnings;
    m_setup.configuration.source = read->source;
    QStringList changes;
    const auto fixed = [&](auto &now, const auto &before, const QString &what) {
        if (now == before)
            return;
        changes << QStringLiteral("%1 takes effect when the service is started again").arg(what);
        now = before;
    };
    fixed(next.address, old.address, QStringLiteral("service.address"));
    fixed(next.sshAddress, old.sshAddress, QStringLiteral("service.ssh_address"));
    fixed(next.metricsAddress, old.metricsAddress, QStringLiteral("service.metrics_address"));
    fixed(next.accounts, old.accounts, QStringLiteral("service.accounts"));
    fixed(next.controlSocket, old.controlSocket, QStringLiteral("service.control_socket"));
    fixed(next.tlsCert, old.tlsCert, QStringLiteral("service.tls_cert"));
    fixed(next.tlsKey, old.tlsKey, QStringLiteral("service.tls_key"));
    fixed(next.limits, old.limits, QStringLiteral("the section [limits]"));
    if (next == old) {
        if (changes.isEmpty())
            changes << QStringLiteral("nothing has changed");
    } else {
        if (next.servers != old.servers)
            changes << serverChanges(next.servers, old.servers);
        else
            changes << QStringLiteral("the new settings hold for every new request");
        replaceCore(next);
    }
    // Also from the same place: there may be another token in it.
    if (m_metricsServer)
        m_metricsToken.configure(next.metricsToken);
    m_notices.configure(next.notify);
    m_activity.record(telemetry::Level::Info, telemetry::Category::Config,
                      changes.join(QStringLiteral("; ")));
    m_heartbeat.tellReady(
        QStringLiteral("HTTP on %1, SSH on %2").arg(m_facts.httpAddress, m_facts.sshAddress));
    return changes;
}

void Service::replaceCore(const config::Config &config)
{
    auto core = std::make_unique<Core>(config, m_shared, m_core.get());
    m_core->monitor().stop();
    m_front.setRouter(core->router());
    m_forwarder->setTiming(config.timing);
    m_hostKeys.configure(core->backends(), config.timing);
    log::setLevel(log::levelOf(config.logLevel));
    log::setFormat(log::formatOf(config.logFormat));
    core->monitor().start();
    m_retired.push_back(std::exchange(m_core, std::move(core)));
    m_retiredTimer.start();
    // Not before: their makers ask for the environment of now.
    m_shared.caretaker.renewJobs();
}

void Service::dropRetired()
{
    std::erase_if(m_retired, [this](const std::unique_ptr<Core> &core) {
        return core->idle() && !m_forwarder->uses(core->backends());
    });
    if (m_retired.empty())
        m_retiredTimer.stop();
}

// ---- the end ----

void Service::terminate()
{
    if (std::exchange(m_terminated, true))
        stop();
    else
        drain();
}

void Service::drain()
{
    if (m_facts.draining)
        return;
    m_facts.draining = true;
    m_notices.stop();
    const auto limit = m_core->config().timing.drainTime;
    notifyStopping(limit + kStragglers + kClosing);
    m_activity.record(telemetry::Level::Info, telemetry::Category::Service,
                      QStringLiteral("draining: no new connections"));
    m_draining = {Part::Http, Part::Ssh};
    m_front.drain(limit);
    m_forwarder->drain(limit);
}

void Service::handleDrained(Part part)
{
    if (!m_draining.remove(part) || !m_draining.isEmpty())
        return;
    // Clients have their answers; servers that were slower than the quorum get what they still miss.
    m_shared.caretaker.stop();
    m_shared.delivery.stop();
    m_shared.snapshots.stop();
    m_shared.backups.stop();
    m_shared.accountDelivery.stop();
    m_shared.survey.stop();
    m_drainEnd = m_clock.steady() + kStragglers;
    finishDraining();
}

bool Service::settled() const
{
    const auto isSettled = [](const std::unique_ptr<Core> &core) {
        return core->router().settled();
    };
    return isSettled(m_core) && std::all_of(m_retired.begin(), m_retired.end(), isSettled) &&
           !m_shared.delivery.busy() && !m_upkeep.busy();
}

void Service::finishDraining()
{
    if (settled() || m_clock.steady() >= m_drainEnd)
        stop();
    else
        QTimer::singleShot(kDrainCheck, this, &Service::finishDraining);
}

void Service::stop()
{
    if (std::exchange(m_stopped, true))
        return;
    m_draining.clear();
    m_shared.caretaker.stop();
    m_core->monitor().stop();
    m_forwarder->stop();
    if (!m_control) {
        Q_EMIT ended();
        return;
    }
    connect(m_control.get(), &control::Server::closed, this, &Service::ended, Qt::SingleShotConnection);
    m_control->close(QStringLiteral("the service stops"));
}

} // namespace cring::service
