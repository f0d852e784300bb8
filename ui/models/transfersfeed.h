// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "ui/models/servicelink.h"
#include "ui/models/transfersmodel.h"

namespace cring::models {

/// Keeps a TransfersModel at what the service tells, while somebody looks.
class TransfersFeed : public QObject
{
    Q_OBJECT

public:
    /// All of these outlive this.
    TransfersFeed(ServiceLink &link, TransfersModel &model, const IClock &clock, QObject *parent = nullptr);

    /// Whether somebody looks; nobody does at first.
    void setWatched(bool watched);

private:
    void subscribe();
    void handleNotified(const QString &method, const QJsonObject &params);

    ServiceLink &m_link;
    TransfersModel &m_model;
    const IClock &m_clock;
    bool m_isWatched = false;
};

} // namespace cring::models
