// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/eventsmodel.h"
#include "ui/models/servicelink.h"

namespace cring::models {

/// Keeps an EventsModel at what the service has recorded: pages through what it missed, then follows.
class EventsFeed : public QObject
{
    Q_OBJECT

public:
    /// Both outlive this.
    EventsFeed(ServiceLink &link, EventsModel &model, QObject *parent = nullptr);

private:
    void readOn();
    void handlePage(const QJsonObject &page);
    void follow();
    void handleNotified(const QString &method, const QJsonObject &params);
    void show();

    ServiceLink &m_link;
    EventsModel &m_model;
    QList<EventRow> m_fresh; ///< To be shown when the pause is over.
    QTimer m_pause;
};

} // namespace cring::models
