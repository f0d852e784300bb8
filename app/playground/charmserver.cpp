// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/charmserver.h"

#include "app/playground/loopback.h"

#include <QDir>
#include <QFile>

namespace cring::playground {

using namespace std::chrono_literals;

namespace {

constexpr auto StartLimit = 10s;
constexpr auto StopGrace = 3s;
constexpr int PortAttempts = 5;
constexpr auto ProbeLimit = 500ms;

} // namespace

CharmServer::CharmServer(CharmServerOptions options)
    : m_options(std::move(options))
{
    if (m_options.logFile.isEmpty())
        m_options.logFile = m_options.dataDir + QStringLiteral(".log");
}

Status CharmServer::start()
{
    if (isRunning())
        return {};
    if (!prepareDataDir())
        return Error{Code::NotFound, QStringLiteral("cannot make %1").arg(m_options.dataDir)};
    Status started;
    for (int attempt = 0; attempt < PortAttempts; ++attempt) {
        choosePorts();
        started = launch();
        if (started.ok() || !m_portsAreChosen || !logTail().contains("address already in use"))
            break;
        m_options.httpPort = m_options.sshPort = m_options.healthPort = m_options.statsPort = 0;
    }
    if (started.ok())
        m_portsAreChosen = false;
    return started;
}

void CharmServer::stop()
{
    if (m_process)
        m_process->stop(StopGrace);
}

void CharmServer::kill9()
{
    if (m_process)
        m_process->kill9();
}

void CharmServer::pause()
{
    if (m_process)
        m_process->pause();
}

void CharmServer::resume()
{
    if (m_process)
        m_process->resume();
}

Status CharmServer::restart()
{
    stop();
    return start();
}

bool CharmServer::isRunning() const
{
    return m_process && m_process->state() == QProcess::Running;
}

qint64 CharmServer::processId() const
{
    return m_process ? m_process->processId() : 0;
}

QUrl CharmServer::url() const
{
    QUrl url;
    url.setScheme(m_options.tlsCert.isEmpty() ? QStringLiteral("http") : QStringLiteral("https"));
    url.setHost(m_options.address);
    url.setPort(m_options.httpPort);
    return url;
}

QString CharmServer::issuer() const
{
    if (!m_options.publicUrl.isEmpty())
        return m_options.publicUrl;
    // Always http, whatever it speaks (server/server.go:64).
    return QStringLiteral("http://%1:%2").arg(m_options.address).arg(m_options.httpPort);
}

QByteArray CharmServer::logTail(int lines) const
{
    QFile file(m_options.logFile);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QList<QByteArray> all = file.readAll().split('\n');
    return all.mid(std::max<qsizetype>(0, all.size() - lines - 1)).join('\n');
}

bool CharmServer::prepareDataDir()
{
    return QDir().mkpath(m_options.dataDir) &&
           ChildProcess::giveTreeTo(m_options.dataDir, ChildProcess::User::Unprivileged);
}

void CharmServer::choosePorts()
{
    for (quint16 *port :
         {&m_options.httpPort, &m_options.sshPort, &m_options.healthPort, &m_options.statsPort}) {
        if (*port == 0) {
            *port = freePort(m_options.address);
            m_portsAreChosen = true;
        }
    }
}

QProcessEnvironment CharmServer::environment() const
{
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("PATH"), qEnvironmentVariable("PATH"));
    environment.insert(QStringLiteral("HOME"), m_options.dataDir);
    // Go keeps large uploads here while it parses them.
    environment.insert(QStringLiteral("TMPDIR"), m_options.dataDir);
    const auto set = [&](const char *name, const QString &value) {
        environment.insert(QStringLiteral("CHARM_SERVER_") + QLatin1String(name), value);
    };
    set("BIND_ADDRESS", m_options.address);
    set("HOST", m_options.address);
    set("HTTP_PORT", QString::number(m_options.httpPort));
    set("SSH_PORT", QString::number(m_options.sshPort));
    set("HEALTH_PORT", QString::number(m_options.healthPort));
    set("STATS_PORT", QString::number(m_options.statsPort));
    set("DATA_DIR", m_options.dataDir);
    set("USER_MAX_STORAGE", QString::number(m_options.userMaxStorage));
    if (!m_options.publicUrl.isEmpty())
        set("PUBLIC_URL", m_options.publicUrl);
    if (!m_options.tlsCert.isEmpty()) {
        set("USE_TLS", QStringLiteral("true"));
        set("TLS_CERT_FILE", m_options.tlsCert);
        set("TLS_KEY_FILE", m_options.tlsKey);
    }
    for (const QString &entry : m_options.extraEnvironment)
        environment.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    return environment;
}

Status CharmServer::launch()
{
    m_process = std::make_unique<ChildProcess>(ChildProcess::User::Unprivileged);
    m_process->setProcessEnvironment(environment());
    m_process->setWorkingDirectory(m_options.dataDir);
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    m_process->setStandardOutputFile(m_options.logFile, QIODevice::Append);
    m_process->start(m_options.program, {QStringLiteral("serve")});
    const bool up = m_process->waitForStarted() &&
                    m_options.waiter(
                        *m_process, [this] { return !isRunning() || answers(); }, StartLimit) &&
                    isRunning();
    if (up)
        return {};
    m_process->kill9();
    return Error{Code::BackendUnreachable,
                 QStringLiteral("%1 did not start: %2\n%3")
                     .arg(m_options.name, m_process->errorString(), QString::fromUtf8(logTail()))};
}

bool CharmServer::answers() const
{
    QUrl keys = url();
    keys.setPath(QStringLiteral("/v1/public/jwks"));
    const Result<QByteArray> answer = fetch(keys, ProbeLimit);
    return answer.ok() && answer->contains(" 200 ");
}

} // namespace cring::playground
