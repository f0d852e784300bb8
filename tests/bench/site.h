// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/charmcluster.h"
#include "app/playground/ringprocess.h"
#include "tests/bench/load.h"

namespace cring::bench {

/// Three servers, and the proxies in front of them: what requests are sent to. Ends with this object. Main
/// thread.
class Site
{
public:
    /// What it is made with.
    struct Options
    {
        QString folder;  ///< Everything is made below it; it has to exist.
        QString ring;    ///< The cring program.
        QString haproxy; ///< The haproxy program.
        playground::Waiter waiter;
        bool metrics = false; ///< The ring has them.
    };

    explicit Site(Options options);
    virtual ~Site();

    /// Starts all of it.
    Status start();

    /// For reports: "Charm servers".
    virtual QString name() const = 0;

    const std::vector<Endpoint> &servers() const { return m_servers; }

    const Endpoint &ring() const { return m_ringEndpoint; }

    /// Where the ring's metrics are; nothing when it has none.
    std::optional<Endpoint> metrics() const;

    const Endpoint &haproxy() const { return m_haproxyEndpoint; }

    qint64 ringProcess() const { return m_ring->processId(); }

    qint64 haproxyProcess() const { return m_haproxy->processId(); }

    const std::string &token() const { return m_token; }

    /// How many files each server holds in a folder below /v1/fs; empty when the servers keep nothing.
    virtual std::vector<size_t> filesIn(const QString &folder) const = 0;

    /// As long as a start may take; false: it did not come true.
    bool waitFor(const std::function<bool()> &condition);
    /// Waits until nothing works any more on what was asked for: servers and proxies are idle.
    void settle();

    static constexpr int Servers = 3;

protected:
    const Options &options() const { return m_options; }

    /// Starts the servers, and tells how a ring in front of them is set up.
    virtual Result<playground::RingOptions> startServers() = 0;
    virtual std::vector<qint64> serverProcesses() const = 0;

    void setToken(const QByteArray &token) { m_token = token.toStdString(); }

private:
    Status startHaproxy(const QString &address);

    Options m_options;
    std::vector<Endpoint> m_servers;
    Endpoint m_ringEndpoint;
    Endpoint m_haproxyEndpoint;
    std::string m_token;
    std::unique_ptr<playground::RingProcess> m_ring;
    std::unique_ptr<playground::ChildProcess> m_haproxy;
};

/// Real Charm servers.
class CharmSite final : public Site
{
public:
    using Site::Site;

    QString name() const override { return QStringLiteral("Charm servers"); }

    std::vector<size_t> filesIn(const QString &folder) const override;

private:
    Result<playground::RingOptions> startServers() override;
    std::vector<qint64> serverProcesses() const override;

    std::unique_ptr<playground::CharmCluster> m_cluster;
};

/// Sinks (sink.h), a process each.
class SinkSite final : public Site
{
public:
    using Site::Site;

    QString name() const override { return QStringLiteral("sink"); }

    std::vector<size_t> filesIn(const QString &) const override { return {}; }

private:
    Result<playground::RingOptions> startServers() override;
    std::vector<qint64> serverProcesses() const override;

    std::vector<std::unique_ptr<playground::ChildProcess>> m_sinks;
};

} // namespace cring::bench
