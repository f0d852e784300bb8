// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/requestid.h"

#include "core/base/random.h"

#include <atomic>

namespace cring::http {

QByteArray makeRequestId()
{
    static const QByteArray run =
        QByteArray::number(SystemRandom().next() >> 32, 16).rightJustified(8, '0') + '-';
    static std::atomic<quint64> count{0};
    return run + QByteArray::number(++count, 16);
}

} // namespace cring::http
