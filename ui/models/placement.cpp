// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/placement.h"

#include <QJsonArray>

namespace cring::models {

Placement::Placement(ServiceLink &link, QObject *parent)
    : QObject(parent)
    , m_link(link)
{
    connect(&link, &ServiceLink::opened, this, [this] { m_asked.clear(); });
    connect(&link, &ServiceLink::snapshotChanged, this, &Placement::look);
}

void Placement::look()
{
    const control::Snapshot &snapshot = *m_link.snapshot();
    QStringList now{QString::number(snapshot.replicas)};
    for (const control::BackendStatus &backend : snapshot.backends)
        now << backend.id << backend.name << backend.membership << QString::number(backend.weight);
    if (now == m_asked)
        return;
    m_asked = now;
    m_link.call(QStringLiteral("backends.placement"), {}, this,
                [this, now](const Result<QJsonObject> &answer) {
                    if (now == m_asked)
                        handleAnswer(answer);
                });
}

void Placement::handleAnswer(const Result<QJsonObject> &answer)
{
    // One that knows no such question has none; of any other fault what was known stays, and it is asked
    // again.
    if (!answer && answer.error().code != Code::ControlUnknownMethod) {
        m_asked.clear();
        return;
    }
    const QJsonObject placement = answer ? *answer : QJsonObject();
    const QJsonArray servers = placement.value(QStringLiteral("servers")).toArray();
    const QJsonArray array = placement.value(QStringLiteral("groups")).toArray();
    QList<PlacementGroup> groups;
    for (const QJsonValue &value : array) {
        PlacementGroup group;
        const QJsonArray owners = value.toObject().value(QStringLiteral("owners")).toArray();
        for (const QJsonValue &owner : owners)
            group.servers.append(servers.at(owner.toInt()).toString());
        group.partitions = value.toObject().value(QStringLiteral("partitions")).toInt();
        if (group.partitions > 0 && !group.servers.isEmpty())
            groups.append(group);
    }
    if (groups == m_groups)
        return;
    m_groups = groups;
    Q_EMIT changed();
}

} // namespace cring::models
