// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/report.h"

#include "app/playground/charmbinary.h"

#include <QDateTime>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStorageInfo>
#include <QThread>

#include <unistd.h>

#include <cmath>

namespace cring::bench {

namespace {

struct Column
{
    const char *label;
    const char *key;
    Figure figure;
    double scale;
};

constexpr Column P50{"p50 ms", "p50_ms", &Sample::p50, 1};
constexpr Column P99{"p99 ms", "p99_ms", &Sample::p99, 1};
constexpr Column Rate{"requests/s", "requests_per_second", &Sample::rate, 1};
constexpr Column Bytes{"MB/s", "mb_per_second", &Sample::bytes, 1e-6};
constexpr Column CpuRequest{"proxy's CPU ms/request", "cpu_ms_per_request", &Sample::cpuRequest, 1e3};
constexpr Column CpuByte{"proxy's CPU s/GB", "cpu_s_per_gb", &Sample::cpuByte, 1e9};
constexpr std::array AllColumns{P50, P99, Rate, Bytes, CpuRequest, CpuByte};

/// What a workload is read by.
std::vector<Column> columnsOf(const Workload &workload)
{
    if (workload.clients == 1)
        return workload.isSmall() ? std::vector{P50, P99} : std::vector{P50};
    return workload.isSmall() ? std::vector{Rate, CpuRequest} : std::vector{Bytes, CpuByte};
}

QString number(double value)
{
    if (value < 0)
        return {};
    return QString::number(value, 'f', value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

QString firstLine(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.start(program, arguments);
    process.waitForFinished();
    return QString::fromUtf8(process.readAllStandardOutput()).section(QLatin1Char('\n'), 0, 0).trimmed();
}

/// The value of the first line "name : value" of a file below /proc.
QString procValue(const QString &path, const QString &name)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    for (const QString &line : QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'))) {
        if (line.startsWith(name))
            return line.section(QLatin1Char(':'), 1).trimmed();
    }
    return {};
}

QStringList rowOf(const Series &series, const Column &column)
{
    const QString clients = series.workload.clients == 1
                                ? QStringLiteral("1 client")
                                : QStringLiteral("%1 clients").arg(series.workload.clients);
    QStringList row{QStringLiteral("%1: %2, %3, %4")
                        .arg(series.servers, series.workload.name, clients, QLatin1String(column.label))};
    for (const Target target : AllTargets) {
        const double median = series.median(target, column.figure);
        row += median < 0 ? QString() : number(median * column.scale);
    }
    const std::vector<double> ratios = series.ratios(column.figure);
    row += ratios.empty() ? QString()
                          : QStringLiteral("%1 × %2 (%3 to %4)")
                                .arg(number(medianOf(ratios)), nameOf(series.workload.peer()),
                                     number(ratios.front()), number(ratios.back()));
    return row;
}

QString render(const QList<QStringList> &rows)
{
    QList<qsizetype> widths(rows.first().size(), 3);
    for (const QStringList &row : rows) {
        for (qsizetype column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], row[column].size());
    }
    QString out;
    for (const QStringList &row : rows) {
        for (qsizetype column = 0; column < row.size(); ++column) {
            out += QStringLiteral("| ") +
                   (column == 0 || column == row.size() - 1 ? row[column].leftJustified(widths[column])
                                                            : row[column].rightJustified(widths[column])) +
                   QLatin1Char(' ');
        }
        out += QStringLiteral("|\n");
        if (&row != &rows.first())
            continue;
        for (qsizetype column = 0; column < row.size(); ++column)
            out += QLatin1Char('|') + QString(widths[column] + 1, QLatin1Char('-')) +
                   (column == 0 || column == row.size() - 1 ? QLatin1Char('-') : QLatin1Char(':'));
        out += QStringLiteral("|\n");
    }
    return out;
}

QString verdict(const Results &results)
{
    QString out = QStringLiteral("%1 requests; %2 failed. Once all was quiet, %3 copies of acknowledged new "
                                 "files were missing; the fan lost %4 third copies.\n")
                      .arg(results.requests)
                      .arg(results.failed)
                      .arg(results.missingCopies)
                      .arg(results.failedCopies);
    for (const QString &problem : results.problems)
        out += QStringLiteral("! ") + problem + QLatin1Char('\n');
    return out;
}

QJsonObject toJson(const Series &series, Target target)
{
    QJsonObject out{{QStringLiteral("servers"), series.servers},
                    {QStringLiteral("workload"), series.workload.name},
                    {QStringLiteral("clients"), static_cast<int>(series.workload.clients)},
                    {QStringLiteral("target"), nameOf(target)}};
    QJsonArray counts;
    for (const Sample &sample : series.of(target))
        counts.append(static_cast<qint64>(sample.requests));
    out.insert(QStringLiteral("requests"), counts);
    for (const Column &column : AllColumns) {
        const double median = series.median(target, column.figure);
        if (median < 0)
            continue;
        QJsonArray rounds;
        for (const Sample &sample : series.of(target))
            rounds.append(sample.*column.figure * column.scale);
        out.insert(QLatin1String(column.key), QJsonObject{{QStringLiteral("median"), median * column.scale},
                                                          {QStringLiteral("rounds"), rounds}});
    }
    return out;
}

} // namespace

Machine Machine::describe(const QString &ring, const QString &haproxy, const QString &folder)
{
    Machine machine;
    machine.date = QDateTime::currentDateTimeUtc().toString(Qt::ISODate);
    machine.processor = procValue(QStringLiteral("/proc/cpuinfo"), QStringLiteral("model name"));
    machine.cores = QThread::idealThreadCount();
    machine.memory = qint64{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
    machine.system = QSysInfo::prettyProductName();
    machine.kernel = QSysInfo::kernelType() + QLatin1Char(' ') + QSysInfo::kernelVersion();
    machine.disk = QString::fromUtf8(QStorageInfo(folder).fileSystemType());
    machine.cring = firstLine(ring, {QStringLiteral("--version")});
    machine.charm = QStringLiteral("charm ") + QLatin1String(playground::CharmVersion);
    machine.haproxy = firstLine(haproxy, {QStringLiteral("-v")}).section(QLatin1Char(' '), 0, 2);
    return machine;
}

QString toTable(const Machine &machine, const Results &results)
{
    QString out =
        QStringLiteral("%1. %2 cores (%3), %4 GB, %5, %6, data on %7.\n%8, %9, %10. ")
            .arg(machine.date)
            .arg(machine.cores)
            .arg(machine.processor)
            .arg(std::llround(static_cast<double>(machine.memory) / 1e9))
            .arg(machine.system, machine.kernel, machine.disk, machine.cring, machine.charm, machine.haproxy);
    out += QStringLiteral("Medians of %1 interleaved rounds, %2 s each (large files: twice that); everything "
                          "on this machine.\n\n")
               .arg(results.rounds)
               .arg(results.seconds);
    QStringList header{QStringLiteral("what")};
    for (const Target target : AllTargets)
        header += nameOf(target);
    QList<QStringList> rows{header << QStringLiteral("ring against peer")};
    for (const Series &series : results.series) {
        for (const Column &column : columnsOf(series.workload))
            rows += rowOf(series, column);
    }
    for (const auto &[servers, bytes] : results.ringMemory)
        rows += QStringList{QStringLiteral("%1: ring's peak memory, MB").arg(servers),
                            {},
                            {},
                            {},
                            number(static_cast<double>(bytes) / 1e6),
                            {},
                            {}};
    return out + render(rows) + QLatin1Char('\n') + verdict(results);
}

QByteArray toJson(const Machine &machine, const Results &results)
{
    QJsonArray series;
    for (const Series &each : results.series) {
        for (const Target target : AllTargets) {
            if (!each.of(target).empty())
                series.append(toJson(each, target));
        }
    }
    QJsonObject memory;
    for (const auto &[servers, bytes] : results.ringMemory)
        memory.insert(servers, bytes);
    const QJsonObject where{
        {QStringLiteral("cores"), machine.cores},         {QStringLiteral("processor"), machine.processor},
        {QStringLiteral("memory_bytes"), machine.memory}, {QStringLiteral("system"), machine.system},
        {QStringLiteral("kernel"), machine.kernel},       {QStringLiteral("file_system"), machine.disk}};
    return QJsonDocument(
               QJsonObject{
                   {QStringLiteral("date"), machine.date},
                   {QStringLiteral("machine"), where},
                   {QStringLiteral("versions"), QJsonArray{machine.cring, machine.charm, machine.haproxy}},
                   {QStringLiteral("rounds"), results.rounds},
                   {QStringLiteral("seconds"), results.seconds},
                   {QStringLiteral("results"), series},
                   {QStringLiteral("ring_peak_memory_bytes"), memory},
                   {QStringLiteral("requests"), static_cast<qint64>(results.requests)},
                   {QStringLiteral("failed"), static_cast<qint64>(results.failed)},
                   {QStringLiteral("fan_failed_copies"), static_cast<qint64>(results.failedCopies)},
                   {QStringLiteral("missing_copies"), static_cast<qint64>(results.missingCopies)},
                   {QStringLiteral("problems"), QJsonArray::fromStringList(results.problems)}})
        .toJson();
}

} // namespace cring::bench
