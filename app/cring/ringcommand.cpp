// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/ringcommand.h"

#include "core/control/snapshot.h"

#include <QFile>

namespace cring::app {

namespace {

constexpr qint64 kLongestId = 1024;

/// What a service that does not run any more has left (health::Primary).
QString rememberedPrimary()
{
    QString state = qEnvironmentVariable("XDG_STATE_HOME");
    if (state.isEmpty())
        state = qEnvironmentVariable("HOME") + QStringLiteral("/.local/state");
    QFile file(state + QStringLiteral("/charmedring/primary"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readLine(kLongestId)).trimmed()
                                          : QString();
}

} // namespace

RingCommand::RingCommand(ServiceCommandContext context, config::Config configured)
    : ServiceCommand(std::move(context))
    , m_ring{std::move(configured), {}}
{
}

void RingCommand::handleOpened(const control::ServiceInfo &)
{
    if (m_known)
        return;
    call(QStringLiteral("status"), {}, [this](const QJsonObject &status) { handleStatus(status); });
}

void RingCommand::handleStatus(const QJsonObject &status)
{
    const auto snapshot = control::Snapshot::fromJson(status);
    if (!snapshot) {
        fail(snapshot.error());
        return;
    }
    m_known = true;
    m_served = true;
    // The front may listen at several addresses; the first will do.
    m_ring.config.address = snapshot->httpAddress.section(QStringLiteral(", "), 0, 0);
    m_ring.config.sshAddress = snapshot->sshAddress.section(QStringLiteral(", "), 0, 0);
    m_ring.config.servers.clear();
    for (const control::BackendStatus &backend : snapshot->backends) {
        config::Server server;
        server.name = backend.name;
        server.id = backend.id;
        server.url = QUrl(backend.url);
        server.sshPort = backend.sshPort;
        m_ring.config.servers.append(server);
        if (backend.primary)
            m_ring.primary = backend.id;
    }
    handleRing(m_ring);
}

void RingCommand::handleFailed(const Error &error)
{
    if (m_known)
        return;
    const bool away = error.code == Code::ControlUnavailable || error.code == Code::ControlForbidden;
    if (!away) {
        fail(error);
        return;
    }
    m_known = true;
    m_ring.primary = rememberedPrimary();
    handleRing(m_ring);
}

void RingCommand::handleClosed(const Error &reason)
{
    m_served = false;
    // What was wanted from it is here.
    if (!m_known)
        fail(reason);
    else
        handleServiceGone();
}

} // namespace cring::app
