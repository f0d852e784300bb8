// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"
#include "ui/models/healthhistory.h"
#include "ui/models/keyedtablemodel.h"

#include <QHash>

namespace cring::models {

/// How well something is, as a shape and a colour show it.
enum class Tone { Good, Busy, Warning, Bad, Unknown };

/// A server in one snapshot, with what earlier ones said.
struct ServerRow
{
    control::BackendStatus backend;
    qint64 takenMs = 0;      ///< Of the snapshot; ages are taken against it.
    QList<qint64> latencies; ///< Milliseconds, the newest last; −1: it was not up.
    QList<HealthSpan> day;   ///< The last 24 hours.

    Tone tone() const;
};

/// The servers of the ring, in the configuration's order.
class ServersModel : public KeyedTableModel<ServerRow>
{
    Q_OBJECT

public:
    enum Column { Name, State, Since, Latency, Files, Missing, Owed, Errors, Role, Day, ColumnCount };
    enum Roles {
        ToneRole = Qt::UserRole, ///< Tone
        IdRole,                  ///< What placement hangs on; stays through a rename.
        SortRole,                ///< A number or text that sorts as the cell means.
        LatenciesRole,           ///< QList<qint64>, as in ServerRow.
        DayRole,                 ///< QList<HealthSpan>
    };

    /// How many snapshots the latencies go back.
    static constexpr qsizetype historyLength = 60;

    explicit ServersModel(QObject *parent = nullptr);

    void setSnapshot(const control::Snapshot &snapshot);
    /// The last 24 hours of each, from the activity log (the newest first).
    void setEvents(const QList<EventRow> &events);

private:
    QString text(const ServerRow &row, int column) const override;
    QString toolTip(const ServerRow &row, int column) const override;
    QVariant value(const ServerRow &row, int column, int role) const override;
    bool looksOther(const ServerRow &before, const ServerRow &after, int column) const override;
    QVariant sortKey(const ServerRow &row, int column) const;
};

/// "Well", "Down", "Misconfigured", "Failing", "Not looked at yet", and what the service has added since.
QString stateWords(const control::BackendStatus &backend);
/// "accounts", "draining", "new": what is special about it; empty as a rule.
QString roleWords(const control::BackendStatus &backend);

} // namespace cring::models

Q_DECLARE_METATYPE(cring::models::Tone)
