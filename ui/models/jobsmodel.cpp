// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/jobsmodel.h"

#include "ui/models/servicesentences.h"
#include "ui/models/wording.h"

#include <algorithm>

namespace cring::models {

namespace {

/// The weight of the newest step in the rate: about five steps until it has followed a change.
constexpr double kNewest = 0.3;

const JobRow *find(const QList<JobRow> &rows, qint64 id)
{
    const auto found = std::ranges::find(rows, id, &JobRow::id);
    return found == rows.end() ? nullptr : &*found;
}

} // namespace

QString jobKindWords(const QString &kind)
{
    if (kind == QStringLiteral("scrub"))
        return JobsModel::tr("Check of all files");
    if (kind == QStringLiteral("import"))
        return JobsModel::tr("Taking in of files");
    if (kind == QStringLiteral("repair"))
        return JobsModel::tr("Repair");
    if (kind == QStringLiteral("backup-verify"))
        return JobsModel::tr("Check of the backup");
    if (kind == QStringLiteral("backup-drill"))
        return JobsModel::tr("Restore drill");
    if (kind == QStringLiteral("backup-restore"))
        return JobsModel::tr("Restore");
    if (kind == QStringLiteral("rebalance"))
        return JobsModel::tr("Rebalance");
    return kind;
}

QString jobStateWords(const JobRow &job)
{
    if (job.state == QStringLiteral("running"))
        return JobsModel::tr("Running");
    if (job.state == QStringLiteral("paused"))
        return JobsModel::tr("Paused");
    if (job.state == QStringLiteral("done"))
        return job.findings > 0 ? JobsModel::tr("Done, %n finding(s)", nullptr,
                                                static_cast<int>(std::min<qint64>(job.findings, 1'000'000)))
                                : JobsModel::tr("Done");
    if (job.state == QStringLiteral("failed"))
        return JobsModel::tr("Failed");
    if (job.state == QStringLiteral("cancelled"))
        return JobsModel::tr("Cancelled");
    return job.state;
}

JobRow JobRow::fromJson(const QJsonObject &object)
{
    JobRow row;
    row.id = object.value(QStringLiteral("id")).toInteger();
    row.kind = object.value(QStringLiteral("kind")).toString();
    row.state = object.value(QStringLiteral("state")).toString();
    row.phase = serviceSentence(object.value(QStringLiteral("phase")).toString());
    row.problem = serviceSentence(object.value(QStringLiteral("problem")).toString());
    row.done = object.value(QStringLiteral("done")).toInteger();
    if (const QJsonValue total = object.value(QStringLiteral("total")); total.isDouble())
        row.total = total.toInteger();
    row.bytes = object.value(QStringLiteral("bytes")).toInteger();
    row.createdMs = object.value(QStringLiteral("createdMs")).toInteger();
    row.changedMs = object.value(QStringLiteral("changedMs")).toInteger();
    row.findings =
        object.value(QStringLiteral("summary")).toObject().value(QStringLiteral("findings")).toInteger();
    return row;
}

bool JobRow::isUnderWay() const
{
    return state == QStringLiteral("running") || state == QStringLiteral("paused");
}

std::optional<double> JobRow::fraction() const
{
    if (!total || *total <= 0)
        return std::nullopt;
    return std::clamp(static_cast<double>(done) / static_cast<double>(*total), 0.0, 1.0);
}

std::optional<std::chrono::milliseconds> JobRow::timeLeft() const
{
    if (state != QStringLiteral("running") || !total || *total <= done || rate <= 0)
        return std::nullopt;
    constexpr double kMs = 1000;
    return std::chrono::milliseconds(static_cast<qint64>(static_cast<double>(*total - done) / rate * kMs));
}

JobsModel::JobsModel(QObject *parent)
    : KeyedTableModel({{tr("Job")},
                       {tr("State")},
                       {tr("What it does")},
                       {tr("Done"), true},
                       {tr("Rate"), true},
                       {tr("Time left"), true},
                       {tr("Started")}},
                      parent)
{
    Q_ASSERT(columnCount() == ColumnCount);
}

void JobsModel::learnRate(JobRow &after, const JobRow &before)
{
    const qint64 ms = after.changedMs - before.changedMs;
    const qint64 steps = after.done - before.done;
    if (after.state != QStringLiteral("running") || steps < 0 || after.phase != before.phase) {
        after.rate = 0; // Another phase counts other things.
        return;
    }
    after.rate = before.rate;
    if (ms <= 0)
        return;
    const double now = static_cast<double>(steps) * 1000 / static_cast<double>(ms);
    after.rate = before.rate > 0 ? before.rate * (1 - kNewest) + now * kNewest : now;
}

void JobsModel::setJobs(const QList<JobRow> &jobs)
{
    QList<JobRow> wanted;
    for (JobRow job : jobs) {
        if (find(wanted, job.id))
            continue;
        if (const JobRow *before = find(rows(), job.id))
            learnRate(job, *before);
        wanted.append(job);
    }
    std::ranges::sort(wanted, std::ranges::greater(), &JobRow::id);
    if (wanted.size() > maxRows)
        wanted.resize(maxRows);
    setRows(wanted, [](const JobRow &row) { return row.id; });
}

bool JobsModel::looksOther(const JobRow &before, const JobRow &after, int column) const
{
    return column == Progress && before.fraction() != after.fraction();
}

void JobsModel::upsert(JobRow job)
{
    int row = 0;
    while (row < rows().size() && rows().at(row).id > job.id)
        ++row;
    if (row < rows().size() && rows().at(row).id == job.id) {
        learnRate(job, rows().at(row));
        replaceRow(row, job);
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
        return;
    }
    if (row >= maxRows)
        return;
    addRow(row, job);
    dropRows(maxRows, static_cast<int>(rows().size() - maxRows));
}

std::optional<std::chrono::milliseconds> JobsModel::timeLeftOf(qint64 id) const
{
    const JobRow *row = find(rows(), id);
    return row ? row->timeLeft() : std::nullopt;
}

int JobsModel::underWayCount() const
{
    return static_cast<int>(std::ranges::count_if(rows(), &JobRow::isUnderWay));
}

QString JobsModel::text(const JobRow &row, int column) const
{
    switch (column) {
    case Kind:
        return jobKindWords(row.kind);
    case State:
        return jobStateWords(row);
    case Phase:
        return row.problem.isEmpty() ? (row.isUnderWay() ? row.phase : QString()) : row.problem;
    case Progress:
        if (row.total)
            return tr("%1 of %2").arg(Wording::number(row.done), Wording::number(*row.total));
        return Wording::number(row.done);
    case Rate:
        return row.isUnderWay() && row.rate > 0
                   ? tr("%1/s").arg(QLocale().toString(row.rate, 'f', row.rate < 10 ? 1 : 0))
                   : Wording::nothing();
    case TimeLeft: {
        const auto left = row.timeLeft();
        return left ? tr("about %1").arg(Wording::duration(*left)) : Wording::nothing();
    }
    case Started:
        return Wording::clock(row.createdMs, row.changedMs);
    default:
        return {};
    }
}

QString JobsModel::toolTip(const JobRow &row, int column) const
{
    return column == Started ? Wording::exactTime(row.createdMs) : text(row, column);
}

QVariant JobsModel::sortKey(const JobRow &row, int column) const
{
    switch (column) {
    case Progress:
        return row.fraction().value_or(-1);
    case Rate:
        return row.rate;
    case TimeLeft:
        return static_cast<qint64>(row.timeLeft().value_or(std::chrono::milliseconds(-1)).count());
    case Started:
        return row.createdMs;
    default:
        return text(row, column);
    }
}

QVariant JobsModel::value(const JobRow &row, int column, int role) const
{
    switch (role) {
    case IdRole:
        return row.id;
    case FractionRole:
        return row.fraction() ? QVariant(*row.fraction()) : QVariant();
    case UnderWayRole:
        return row.isUnderWay();
    case SortRole:
        return sortKey(row, column);
    default:
        return {};
    }
}

} // namespace cring::models
