// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/transfersfeed.h"

#include <QJsonArray>

namespace cring::models {

TransfersFeed::TransfersFeed(ServiceLink &link, TransfersModel &model, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_link(link)
    , m_model(model)
    , m_clock(clock)
{
    connect(&link, &ServiceLink::opened, this, [this] {
        if (m_isWatched)
            subscribe();
    });
    connect(&link, &ServiceLink::notified, this, &TransfersFeed::handleNotified);
    connect(&link, &ServiceLink::stateChanged, this, [this] {
        if (m_link.state() == ServiceLink::State::NotRunning)
            m_model.setTransfers({}, 0, m_clock.steady()); // They ended with it.
    });
}

void TransfersFeed::setWatched(bool watched)
{
    if (std::exchange(m_isWatched, watched) == watched || m_link.state() != ServiceLink::State::Connected)
        return;
    if (watched)
        subscribe();
    else
        m_link.call(QStringLiteral("transfers.unsubscribe"), {}, this, [](const Result<QJsonObject> &) {});
}

void TransfersFeed::subscribe()
{
    // An older service has no such method: then nothing is shown.
    m_link.call(QStringLiteral("transfers.subscribe"), {}, this, [](const Result<QJsonObject> &) {});
}

void TransfersFeed::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method != QStringLiteral("transfers"))
        return;
    QList<TransferRow> transfers;
    QSet<qint64> ids;
    const QJsonArray array = params.value(QStringLiteral("transfers")).toArray();
    for (const QJsonValue &value : array) {
        const TransferRow row = TransferRow::fromJson(value.toObject());
        if (ids.contains(row.id))
            continue; // A row is a row.
        ids.insert(row.id);
        transfers.append(row);
    }
    m_model.setTransfers(transfers, params.value(QStringLiteral("count")).toInteger(), m_clock.steady());
}

} // namespace cring::models
