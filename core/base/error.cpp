// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

namespace cring {

QString codeName(Code code)
{
    return QStringLiteral("CR-%1").arg(static_cast<int>(code));
}

QString Error::toString() const
{
    QString text = codeName(code) + QStringLiteral(": ") + detail;
    for (const Error *inner = cause.get(); inner; inner = inner->cause.get())
        text += QStringLiteral(": ") + inner->detail;
    return text;
}

} // namespace cring
