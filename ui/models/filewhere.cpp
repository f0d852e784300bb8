// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filewhere.h"

#include "ui/models/wording.h"

#include <QHash>
#include <QJsonArray>

namespace cring::models {

QString FileWhere::copyWords(const QString &copy)
{
    const QHash<QString, QString> words{
        {QStringLiteral("holds"), tr("has it")},
        {QStringLiteral("extra"), tr("has it, and need not")},
        {QStringLiteral("missing"), tr("should have it, and has not")},
        {QStringLiteral("stale"), tr("missed a change")},
        {QStringLiteral("in doubt"), tr("may have got a change half")},
        {QStringLiteral("suspect"), tr("is to be looked at")},
        {QStringLiteral("differs"), tr("has another version, which is kept aside first")},
        {QStringLiteral("gone"), tr("has deleted it")},
    };
    return words.value(copy, copy);
}

QString FileWhere::lines(const QJsonObject &answer, qint64 nowMs)
{
    QStringList lines;
    const QJsonArray servers = answer.value(QStringLiteral("servers")).toArray();
    for (const QJsonValue &value : servers) {
        const QJsonObject server = value.toObject();
        const QString copy = server.value(QStringLiteral("copy")).toString();
        if (copy == QStringLiteral("none"))
            continue;
        const QString line = tr("%1 %2", "a server, and what its copy is")
                                 .arg(server.value(QStringLiteral("name")).toString(), copyWords(copy));
        const qint64 since = server.value(QStringLiteral("sinceMs")).toInteger();
        lines.append(since > 0 ? tr("%1, since %2").arg(line, Wording::clock(since, nowMs)) : line);
    }
    if (const QJsonObject spool = answer.value(QStringLiteral("spool")).toObject(); !spool.isEmpty())
        lines.append(tr("The service itself holds %1 for those that still lack it")
                         .arg(Wording::bytes(spool.value(QStringLiteral("size")).toInteger())));
    return lines.join(u'\n');
}

} // namespace cring::models
