// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/notify/outlets.h"

#include "core/notify/mail.h"
#include "core/notify/weboutlet.h"

#include <QJsonArray>
#include <QNetworkAccessManager>

#include <algorithm>

namespace cring::notify {

namespace {

constexpr QLatin1String kDeadman("deadman");

} // namespace

Outlets::Outlets(config::ISecretStore &secrets, const IClock &clock, telemetry::ActivityLog &activity,
                 QObject *parent)
    : QObject(parent)
    , m_secrets(secrets)
    , m_clock(clock)
    , m_activity(activity)
{
}

Outlets::~Outlets() = default;

void Outlets::configure(const config::Notify &settings)
{
    const QJsonObject kept = waiting();
    m_couriers.clear();
    if (!m_network && (!settings.webhook.isEmpty() || !settings.deadman.isEmpty()))
        m_network = std::make_unique<QNetworkAccessManager>();
    if (!settings.webhook.isEmpty())
        add(std::make_unique<WebOutlet>(WebOutlet::Kind::Webhook, settings, m_secrets, *m_network));
    if (!settings.smtpServer.isEmpty())
        add(std::make_unique<Mail>(settings, m_secrets));
    if (!settings.deadman.isEmpty())
        add(std::make_unique<WebOutlet>(WebOutlet::Kind::Deadman, settings, m_secrets, *m_network));
    restore(kept);
}

void Outlets::add(std::unique_ptr<IOutlet> outlet)
{
    auto courier = std::make_unique<Courier>(std::move(outlet), m_clock, m_activity);
    connect(courier.get(), &Courier::changed, this, &Outlets::changed);
    m_couriers.push_back(std::move(courier));
}

Courier *Outlets::find(QLatin1String name) const
{
    const auto found = std::ranges::find_if(
        m_couriers, [&](const auto &courier) { return courier->outlet().name() == name; });
    return found == m_couriers.end() ? nullptr : found->get();
}

void Outlets::tell(const Message &message)
{
    for (const auto &courier : m_couriers) {
        if (courier->outlet().name() != kDeadman)
            courier->post(message);
    }
}

void Outlets::callDeadman(const Message &message)
{
    if (Courier *courier = find(kDeadman))
        courier->post(message);
}

void Outlets::holdDeadman()
{
    if (Courier *courier = find(kDeadman))
        courier->drop(alive);
}

QList<Courier *> Outlets::couriers() const
{
    QList<Courier *> list;
    for (const auto &courier : m_couriers)
        list.append(courier.get());
    return list;
}

QList<OutletStatus> Outlets::status() const
{
    QList<OutletStatus> list;
    for (const auto &courier : m_couriers)
        list.append(courier->status());
    return list;
}

QJsonObject Outlets::waiting() const
{
    QJsonObject object;
    for (const auto &courier : m_couriers) {
        // That a call was due is of no use later.
        if (courier->outlet().name() == kDeadman || courier->waiting().isEmpty())
            continue;
        QJsonArray messages;
        for (const Message &message : courier->waiting())
            messages.append(kept(message));
        object.insert(courier->outlet().name(), messages);
    }
    return object;
}

void Outlets::restore(const QJsonObject &waiting)
{
    for (const auto &courier : m_couriers) {
        const QJsonArray messages = waiting.value(courier->outlet().name()).toArray();
        for (const QJsonValue &one : messages) {
            if (const auto message = fromKept(one.toObject()))
                courier->post(*message);
        }
    }
}

} // namespace cring::notify
