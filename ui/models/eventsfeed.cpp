// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/eventsfeed.h"

#include <QJsonArray>

namespace cring::models {

EventsFeed::EventsFeed(ServiceLink &link, EventsModel &model, QObject *parent)
    : QObject(parent)
    , m_link(link)
    , m_model(model)
{
    connect(&link, &ServiceLink::opened, this, &EventsFeed::readOn);
    connect(&link, &ServiceLink::notified, this, &EventsFeed::handleNotified);
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
    if (method == QStringLiteral("event"))
        m_model.append({EventRow::fromJson(params)});
}

} // namespace cring::models
