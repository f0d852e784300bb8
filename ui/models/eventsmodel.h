// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/keyedtablemodel.h"

#include <QJsonObject>

namespace cring::models {

/// Something that happened, as `events.list` has it.
struct EventRow
{
    qint64 seq = 0;
    qint64 timeMs = 0;
    QString level; ///< "debug" | "info" | "warning" | "error"
    QString category;
    QString backend;
    QString account;
    QString text;

    static EventRow fromJson(const QJsonObject &object);
    /// 0 for debug to 3 for error; unknown ones count as info.
    int severity() const;
};

/// The activity log, the newest first; what is older than the last `maxRows` is dropped.
class EventsModel : public KeyedTableModel<EventRow>
{
    Q_OBJECT

public:
    enum Column { Time, Level, Server, Account, Category, Text, ColumnCount };
    enum Roles {
        SeverityRole = Qt::UserRole, ///< int, as EventRow::severity()
        SortRole,
        SearchRole,  ///< All that a search looks through, in every column.
        DetailsRole, ///< All of it in lines, to be copied.
    };

    explicit EventsModel(qsizetype maxRows = 5'000, QObject *parent = nullptr);

    /// In the order of their numbers; those that are not newer than the last one are passed over.
    void append(const QList<EventRow> &events);
    /// The service begins anew: its state was lost.
    void clear();

    /// Of the newest event that was seen; 0 before the first.
    qint64 lastSeq() const { return m_lastSeq; }

    /// The newest first.
    const QList<EventRow> &events() const { return rows(); }

private:
    QString text(const EventRow &row, int column) const override;
    QString toolTip(const EventRow &row, int column) const override;
    QString details(const EventRow &row) const;
    QVariant value(const EventRow &row, int column, int role) const override;

    const qsizetype m_maxRows;
    qint64 m_lastSeq = 0;
};

QString levelWords(const QString &level);
QString categoryWords(const QString &category);

} // namespace cring::models
