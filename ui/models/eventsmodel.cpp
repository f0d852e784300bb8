// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/eventsmodel.h"

#include "ui/models/servicesentences.h"
#include "ui/models/wording.h"

#include <QDateTime>

#include <algorithm>

namespace cring::models {

QString levelWords(const QString &level)
{
    if (level == QStringLiteral("debug"))
        return EventsModel::tr("Detail");
    if (level == QStringLiteral("info"))
        return EventsModel::tr("Information");
    if (level == QStringLiteral("warning"))
        return EventsModel::tr("Warning");
    if (level == QStringLiteral("error"))
        return EventsModel::tr("Error");
    return level;
}

QString categoryWords(const QString &category)
{
    if (category == QStringLiteral("upload"))
        return EventsModel::tr("Upload");
    if (category == QStringLiteral("download"))
        return EventsModel::tr("Download");
    if (category == QStringLiteral("delete"))
        return EventsModel::tr("Delete");
    if (category == QStringLiteral("backend"))
        return EventsModel::tr("Server");
    if (category == QStringLiteral("ssh"))
        return EventsModel::tr("Login");
    if (category == QStringLiteral("config"))
        return EventsModel::tr("Configuration");
    if (category == QStringLiteral("service"))
        return EventsModel::tr("Service");
    if (category == QStringLiteral("repair"))
        return EventsModel::tr("Repair");
    if (category == QStringLiteral("backup"))
        return EventsModel::tr("Backup");
    return category;
}

EventRow EventRow::fromJson(const QJsonObject &object)
{
    const auto text = [&object](const char *name) {
        return object.value(QLatin1String(name)).toString();
    };
    return {object.value(QStringLiteral("seq")).toInteger(),
            object.value(QStringLiteral("timeMs")).toInteger(),
            text("level"),
            text("category"),
            text("backend"),
            text("account"),
            serviceSentence(text("text"))};
}

int EventRow::severity() const
{
    static const QStringList levels{QStringLiteral("debug"), QStringLiteral("info"),
                                    QStringLiteral("warning"), QStringLiteral("error")};
    const qsizetype found = levels.indexOf(level);
    return found < 0 ? 1 : static_cast<int>(found);
}

EventsModel::EventsModel(qsizetype maxRows, QObject *parent)
    : KeyedTableModel({{tr("Time")},
                       {tr("Level")},
                       {tr("Server")},
                       {tr("Account")},
                       {tr("About")},
                       {tr("What happened")}},
                      parent)
    , m_maxRows(maxRows)
{
    Q_ASSERT(columnCount() == ColumnCount);
}

void EventsModel::append(const QList<EventRow> &events)
{
    QList<EventRow> fresh;
    for (const EventRow &event : events) {
        if (event.seq <= m_lastSeq)
            continue;
        m_lastSeq = event.seq;
        fresh.append(event);
    }
    std::ranges::reverse(fresh);
    if (fresh.size() > m_maxRows)
        fresh.resize(m_maxRows);
    const auto kept = std::min(rows().size(), m_maxRows - fresh.size());
    dropRows(static_cast<int>(kept), static_cast<int>(rows().size() - kept));
    addRows(0, fresh);
}

void EventsModel::clear()
{
    dropRows(0, static_cast<int>(rows().size()));
    m_lastSeq = 0;
}

QString EventsModel::text(const EventRow &row, int column) const
{
    switch (column) {
    case Time:
        return QDateTime::fromMSecsSinceEpoch(row.timeMs).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    case Level:
        return levelWords(row.level);
    case Server:
        return row.backend;
    case Account:
        return row.account;
    case Category:
        return categoryWords(row.category);
    case Text:
        return row.text;
    default:
        return {};
    }
}

QString EventsModel::toolTip(const EventRow &row, int column) const
{
    return column == Time ? Wording::exactTime(row.timeMs) : text(row, column);
}

QString EventsModel::details(const EventRow &row) const
{
    QStringList lines;
    for (int column = 0; column < ColumnCount; ++column) {
        if (const QString value = text(row, column); !value.isEmpty())
            lines.append(Wording::labelled(headerData(column, Qt::Horizontal).toString(), value));
    }
    return lines.join(u'\n');
}

QVariant EventsModel::value(const EventRow &row, int column, int role) const
{
    switch (role) {
    case SeverityRole:
        return row.severity();
    case SortRole:
        if (column == Time)
            return row.seq;
        return column == Level ? QVariant(row.severity()) : QVariant(text(row, column));
    case SearchRole:
        return QStringList{row.text, row.backend, row.account, categoryWords(row.category)}.join(u'\n');
    case DetailsRole:
        return details(row);
    default:
        return {};
    }
}

} // namespace cring::models
