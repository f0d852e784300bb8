// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/processmetrics.h"

#include <QFile>

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cring::telemetry {

namespace {

constexpr Metric kCpu{"process_cpu_seconds_total", MetricType::Counter, "User and system time of the CPU."};
constexpr Metric kOpenFiles{"process_open_fds", MetricType::Gauge, "Open file descriptors."};
constexpr Metric kMaxFiles{"process_max_fds", MetricType::Gauge,
                           "How many file descriptors may be open at the same time."};
constexpr Metric kVirtual{"process_virtual_memory_bytes", MetricType::Gauge, "Size of the address space."};
constexpr Metric kResident{"process_resident_memory_bytes", MetricType::Gauge,
                           "Memory that is held in the machine's RAM."};
constexpr Metric kStart{"process_start_time_seconds", MetricType::Gauge,
                        "When the process started, in seconds since 1970-01-01T00:00:00Z."};

/// proc_pid_stat(5), counted from the state, which is field 3: the name before it may hold anything.
constexpr qsizetype kStartTimeField = 22 - 3;

QByteArray contentOf(const char *path)
{
    QFile file(QString::fromLatin1(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::optional<double> startTime()
{
    const QByteArray stat = contentOf("/proc/self/stat");
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    const double sinceBoot =
        fields.value(kStartTimeField).toDouble() / static_cast<double>(::sysconf(_SC_CLK_TCK));
    for (const QByteArray &line : contentOf("/proc/stat").split('\n')) {
        if (line.startsWith("btime "))
            return line.mid(6).toDouble() + sinceBoot;
    }
    return std::nullopt;
}

double seconds(const timeval &time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

qint64 openFiles()
{
    // Linux 6.2 and newer say it at once (Documentation/filesystems/proc.rst); to count thousands takes long.
    struct stat info = {};
    if (::stat("/proc/self/fd", &info) == 0 && info.st_size > 0)
        return info.st_size;
    DIR *folder = ::opendir("/proc/self/fd");
    if (!folder)
        return -1;
    qint64 count = 0;
    while (const dirent *entry = ::readdir(folder))
        count += entry->d_name[0] == '.' ? 0 : 1;
    ::closedir(folder);
    return count - 1; // the folder itself was open
}

} // namespace

ProcessMetrics::ProcessMetrics()
    : m_startTime(startTime())
{
}

void ProcessMetrics::collect(Samples &samples) const
{
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0)
        samples.add(kCpu, seconds(usage.ru_utime) + seconds(usage.ru_stime));
    if (const qint64 files = openFiles(); files >= 0)
        samples.add(kOpenFiles, static_cast<double>(files));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        samples.add(kMaxFiles, static_cast<double>(limit.rlim_cur));
    // proc_pid_statm(5): size and resident, in pages.
    const QList<QByteArray> pages = contentOf("/proc/self/statm").split(' ');
    if (pages.size() > 1) {
        const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
        samples.add(kVirtual, pages[0].toDouble() * page);
        samples.add(kResident, pages[1].toDouble() * page);
    }
    if (m_startTime)
        samples.add(kStart, *m_startTime);
}

} // namespace cring::telemetry
