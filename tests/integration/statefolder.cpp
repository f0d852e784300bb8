// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/statefolder.h"

#include "core/state/findings.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonDocument>
#include <QSqlDatabase>
#include <QSqlQuery>

namespace cring::test {

namespace {

const QString Connection = QStringLiteral("statefolder");

} // namespace

StateFolder::StateFolder(const CringProcess &ring)
    : m_path(QFileInfo(ring.logFile()).path() + QStringLiteral("/state/charmedring"))
{
}

bool StateFolder::remove() const
{
    return QDir(m_path).removeRecursively();
}

bool StateFolder::copyTo(const QString &folder) const
{
    bool copied = QDir().mkpath(folder);
    QDirIterator files(m_path, QDir::Files | QDir::Hidden);
    while (copied && files.hasNext()) {
        const QString file = files.next();
        copied = QFile::copy(file, folder + u'/' + QFileInfo(file).fileName());
    }
    return copied;
}

bool StateFolder::moveTo(const QString &folder) const
{
    return copyTo(folder) && remove() && QFile::link(folder, m_path);
}

bool StateFolder::replaceBy(const QString &folder) const
{
    if (!remove() || !QDir().mkpath(QFileInfo(m_path).path()))
        return false;
    return QDir().rename(folder, m_path);
}

QList<QVariantList> StateFolder::rows(const QString &select, const QVariantList &values) const
{
    QList<QVariantList> rows;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), Connection);
        database.setDatabaseName(m_path + QStringLiteral("/state.db"));
        database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY;QSQLITE_BUSY_TIMEOUT=1000"));
        if (database.open()) {
            QSqlQuery query(database);
            query.prepare(select);
            for (const QVariant &value : values)
                query.addBindValue(value);
            query.exec();
            while (query.next()) {
                QVariantList row;
                for (int column = 0; column < select.count(QLatin1Char(',')) + 1; ++column)
                    row << query.value(column);
                rows << row;
            }
        }
    }
    QSqlDatabase::removeDatabase(Connection);
    return rows;
}

qint64 StateFolder::number(const QString &select, const QVariantList &values) const
{
    const QList<QVariantList> found = rows(select, values);
    return found.isEmpty() ? -1 : found.first().first().toLongLong();
}

QStringList StateFolder::findings() const
{
    QMap<qint64, QString> names;
    for (const QVariantList &member : rows(QStringLiteral("SELECT number, name FROM members")))
        names.insert(member[0].toLongLong(), member[1].toString());
    QStringList lines;
    for (const QVariantList &row : rows(QStringLiteral("SELECT kind, key, member FROM findings"))) {
        const QString key = QString::fromLatin1(row[1].toByteArray());
        lines << QStringLiteral("%1 %2 %3")
                     .arg(state::findingKindName(static_cast<state::Finding::Kind>(row[0].toInt())),
                          key.mid(key.indexOf(u'/') + 1), names.value(row[2].toLongLong()))
                     .trimmed();
    }
    lines.sort();
    return lines;
}

QByteArrayList StateFolder::keptVersions() const
{
    QByteArrayList versions;
    QDirIterator files(m_path + QStringLiteral("/conflicts"), QDir::Files);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.fileName().endsWith(QLatin1String(".json")) && file.open(QIODevice::ReadOnly))
            versions << file.readAll();
    }
    std::sort(versions.begin(), versions.end());
    return versions;
}

std::optional<QJsonObject> StateFolder::summary(const QString &kind, qint64 since) const
{
    const auto found = rows(QStringLiteral("SELECT result FROM jobs WHERE kind = ? AND state = 2 AND"
                                           " created >= ? ORDER BY id DESC LIMIT 1"),
                            {kind, since});
    if (found.isEmpty())
        return {};
    return QJsonDocument::fromJson(found.first().first().toString().toUtf8()).object();
}

} // namespace cring::test
