// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/hostkeywatch.h"

#include "core/service/hostkeylook.h"

namespace cring::service {

using health::Backend;

HostKeyWatch::HostKeyWatch(Workers &workers, telemetry::ActivityLog &activity, QObject *parent)
    : QObject(parent)
    , m_workers(workers)
    , m_activity(activity)
{
}

HostKeyWatch::~HostKeyWatch() = default;

void HostKeyWatch::configure(const health::BackendSet &backends, const config::Timing &timing)
{
    m_timing = timing;
    m_watch = std::make_unique<QObject>();
    m_warnings.clear();
    for (const Backend *backend : backends.all()) {
        const auto lookWhenUp = [this, backend] {
            if (backend->state() == Backend::State::Up)
                look(backend);
        };
        connect(backend, &Backend::stateChanged, m_watch.get(), lookWhenUp);
        lookWhenUp();
    }
}

QStringList HostKeyWatch::warnings() const
{
    return m_warnings.values();
}

void HostKeyWatch::look(const Backend *backend)
{
    hostKeyLook(m_workers, backend->server(), m_timing)(
        m_watch.get(), [this, backend](const Result<QByteArray> &hostKey) { judge(backend, hostKey); });
}

void HostKeyWatch::judge(const Backend *backend, const Result<QByteArray> &hostKey)
{
    const auto &key = backend->health().key;
    const bool differs =
        hostKey ? key && *hostKey != key->publicKey : hostKey.error().code == Code::BackendKeyDiffers;
    if (!differs) {
        // Who did not answer may be as wrong as before.
        if (hostKey)
            m_warnings.remove(backend->id());
        return;
    }
    const QString warning =
        QStringLiteral(
            "%1 has another SSH host key than it signs tokens with: port %2 is another server's, or "
            "something stands between. Check its ssh_port; `cring backends test %1` looks again")
            .arg(backend->name())
            .arg(backend->server().sshPort);
    if (m_warnings.value(backend->id()) == warning)
        return;
    m_warnings.insert(backend->id(), warning);
    m_activity.record(telemetry::Level::Warning, telemetry::Category::Ssh, warning, backend->name());
}

} // namespace cring::service
