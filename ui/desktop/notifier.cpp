// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/desktop/notifier.h"

#include "ui/desktop/applicationid.h"

#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QIcon>

namespace cring::ui {

using models::Notice;
using models::Topic;

namespace {

constexpr QLatin1String kOpen("default");
constexpr QLatin1String kStart("start");
constexpr QLatin1String kSilence("silence");

/// As the specification numbers them.
enum Urgency : uchar { Low = 0, Normal = 1, Critical = 2 };

Urgency urgencyOf(const Notice &notice)
{
    if (notice.kind == Notice::Kind::Over)
        return Low;
    return notice.topic == Topic::WritesRefused || notice.topic == Topic::DamageFound ? Critical : Normal;
}

QString iconOf(const Notice &notice)
{
    const QString ours = QStringLiteral("charmedring");
    if (QIcon::hasThemeIcon(ours))
        return ours;
    return notice.kind == Notice::Kind::Over ? QStringLiteral("dialog-information")
                                             : QStringLiteral("dialog-warning");
}

size_t place(Topic topic)
{
    return static_cast<size_t>(topic);
}

} // namespace

NotificationServer::NotificationServer(const QDBusConnection &bus, QObject *parent)
    : QDBusAbstractInterface(QLatin1String(service), QStringLiteral("/org/freedesktop/Notifications"),
                             service, bus, parent)
{
}

Notifier::Notifier(const QDBusConnection &bus, QObject *parent)
    : QObject(parent)
    , m_server(bus)
    , m_watcher(QLatin1String(NotificationServer::service), bus, QDBusServiceWatcher::WatchForOwnerChange)
{
    connect(&m_server, &NotificationServer::ActionInvoked, this, &Notifier::handleAction);
    connect(&m_server, &NotificationServer::NotificationClosed, this,
            [this](uint id, uint) { handleClosed(id); });
    connect(&m_server, &NotificationServer::ActivationToken, this, [this](uint id, const QString &token) {
        // What Qt takes it from when it raises a window on Wayland.
        if (topicOf(id))
            qputenv("XDG_ACTIVATION_TOKEN", token.toUtf8());
    });
    connect(&m_watcher, &QDBusServiceWatcher::serviceOwnerChanged, this,
            [this](const QString &, const QString &, const QString &owner) { handleOwner(owner); });
}

void Notifier::show(const Notice &notice)
{
    if (!m_server.connection().isConnected()) {
        Q_EMIT undelivered(notice);
        return;
    }
    if (m_capabilities) {
        send(notice);
        return;
    }
    m_waiting.append(notice);
    askCapabilities();
}

void Notifier::askCapabilities()
{
    if (std::exchange(m_isAsking, true))
        return;
    auto *watcher = new QDBusPendingCallWatcher(m_server.asyncCall(QStringLiteral("GetCapabilities")), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher *call) {
        call->deleteLater();
        m_isAsking = false;
        const QDBusPendingReply<QStringList> reply = *call;
        // One that does not say what it can do can do little; asked again the next time.
        if (!reply.isError())
            m_capabilities = reply.value();
        for (const Notice &notice : std::exchange(m_waiting, {})) {
            if (reply.isError())
                Q_EMIT undelivered(notice);
            else
                send(notice);
        }
    });
}

QStringList Notifier::actionsFor(const Notice &notice) const
{
    if (!m_capabilities || !m_capabilities->contains(QStringLiteral("actions")))
        return {};
    QStringList actions{kOpen, tr("Open Charmed Ring")};
    if (notice.offersStart)
        actions << kStart << tr("Start the service");
    if (notice.kind != Notice::Kind::Over)
        actions << kSilence << tr("Remind me no more");
    return actions;
}

void Notifier::send(const Notice &notice)
{
    Shown &shown = m_shown.at(place(notice.topic));
    if (shown.isOnItsWay) {
        shown.next = notice; // Which number it is to replace is not known yet.
        return;
    }
    shown.isOnItsWay = true;
    const bool hasMarkup = m_capabilities && m_capabilities->contains(QStringLiteral("body-markup"));
    const QVariantMap hints{{QStringLiteral("urgency"), QVariant::fromValue<uchar>(urgencyOf(notice))},
                            {QStringLiteral("desktop-entry"), QString::fromLatin1(applicationId)}};
    constexpr int kServersOwnTime = -1;
    const QDBusPendingCall call = m_server.asyncCall(
        QStringLiteral("Notify"), tr("Charmed Ring"), shown.id, iconOf(notice), notice.title,
        hasMarkup ? notice.text.toHtmlEscaped() : notice.text, actionsFor(notice), hints, kServersOwnTime);
    auto *watcher = new QDBusPendingCallWatcher(call, this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, notice](QDBusPendingCallWatcher *done) {
        done->deleteLater();
        handleSent(notice.topic, notice, *done);
    });
}

void Notifier::handleSent(Topic topic, const Notice &notice, const QDBusPendingCall &call)
{
    Shown &shown = m_shown.at(place(topic));
    shown.isOnItsWay = false;
    const QDBusPendingReply<uint> reply = call;
    shown.id = reply.isError() ? 0 : reply.value();
    if (shown.next)
        send(*std::exchange(shown.next, std::nullopt));
    else if (reply.isError())
        Q_EMIT undelivered(notice);
}

std::optional<Topic> Notifier::topicOf(uint id) const
{
    for (int i = 0; i < control::topicCount; ++i) {
        const auto topic = static_cast<Topic>(i);
        if (id != 0 && m_shown.at(place(topic)).id == id)
            return topic;
    }
    return std::nullopt;
}

void Notifier::handleAction(uint id, const QString &action)
{
    const auto topic = topicOf(id); // Others' notifications are told here, too.
    if (!topic)
        return;
    if (action == kSilence)
        Q_EMIT silenced(*topic);
    else if (action == kStart)
        Q_EMIT serviceStartWanted();
    else
        Q_EMIT windowWanted();
}

void Notifier::handleClosed(uint id)
{
    if (const auto topic = topicOf(id))
        m_shown.at(place(*topic)).id = 0;
}

/// Another server, or none: it knows no number of the last one.
void Notifier::handleOwner(const QString &)
{
    m_capabilities.reset();
    for (Shown &shown : m_shown)
        shown.id = 0;
}

} // namespace cring::ui
