// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/jobsmodel.h"
#include "ui/models/servicelink.h"

namespace cring::models {

/// Keeps a JobsModel at what the service knows.
class JobsFeed : public QObject
{
    Q_OBJECT

public:
    /// Both outlive this.
    JobsFeed(ServiceLink &link, JobsModel &model, QObject *parent = nullptr);

private:
    void readAll();
    void handleNotified(const QString &method, const QJsonObject &params);

    ServiceLink &m_link;
    JobsModel &m_model;
};

} // namespace cring::models
