// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/measure.h"

#include <QFile>

#include <unistd.h>

namespace cring::bench {

namespace {

QByteArray processFile(qint64 processId, const char *name)
{
    QFile file(QStringLiteral("/proc/%1/%2").arg(processId).arg(QLatin1String(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

qint64 statusBytes(qint64 processId, const char *name)
{
    const QByteArray status = processFile(processId, "status");
    const qsizetype at = status.indexOf(name);
    const qsizetype from = at + qstrlen(name);
    return at < 0 ? 0 : status.mid(from, status.indexOf("kB", at) - from).trimmed().toLongLong() * 1024;
}

} // namespace

double cpuSeconds(qint64 processId)
{
    const QByteArray stat = processFile(processId, "stat");
    // After the name in brackets, which may hold anything: utime and stime are the 12th and 13th field then.
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.size() < 13)
        return 0;
    return static_cast<double>(fields[11].toLongLong() + fields[12].toLongLong()) /
           static_cast<double>(::sysconf(_SC_CLK_TCK));
}

qint64 peakMemory(qint64 processId)
{
    return statusBytes(processId, "VmHWM:");
}

qint64 residentMemory(qint64 processId)
{
    return statusBytes(processId, "VmRSS:");
}

} // namespace cring::bench
