// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/servicelink.h"

namespace cring::models {

/// Partitions that the same servers keep.
struct PlacementGroup
{
    QStringList servers; ///< By name, the owner of the first copy first.
    int partitions = 0;

    bool operator==(const PlacementGroup &) const = default;
};

/// Which servers keep which part of the ring, as the service places files. Asked anew when the servers or
/// their shares have changed. One thread.
class Placement : public QObject
{
    Q_OBJECT

public:
    /// The link outlives this.
    explicit Placement(ServiceLink &link, QObject *parent = nullptr);

    /// In the order of the service's servers; empty until the service has said so, and when it is too old to.
    const QList<PlacementGroup> &groups() const { return m_groups; }

Q_SIGNALS:
    void changed();

private:
    void look();
    void handleAnswer(const Result<QJsonObject> &answer);

    ServiceLink &m_link;
    QStringList m_asked; ///< What decided on the placement when it was asked for.
    QList<PlacementGroup> m_groups;
};

} // namespace cring::models
