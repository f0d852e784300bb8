// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/keyedtablemodel.h"

#include <QJsonObject>

#include <chrono>
#include <optional>

namespace cring::models {

/// A job as `jobs.list` and the notification `job` have it.
struct JobRow
{
    qint64 id = 0;
    QString kind;
    QString state; ///< "running" | "paused" | "done" | "failed" | "cancelled"; bears others.
    QString phase;
    QString problem;
    qint64 done = 0;
    std::optional<qint64> total;
    qint64 bytes = 0;
    qint64 createdMs = 0;
    qint64 changedMs = 0;
    qint64 findings = 0;

    /// Done per second, calmed over the last steps; 0 while it is not known. Kept by the model.
    double rate = 0;

    static JobRow fromJson(const QJsonObject &object);
    bool isUnderWay() const;
    /// 0 to 1, where the total is known.
    std::optional<double> fraction() const;
    /// By the rate; nothing while that or the total is not known, or it rests.
    std::optional<std::chrono::milliseconds> timeLeft() const;
};

/// Long work, the newest first: what is under way, and what has ended, as long as the service keeps it.
class JobsModel : public KeyedTableModel<JobRow>
{
    Q_OBJECT

public:
    enum Column { Kind, State, Phase, Progress, Rate, TimeLeft, Started, ColumnCount };
    enum Roles {
        IdRole = Qt::UserRole, ///< qint64
        FractionRole,          ///< double, or invalid
        UnderWayRole,          ///< bool
        SortRole,
    };

    static constexpr qsizetype maxRows = 200;

    explicit JobsModel(QObject *parent = nullptr);

    /// All that the service knows.
    void setJobs(const QList<JobRow> &jobs);
    /// One that is new or has changed.
    void upsert(JobRow job);

    /// Of the job with this id, while it is known.
    std::optional<std::chrono::milliseconds> timeLeftOf(qint64 id) const;
    int underWayCount() const;

private:
    QString text(const JobRow &row, int column) const override;
    QString toolTip(const JobRow &row, int column) const override;
    QVariant value(const JobRow &row, int column, int role) const override;
    bool looksOther(const JobRow &before, const JobRow &after, int column) const override;
    QVariant sortKey(const JobRow &row, int column) const;
    static void learnRate(JobRow &after, const JobRow &before);
};

/// "Check", "Repair", …: what a kind of job is called; the kind itself where it is new to us.
QString jobKindWords(const QString &kind);
QString jobStateWords(const JobRow &job);

} // namespace cring::models
