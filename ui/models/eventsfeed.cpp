// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/eventsfeed.h"

#include <QJsonArray>

namespace cring::models {

namespace {

/// Nobody reads faster, and each time all that is shown is drawn anew.
constexpr std::chrono::milliseconds kTogether{400};

} // namespace

EventsFeed::EventsFeed(ServiceLink &link, EventsModel &model, QObject *parent)
    : QObject(parent)
    , m_link(link)
    , m_model(model)
{
    connect(&link, &ServiceLink::opened, this, &EventsFeed::readOn);
    connect(&link, &ServiceLink::notified, this, &EventsFeed::handleNotified);
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &EventsFeed::show);
}

void EventsFeed::readOn()
{
    QJsonObject params;
    if (m_model.lastSeq() > 0) // Without: the newest.
        params.insert(QStringLiteral("after"), m_model.lastSeq());
    m_link.call(QStringLiteral("events.list"), params, this, [this](const Result<QJsonObject> &answer) {
        if (answer)
            handlePage(*answer);
    });
}

void EventsFeed::handlePage(const QJsonObject &page)
{
    const qint64 last = page.value(QStringLiteral("lastSeq")).toInteger();
    if (last < m_model.lastSeq()) {
        m_model.clear(); // Its numbers begin anew: the state was lost.
        readOn();
        return;
    }
    QList<EventRow> events;
    const QJsonArray array = page.value(QStringLiteral("events")).toArray();
    for (const QJsonValue &event : array)
        events.append(EventRow::fromJson(event.toObject()));
    const qint64 before = m_model.lastSeq();
    m_model.append(events);
    if (m_model.lastSeq() > before && m_model.lastSeq() < last)
        readOn();
    else
        follow();
}

void EventsFeed::follow()
{
    m_link.call(QStringLiteral("events.subscribe"), {{QStringLiteral("after"), m_model.lastSeq()}}, this,
                [](const Result<QJsonObject> &) {});
}

void EventsFeed::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method != QStringLiteral("event"))
        return;
    m_fresh.append(EventRow::fromJson(params));
    if (!m_pause.isActive())
        show();
}

/// The first at once; those that follow on its heels together.
void EventsFeed::show()
{
    if (m_fresh.isEmpty())
        return;
    m_model.append(std::exchange(m_fresh, {}));
    m_pause.start(kTogether);
}

} // namespace cring::models
