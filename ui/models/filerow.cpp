// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filerow.h"

#include <QJsonArray>

#include <limits>

namespace cring::models {

namespace {

constexpr int kMostServers = 64;

ServerSet setOf(const QJsonValue &names, WordList &servers)
{
    ServerSet set = 0;
    const QJsonArray array = names.toArray();
    for (const QJsonValue &name : array) {
        if (const int number = servers.number(name.toString()); number < kMostServers)
            set |= ServerSet(1) << number;
    }
    return set;
}

FileRow::Backup backupOf(const QString &word)
{
    if (word == QStringLiteral("stored"))
        return FileRow::Backup::Stored;
    if (word == QStringLiteral("waiting"))
        return FileRow::Backup::Waiting;
    return word == QStringLiteral("none") ? FileRow::Backup::None : FileRow::Backup::Unknown;
}

} // namespace

int WordList::number(const QString &word)
{
    const int known = find(word);
    if (known >= 0)
        return known;
    m_words.append(word);
    return static_cast<int>(m_words.size()) - 1;
}

FileRow FileRow::fromJson(const QJsonObject &object, WordList &servers, WordList &accounts)
{
    FileRow row;
    const QString account = object.value(QStringLiteral("account")).toString();
    row.key = (account + u'/' + object.value(QStringLiteral("path")).toString()).toUtf8();
    row.name = object.value(QStringLiteral("name")).toString().toUtf8();
    row.size = object.value(QStringLiteral("size")).toInteger(-1);
    row.changedMs = object.value(QStringLiteral("changedMs")).toInteger();
    row.backupSinceMs = object.value(QStringLiteral("backupSinceMs")).toInteger();
    row.version = static_cast<quint64>(object.value(QStringLiteral("version")).toInteger());
    row.holders = setOf(object.value(QStringLiteral("holders")), servers);
    row.owed = setOf(object.value(QStringLiteral("owed")), servers);
    row.missing = setOf(object.value(QStringLiteral("missing")), servers);
    row.account =
        static_cast<quint16>(std::min<int>(accounts.number(account), std::numeric_limits<quint16>::max()));
    row.wanted = static_cast<quint8>(std::clamp(object.value(QStringLiteral("wanted")).toInt(), 0, 255));
    row.backup = backupOf(object.value(QStringLiteral("backup")).toString());
    return row;
}

bool FileRow::isAtRisk() const
{
    return copies() < wanted || owed != 0 || missing != 0 || backup == Backup::Waiting;
}

QStringList namesOf(ServerSet set, const WordList &servers)
{
    QStringList names;
    for (int number = 0; number < kMostServers && number < servers.all().size(); ++number) {
        if (set >> number & 1)
            names.append(servers.at(number));
    }
    return names;
}

} // namespace cring::models
