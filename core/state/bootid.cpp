// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/bootid.h"

#include <QFile>

namespace cring::state {

QByteArray bootId()
{
    // random(4); containers see the one of the machine, as they should.
    QFile file(QStringLiteral("/proc/sys/kernel/random/boot_id"));
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed() : QByteArray();
}

} // namespace cring::state
