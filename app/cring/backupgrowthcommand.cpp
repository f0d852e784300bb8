// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backupgrowthcommand.h"

#include "app/cring/pagedcommand.h"
#include "core/base/words.h"

#include <QDateTime>
#include <QJsonArray>

namespace cring::app {

namespace {

PaintedTable::Cell number(const QJsonObject &row, const char *key)
{
    return {QString::number(row.value(QLatin1String(key)).toInteger()), Tone::Plain, true};
}

PaintedTable::Cell bytes(const QJsonObject &row, const char *key)
{
    return {words::bytes(row.value(QLatin1String(key)).toInteger()), Tone::Plain, true};
}

} // namespace

BackupGrowthCommand::BackupGrowthCommand(ServiceCommandContext context, QString name, int days)
    : ServiceCommand(std::move(context))
    , m_name(std::move(name))
    , m_days(days)
{
}

void BackupGrowthCommand::handleOpened(const control::ServiceInfo &)
{
    QJsonObject params;
    if (!m_name.isEmpty())
        params.insert(QStringLiteral("backup"), m_name);
    if (m_days > 0)
        params.insert(QStringLiteral("days"), m_days);
    call(QStringLiteral("backup.growth"), params, [this](const QJsonObject &answer) {
        if (json())
            printJson(answer);
        else
            show(answer);
        finish(Ok);
    });
}

void BackupGrowthCommand::show(const QJsonObject &answer)
{
    const QJsonArray days = answer.value(QLatin1String("days")).toArray();
    if (days.isEmpty()) {
        print(QStringLiteral("Nothing was stored or removed in these days.\n"));
        return;
    }
    PaintedTable table;
    table.addRow({heading("DAY"), heading("ACCOUNT"), heading("STORED", true), heading("BYTES", true),
                  heading("REMOVED", true), heading("OBJECTS", true), heading("SIZE", true)});
    for (const QJsonValue entry : days) {
        const QJsonObject day = entry.toObject();
        for (const QJsonValue account : day.value(QLatin1String("accounts")).toArray()) {
            const QJsonObject row = account.toObject();
            table.addRow({{plain(day.value(QLatin1String("day")).toString())},
                          {plain(row.value(QLatin1String("account")).toString())},
                          number(row, "stored"),
                          bytes(row, "storedBytes"),
                          number(row, "removed"),
                          number(row, "objects"),
                          bytes(row, "bytes")});
        }
    }
    print(table.toString(terminal()));
    const QJsonObject versions = answer.value(QLatin1String("versions")).toObject();
    const std::chrono::milliseconds age(QDateTime::currentMSecsSinceEpoch() -
                                        versions.value(QLatin1String("atMs")).toInteger());
    for (const QJsonValue entry : versions.value(QLatin1String("accounts")).toArray()) {
        const QJsonObject row = entry.toObject();
        print(QStringLiteral("%1: %2 besides (%3), as counted %4 ago\n")
                  .arg(plain(row.value(QLatin1String("account")).toString()),
                       words::counted(row.value(QLatin1String("versions")).toInteger(), "older version"),
                       words::bytes(row.value(QLatin1String("bytes")).toInteger()), words::duration(age)));
    }
    if (const QString warning = answer.value(QLatin1String("warning")).toString(); !warning.isEmpty())
        terminal().complain(warning);
}

} // namespace cring::app
