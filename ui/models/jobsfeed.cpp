// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/jobsfeed.h"

#include <QJsonArray>

namespace cring::models {

JobsFeed::JobsFeed(ServiceLink &link, JobsModel &model, QObject *parent)
    : QObject(parent)
    , m_link(link)
    , m_model(model)
{
    connect(&link, &ServiceLink::opened, this, &JobsFeed::readAll);
    connect(&link, &ServiceLink::notified, this, &JobsFeed::handleNotified);
}

void JobsFeed::readAll()
{
    // In this order nothing is missed: what changes after the list comes as a notification.
    m_link.call(QStringLiteral("jobs.subscribe"), {{QStringLiteral("all"), true}}, this,
                [](const Result<QJsonObject> &) {});
    m_link.call(QStringLiteral("jobs.list"), {}, this, [this](const Result<QJsonObject> &answer) {
        if (!answer)
            return; // A service without jobs has no such method.
        QList<JobRow> jobs;
        const QJsonArray array = answer->value(QStringLiteral("jobs")).toArray();
        for (const QJsonValue &job : array)
            jobs.append(JobRow::fromJson(job.toObject()));
        m_model.setJobs(jobs);
    });
}

void JobsFeed::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method == QStringLiteral("job"))
        m_model.upsert(JobRow::fromJson(params));
}

} // namespace cring::models
