// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/scrubplace.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace cring::repair {

namespace {

const QString kAccount = QStringLiteral("account");
const QString kAfter = QStringLiteral("after");
const QString kServers = QStringLiteral("servers");
const QString kUnheard = QStringLiteral("unheard");
const QString kUnheardInAccount = QStringLiteral("unheard_in_account");
const QString kUnsettled = QStringLiteral("unsettled");
const QString kSkipped = QStringLiteral("skipped");
const QString kLeftAlone = QStringLiteral("left_alone");
const QString kCounts = QStringLiteral("counts");

QJsonArray toArray(const std::set<QString> &words)
{
    QJsonArray array;
    for (const QString &word : words)
        array.append(word);
    return array;
}

std::set<QString> toSet(const QJsonValue &value)
{
    std::set<QString> words;
    const QJsonArray array = value.toArray();
    for (const QJsonValue &word : array)
        words.insert(word.toString());
    return words;
}

QJsonObject toObject(const QMap<QString, qint64> &numbers)
{
    QJsonObject object;
    for (auto it = numbers.begin(); it != numbers.end(); ++it)
        object.insert(it.key(), it.value());
    return object;
}

QMap<QString, qint64> toNumbers(const QJsonValue &value)
{
    QMap<QString, qint64> numbers;
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it)
        numbers.insert(it.key(), it.value().toInteger());
    return numbers;
}

} // namespace

QByteArray ScrubPlace::toJson() const
{
    QJsonObject reasons;
    for (auto it = skipped.begin(); it != skipped.end(); ++it)
        reasons.insert(QString::fromLatin1(it.key()), it.value());
    QJsonArray alone;
    for (const QByteArray &charmId : leftAlone)
        alone.append(QString::fromLatin1(charmId));
    QJsonObject object{{kAccount, QString::fromLatin1(account)},
                       {kUnheard, toArray(unheard)},
                       {kCounts, toObject(counts)},
                       {kServers, toObject(servers)},
                       {kSkipped, reasons},
                       {kLeftAlone, alone}};
    if (!accountEnded) {
        object.insert(kAfter, QString::fromLatin1(last));
        object.insert(kUnheardInAccount, toArray(unheardInAccount));
        object.insert(kUnsettled, unsettledInAccount);
    }
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

ScrubPlace ScrubPlace::fromJson(const QByteArray &json)
{
    const QJsonObject object = QJsonDocument::fromJson(json).object();
    ScrubPlace place;
    place.account = object.value(kAccount).toString().toLatin1();
    place.accountEnded = !object.contains(kAfter);
    place.last = object.value(kAfter).toString().toLatin1();
    place.servers = toNumbers(object.value(kServers));
    place.unheard = toSet(object.value(kUnheard));
    place.unheardInAccount = toSet(object.value(kUnheardInAccount));
    place.unsettledInAccount = object.value(kUnsettled).toBool();
    const QJsonObject reasons = object.value(kSkipped).toObject();
    for (auto it = reasons.begin(); it != reasons.end(); ++it)
        place.skipped.insert(it.key().toLatin1(), it.value().toString());
    const QJsonArray alone = object.value(kLeftAlone).toArray();
    for (const QJsonValue &charmId : alone)
        place.leftAlone.insert(charmId.toString().toLatin1());
    place.counts = toNumbers(object.value(kCounts));
    return place;
}

} // namespace cring::repair
