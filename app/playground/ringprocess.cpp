// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/ringprocess.h"

#include "app/playground/charmcluster.h"
#include "app/playground/loopback.h"
#include "core/base/clock.h"

#include <QDir>
#include <QFile>

#include <csignal>

namespace cring::playground {

using namespace std::chrono_literals;

namespace {

constexpr auto StartLimit = 10s;
constexpr auto ProbeLimit = 2s;

QString quoted(const QString &text)
{
    QString escaped = text;
    escaped.replace(QLatin1Char('\\'), QStringLiteral("\\\\"))
        .replace(QLatin1Char('"'), QStringLiteral("\\\""));
    return QLatin1Char('"') + escaped + QLatin1Char('"');
}

} // namespace

RingProcess::RingProcess(RingOptions options)
    : m_options(std::move(options))
{
}

RingOptions RingProcess::optionsFor(CharmCluster &cluster)
{
    RingOptions options;
    options.address = cluster.frontAddress();
    options.httpPort = cluster.frontHttpPort();
    options.sshPort = cluster.frontSshPort();
    for (int index = 0; index < cluster.size(); ++index) {
        const CharmServer &server = cluster.at(index);
        options.servers.append({server.name(), server.url(), server.sshPort()});
    }
    return options;
}

Status RingProcess::start()
{
    if (m_options.httpPort == 0)
        m_options.httpPort = freePort(m_options.address);
    if (m_options.sshPort == 0)
        m_options.sshPort = freePort(m_options.address);
    // The others are chosen, and nobody listens on them yet.
    while (m_options.metricsPort == quint16{0} || m_options.metricsPort == m_options.httpPort ||
           m_options.metricsPort == m_options.sshPort)
        m_options.metricsPort = freePort(m_options.address);
    if (!writeConfig())
        return Error{Code::ConfigFile, QStringLiteral("cannot write %1").arg(configFile())};

    const SystemClock clock;
    const milliseconds begin = clock.steady();
    m_process = command(QStringList{QStringLiteral("serve"), QStringLiteral("--config"), configFile()} +
                        m_options.arguments);
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    m_process->setStandardOutputFile(logFile(), QIODevice::Append);
    m_process->start();
    QUrl probe = url();
    probe.setPath(QStringLiteral("/v1/public/jwks"));
    const bool up =
        m_process->waitForStarted() &&
        m_options.waiter(
            *m_process, [&] { return !isRunning() || fetch(probe, ProbeLimit).ok(); }, StartLimit) &&
        isRunning();
    m_startTook = clock.steady() - begin;
    if (up)
        return {};
    m_process->kill9();
    return Error{Code::ControlUnavailable, QStringLiteral("cring serve did not start (exit code %1): %2\n%3")
                                               .arg(m_process->exitCode())
                                               .arg(m_process->errorString(), QString::fromUtf8(logTail()))};
}

int RingProcess::stop(milliseconds grace)
{
    if (!m_process)
        return -1;
    m_process->stop(grace);
    return m_process->exitStatus() == QProcess::NormalExit ? m_process->exitCode() : -1;
}

void RingProcess::kill9()
{
    if (m_process)
        m_process->kill9();
}

void RingProcess::sendSignal(int signal)
{
    if (isRunning())
        ::kill(static_cast<pid_t>(processId()), signal);
}

bool RingProcess::isRunning() const
{
    return m_process && m_process->state() == QProcess::Running;
}

qint64 RingProcess::processId() const
{
    return m_process ? m_process->processId() : 0;
}

std::unique_ptr<ChildProcess> RingProcess::command(const QStringList &arguments) const
{
    auto process = std::make_unique<ChildProcess>();
    process->setProgram(m_options.program);
    process->setArguments(arguments);
    process->setProcessEnvironment(environment());
    process->setWorkingDirectory(m_options.home);
    return process;
}

QUrl RingProcess::url() const
{
    QUrl url;
    url.setScheme(m_options.serviceLines.contains(QLatin1String("tls_cert")) ? QStringLiteral("https")
                                                                             : QStringLiteral("http"));
    url.setHost(m_options.address);
    url.setPort(m_options.httpPort);
    return url;
}

QByteArray RingProcess::configText() const
{
    const auto endpoint = [this](quint16 port) {
        return quoted(QStringLiteral("%1:%2").arg(m_options.address).arg(port));
    };
    // The default port is one for all: several rings run side by side.
    QString text = QStringLiteral("[service]\naddress = %1\nssh_address = %2\nmetrics_address = %3\n")
                       .arg(endpoint(m_options.httpPort), endpoint(m_options.sshPort),
                            m_options.metricsPort ? endpoint(*m_options.metricsPort) : quoted({}));
    text += m_options.serviceLines;
    for (const RingServer &server : m_options.servers) {
        text += QStringLiteral("\n[[server]]\nname = %1\nurl = %2\nssh_port = %3\n")
                    .arg(quoted(server.name), quoted(server.url.toString()))
                    .arg(server.sshPort);
        if (!server.data.isEmpty())
            text += QStringLiteral("data = %1\n").arg(quoted(server.data));
    }
    text += m_options.configLines;
    return text.toUtf8();
}

QByteArray RingProcess::logTail(int lines) const
{
    QFile file(logFile());
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QList<QByteArray> all = file.readAll().split('\n');
    return all.mid(std::max<qsizetype>(0, all.size() - lines - 1)).join('\n');
}

bool RingProcess::writeConfig() const
{
    for (const char *folder : {"/config/charmedring", "/state", "/cache", "/run"}) {
        if (!QDir().mkpath(m_options.home + QLatin1String(folder)))
            return false;
    }
    QFile::setPermissions(m_options.home + QStringLiteral("/run"),
                          QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QFile file(configFile());
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(configText()) >= 0;
}

QProcessEnvironment RingProcess::environment() const
{
    const QProcessEnvironment system = QProcessEnvironment::systemEnvironment();
    QProcessEnvironment environment = system;
    // Nothing of the person who runs this: neither their settings nor their client's.
    for (const QString &name : environment.keys()) {
        if (name.startsWith(QLatin1String("CHARM")) || name.startsWith(QLatin1String("CRING_")) ||
            name.startsWith(QLatin1String("AWS_")) || name == QLatin1String("JOURNAL_STREAM") ||
            name == QLatin1String("NOTIFY_SOCKET"))
            environment.remove(name);
    }
    const QStringList more = m_options.environment.keys();
    for (const QString &name : more) {
        if (m_options.environment.value(name) != system.value(name))
            environment.insert(name, m_options.environment.value(name));
    }
    // A crash under a test is to be looked at, and so are its descriptors.
    environment.insert(QStringLiteral("CRING_COREDUMP"), QStringLiteral("1"));
    environment.insert(QStringLiteral("HOME"), m_options.home);
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), m_options.home + QStringLiteral("/config"));
    environment.insert(QStringLiteral("XDG_STATE_HOME"), m_options.home + QStringLiteral("/state"));
    environment.insert(QStringLiteral("XDG_CACHE_HOME"), m_options.home + QStringLiteral("/cache"));
    environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_options.home + QStringLiteral("/run"));
    return environment;
}

} // namespace cring::playground
