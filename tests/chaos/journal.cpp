// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/journal.h"

#include <algorithm>

namespace cring::chaos {

const char *nameOf(Operation::Kind kind)
{
    switch (kind) {
    case Operation::Kind::Upload:
        return "upload";
    case Operation::Kind::Delete:
        return "delete";
    case Operation::Kind::MakeFolder:
        return "make folder";
    case Operation::Kind::Read:
        return "read";
    case Operation::Kind::Number:
        break;
    }
    return "number";
}

const char *nameOf(Ending ending)
{
    switch (ending) {
    case Ending::Done:
        return "done";
    case Ending::Declined:
        return "declined";
    case Ending::Refused:
        return "refused";
    case Ending::Unknown:
        return "unknown";
    case Ending::NoAnswer:
        return "no answer";
    case Ending::NotSent:
        break;
    }
    return "not sent";
}

QByteArray folderOf(const QByteArray &path)
{
    return path.left(std::max<qsizetype>(0, path.lastIndexOf('/')));
}

QByteArray toText(Moment moment)
{
    if (moment == EndOfTime)
        return "afterwards";
    return QByteArray::number(static_cast<double>(moment.count()) / 1e6, 'f', 6) + " s";
}

QByteArray Entry::toText() const
{
    QByteArray text = chaos::toText(begin);
    if (end != begin)
        text += " to " + chaos::toText(end);
    text += ": client " + QByteArray::number(client) + "'s operation " + QByteArray::number(number) + ", " +
            nameOf(operation.kind) + ' ' + (operation.path.isEmpty() ? "/" : operation.path);
    if (operation.kind == Operation::Kind::Upload)
        text += " (" + QByteArray::number(operation.size) + " bytes, mode 0" +
                QByteArray::number(operation.mode, 8) + ')';
    if (operation.abandonAfter >= 0)
        text += ", left after " + QByteArray::number(operation.abandonAfter) + " bytes";
    text += QByteArray(": ") + nameOf(ending);
    if (status > 0)
        text += " (" + QByteArray::number(status) + ')';
    if (operation.kind == Operation::Kind::Read && ending == Ending::Done)
        text += ", " + seen.words();
    if (sequence >= 0)
        text += ", " + QByteArray::number(sequence);
    if (!words.isEmpty())
        text += ": " + words;
    return text;
}

} // namespace cring::chaos
