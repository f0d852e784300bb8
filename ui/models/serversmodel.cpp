// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/serversmodel.h"

#include "ui/models/wording.h"

namespace cring::models {

using control::BackendStatus;
using control::Snapshot;

namespace {

bool isUp(const BackendStatus &backend)
{
    return backend.state == QStringLiteral("up");
}

QString optionalNumber(std::optional<qint64> count)
{
    return count ? Wording::number(*count) : Wording::nothing();
}

QString latencyText(const BackendStatus &backend)
{
    if (!isUp(backend) || !backend.latencyMs)
        return Wording::nothing();
    return *backend.latencyMs < 1 ? ServersModel::tr("< 1 ms")
                                  : ServersModel::tr("%1 ms").arg(Wording::number(*backend.latencyMs));
}

} // namespace

QString stateWords(const BackendStatus &backend)
{
    if (isUp(backend)) {
        return backend.breaker == QStringLiteral("closed") || backend.breaker.isEmpty()
                   ? ServersModel::tr("Well")
                   : ServersModel::tr("Failing");
    }
    if (backend.state == QStringLiteral("down"))
        return ServersModel::tr("Down");
    if (backend.state == QStringLiteral("misconfigured"))
        return ServersModel::tr("Misconfigured");
    if (backend.state == QStringLiteral("unknown"))
        return ServersModel::tr("Not looked at yet");
    return backend.state;
}

QString roleWords(const BackendStatus &backend)
{
    QStringList roles;
    if (backend.primary)
        roles.append(ServersModel::tr("accounts"));
    if (backend.membership == QStringLiteral("draining"))
        roles.append(ServersModel::tr("draining"));
    else if (backend.membership == QStringLiteral("returned"))
        roles.append(ServersModel::tr("back, being checked"));
    else if (backend.membership == QStringLiteral("joined"))
        roles.append(ServersModel::tr("new, being checked"));
    return roles.join(ServersModel::tr(", "));
}

Tone ServerRow::tone() const
{
    if (!isUp(backend))
        return backend.state == QStringLiteral("unknown") ? Tone::Unknown : Tone::Bad;
    const bool failing = backend.breaker != QStringLiteral("closed") && !backend.breaker.isEmpty();
    if (failing || !backend.warning.isEmpty() || backend.unknownAccounts > 0)
        return Tone::Warning;
    return Tone::Good;
}

ServersModel::ServersModel(QObject *parent)
    : KeyedTableModel({{tr("Name")},
                       {tr("State")},
                       {tr("Since"), true},
                       {tr("Latency"), true},
                       {tr("Files"), true},
                       {tr("Missing"), true},
                       {tr("Owed"), true},
                       {tr("Errors"), true},
                       {tr("Role")},
                       {tr("Up in 24 h"), true}},
                      parent)
{
    Q_ASSERT(columnCount() == ColumnCount);
}

void ServersModel::setSnapshot(const Snapshot &snapshot)
{
    QHash<QString, ServerRow> histories;
    for (const ServerRow &row : rows())
        histories.insert(row.backend.id, row);
    QList<ServerRow> wanted;
    QSet<QString> seen;
    for (const BackendStatus &backend : snapshot.backends) {
        if (seen.contains(backend.id))
            continue; // Ids do not repeat; a service that says otherwise gets one row.
        seen.insert(backend.id);
        const ServerRow before = histories.value(backend.id);
        QList<qint64> latencies = before.latencies;
        latencies.append(isUp(backend) ? backend.latencyMs.value_or(0) : -1);
        if (latencies.size() > historyLength)
            latencies.removeFirst();
        wanted.append({backend, snapshot.takenMs, latencies, before.day});
    }
    setRows(wanted, [](const ServerRow &row) { return row.backend.id; });
}

void ServersModel::setEvents(const QList<EventRow> &events)
{
    QList<ServerRow> wanted = rows();
    for (ServerRow &row : wanted)
        row.day = healthOf(row.backend, events, row.takenMs);
    setRows(wanted, [](const ServerRow &row) { return row.backend.id; });
}

bool ServersModel::looksOther(const ServerRow &before, const ServerRow &after, int column) const
{
    return (column == Latency && before.latencies != after.latencies) ||
           (column == Day && before.day != after.day) || (column <= State && before.tone() != after.tone());
}

QString ServersModel::text(const ServerRow &row, int column) const
{
    const BackendStatus &backend = row.backend;
    switch (column) {
    case Name:
        return backend.name;
    case State:
        return stateWords(backend);
    case Since:
        return backend.sinceMs > 0 ? Wording::age(backend.sinceMs, row.takenMs) : Wording::nothing();
    case Latency:
        return latencyText(backend);
    case Files:
        return optionalNumber(backend.files);
    case Missing:
        return optionalNumber(backend.missing);
    case Owed:
        return Wording::number(backend.owed);
    case Errors:
        return Wording::number(backend.errors);
    case Role:
        return roleWords(backend);
    case Day:
        return upWords(row.day);
    default:
        return {};
    }
}

QString ServersModel::toolTip(const ServerRow &row, int column) const
{
    const BackendStatus &backend = row.backend;
    switch (column) {
    case Name:
        return backend.url;
    case State:
        return backend.reason.isEmpty() ? backend.warning : backend.reason;
    case Since:
        return backend.sinceMs > 0 ? Wording::exactTime(backend.sinceMs) : QString();
    case Day:
        return outageWords(row.day);
    case Errors:
        return tr("%1 of %2 requests since the service started")
            .arg(Wording::number(backend.errors), Wording::number(backend.requests));
    default:
        return {};
    }
}

QVariant ServersModel::sortKey(const ServerRow &row, int column) const
{
    const BackendStatus &backend = row.backend;
    switch (column) {
    case State:
        return static_cast<int>(row.tone());
    case Since:
        return backend.sinceMs;
    case Latency:
        return isUp(backend) ? backend.latencyMs.value_or(-1) : -1;
    case Files:
        return backend.files.value_or(-1);
    case Missing:
        return backend.missing.value_or(-1);
    case Owed:
        return backend.owed;
    case Errors:
        return backend.errors;
    case Day:
        return upShare(row.day).value_or(-1);
    default:
        return text(row, column);
    }
}

QVariant ServersModel::value(const ServerRow &row, int column, int role) const
{
    switch (role) {
    case ToneRole:
        return QVariant::fromValue(row.tone());
    case IdRole:
        return row.backend.id;
    case SortRole:
        return sortKey(row, column);
    case LatenciesRole:
        return QVariant::fromValue(row.latencies);
    case DayRole:
        return QVariant::fromValue(row.day);
    default:
        return {};
    }
}

} // namespace cring::models
