// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/value.h"

#include <QCryptographicHash>

namespace cring::chaos {

Value Value::file(const QByteArray &bytes, quint32 mode)
{
    return {Kind::File, QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex(), bytes.size(),
            mode};
}

QByteArray Value::words() const
{
    constexpr qsizetype shownDigits = 12;
    switch (kind) {
    case Kind::Absent:
        return "nothing";
    case Kind::Folder:
        return mode == 0 ? QByteArray("a folder") : "a folder, mode 0" + QByteArray::number(mode, 8);
    case Kind::File:
        break;
    }
    return QByteArray::number(size) + " bytes, mode 0" + QByteArray::number(mode, 8) + ", sha256 " +
           sha256.left(shownDigits) + "…";
}

} // namespace cring::chaos
