// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/journal.h"

#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#ifdef CRING_SYSTEMD
#define SD_JOURNAL_SUPPRESS_LOCATION // Of this function alone.
#include <systemd/sd-journal.h>
#endif

namespace cring::journal {

bool isStderr()
{
    const QList<QByteArray> stream = qgetenv("JOURNAL_STREAM").split(':');
    struct stat info = {};
    return stream.size() == 2 && ::fstat(STDERR_FILENO, &info) == 0 &&
           stream.at(0).toULongLong() == info.st_dev && stream.at(1).toULongLong() == info.st_ino;
}

bool send(const QList<QByteArray> &fields)
{
#ifdef CRING_SYSTEMD
    std::vector<iovec> parts;
    parts.reserve(static_cast<size_t>(fields.size()));
    for (const QByteArray &field : fields)
        parts.push_back({const_cast<char *>(field.constData()), static_cast<size_t>(field.size())});
    return sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
#else
    Q_UNUSED(fields)
    return false;
#endif
}

} // namespace cring::journal
