// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/site.h"

#include "app/playground/loopback.h"
#include "tests/bench/measure.h"
#include "tests/support/tokens.h"

#include <QCoreApplication>
#include <QDirIterator>

#include <numeric>

namespace cring::bench {

using namespace playground;
using namespace std::chrono_literals;

namespace {

constexpr auto StartLimit = 10s;
constexpr auto SettleLimit = 20s;
constexpr auto SettleSlice = 100ms;
constexpr auto TokenLife = std::chrono::hours(12);
constexpr double Idle = 0.015; ///< Seconds of CPU in a slice: at most one tick.

Endpoint endpointOf(const QUrl &url)
{
    return {url.host().toStdString(), static_cast<uint16_t>(url.port())};
}

Error failure(const QString &words)
{
    return Error{Code::BackendUnreachable, words};
}

QByteArray haproxyConfig(const Endpoint &front, const std::vector<Endpoint> &servers)
{
    std::string text = "global\n  maxconn 2000\ndefaults\n  mode http\n  option http-keep-alive\n"
                       "  timeout connect 2s\n  timeout client 60s\n  timeout server 60s\n"
                       "frontend front\n  bind " +
                       front.authority() +
                       "\n  default_backend servers\nbackend servers\n  balance leastconn\n";
    for (size_t index = 0; index < servers.size(); ++index)
        text += "  server s" + std::to_string(index + 1) + ' ' + servers[index].authority() + '\n';
    return QByteArray::fromStdString(text);
}

} // namespace

Site::Site(Options options)
    : m_options(std::move(options))
{
}

Site::~Site() = default;

Status Site::start()
{
    if (!QDir().mkpath(m_options.folder))
        return failure(QStringLiteral("cannot make %1").arg(m_options.folder));
    Result<RingOptions> ring = startServers();
    if (!ring)
        return ring.error();
    for (const RingServer &server : ring->servers)
        m_servers.push_back(endpointOf(server.url));
    ring->program = m_options.ring;
    ring->home = m_options.folder + QStringLiteral("/ring");
    ring->waiter = m_options.waiter;
    if (m_options.metrics)
        ring->metricsPort = 0;
    m_ring = std::make_unique<RingProcess>(*ring);
    if (Status started = m_ring->start(); !started.ok())
        return started;
    m_ringEndpoint = endpointOf(m_ring->url());
    return startHaproxy(m_ring->address());
}

std::optional<Endpoint> Site::metrics() const
{
    if (!m_options.metrics)
        return std::nullopt;
    return Endpoint{m_ring->address().toStdString(), m_ring->metricsPort()};
}

Status Site::startHaproxy(const QString &address)
{
    m_haproxyEndpoint = {address.toStdString(), freePort(address)};
    const QString config = m_options.folder + QStringLiteral("/haproxy.cfg");
    QFile file(config);
    if (!file.open(QIODevice::WriteOnly) || file.write(haproxyConfig(m_haproxyEndpoint, m_servers)) < 0)
        return failure(QStringLiteral("cannot write %1").arg(config));
    file.close();
    m_haproxy = std::make_unique<ChildProcess>();
    m_haproxy->setStandardOutputFile(QProcess::nullDevice());
    m_haproxy->setStandardErrorFile(m_options.folder + QStringLiteral("/haproxy.log"));
    m_haproxy->start(m_options.haproxy, {QStringLiteral("-db"), QStringLiteral("-f"), config});
    const bool up =
        m_haproxy->waitForStarted() &&
        m_options.waiter(
            *m_haproxy,
            [this] { return request(m_haproxyEndpoint, "GET", "/v1/public/jwks", m_token) == 200; },
            StartLimit);
    return up ? Status() : failure(QStringLiteral("haproxy did not start"));
}

bool Site::waitFor(const std::function<bool()> &condition)
{
    return m_options.waiter(*m_haproxy, condition, StartLimit);
}

void Site::settle()
{
    std::vector<qint64> processes = serverProcesses();
    processes.insert(processes.end(), {ringProcess(), haproxyProcess()});
    const auto spent = [&] {
        return std::accumulate(processes.begin(), processes.end(), 0.0,
                               [](double sum, qint64 process) { return sum + cpuSeconds(process); });
    };
    const auto end = std::chrono::steady_clock::now() + SettleLimit;
    double before = spent();
    while (std::chrono::steady_clock::now() < end && m_haproxy->state() == QProcess::Running) {
        m_options.waiter(
            *m_haproxy, [] { return false; }, SettleSlice);
        const double now = spent();
        if (now - before < Idle)
            return;
        before = now;
    }
}

Result<RingOptions> CharmSite::startServers()
{
    CharmClusterOptions cluster;
    cluster.folder = options().folder;
    cluster.servers = Servers;
    cluster.waiter = options().waiter;
    m_cluster = std::make_unique<CharmCluster>(cluster);
    if (Status started = m_cluster->start(); !started.ok())
        return started.error();
    Result<test::TokenMinter> minter = test::TokenMinter::fromKeyFile(m_cluster->signingKeyFile());
    if (!minter)
        return minter.error();
    setToken(minter->mint({m_cluster->charmId(), m_cluster->issuer(), {QStringLiteral("charm")}, TokenLife}));
    return RingProcess::optionsFor(*m_cluster);
}

std::vector<qint64> CharmSite::serverProcesses() const
{
    std::vector<qint64> out;
    for (int index = 0; index < m_cluster->size(); ++index)
        out.push_back(m_cluster->at(index).processId());
    return out;
}

std::vector<size_t> CharmSite::filesIn(const QString &folder) const
{
    std::vector<size_t> out;
    for (int index = 0; index < m_cluster->size(); ++index) {
        QDirIterator files(m_cluster->at(index).filesDir() + QLatin1Char('/') + m_cluster->charmId() +
                               QLatin1Char('/') + folder,
                           QDir::Files);
        size_t count = 0;
        for (; files.hasNext(); files.next())
            ++count;
        out.push_back(count);
    }
    return out;
}

Result<RingOptions> SinkSite::startServers()
{
    RingOptions ring;
    ring.address = ownLoopbackAddress(0);
    ring.httpPort = freePort(ring.address);
    const auto minter = test::TokenMinter::fromSeed(QByteArray(32, 's'));
    const QString issuer = QStringLiteral("http://%1:%2").arg(ring.address).arg(ring.httpPort);
    setToken(minter.mint({QStringLiteral("00000000-0000-4000-8000-000000000000"),
                          issuer,
                          {QStringLiteral("charm")},
                          TokenLife}));
    for (int index = 1; index <= Servers; ++index) {
        const QString address = ownLoopbackAddress(index);
        const quint16 port = freePort(address);
        auto sink = std::make_unique<ChildProcess>();
        sink->start(QCoreApplication::applicationFilePath(),
                    {QStringLiteral("--sink"), address, QString::number(port),
                     QString::fromLatin1(minter.jwks()), issuer});
        const Endpoint endpoint{address.toStdString(), port};
        const bool up =
            sink->waitForStarted() &&
            options().waiter(
                *sink, [&] { return request(endpoint, "GET", "/v1/public/jwks", "") == 200; }, StartLimit);
        if (!up)
            return failure(QStringLiteral("a sink did not start"));
        QUrl url;
        url.setScheme(QStringLiteral("http"));
        url.setHost(address);
        url.setPort(port);
        ring.servers.append({QStringLiteral("sink%1").arg(index), url, freePort(address)});
        m_sinks.push_back(std::move(sink));
    }
    return ring;
}

std::vector<qint64> SinkSite::serverProcesses() const
{
    std::vector<qint64> out;
    for (const auto &sink : m_sinks)
        out.push_back(sink->processId());
    return out;
}

} // namespace cring::bench
