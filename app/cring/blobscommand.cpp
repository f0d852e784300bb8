// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/blobscommand.h"

#include "app/cring/queuecommand.h"
#include "core/base/words.h"

#include <QDateTime>
#include <QJsonArray>

namespace cring::app {

namespace {

QJsonObject params(const QString &account, const char *key, const QString &value)
{
    QJsonObject object;
    if (!account.isEmpty())
        object.insert(QLatin1String("account"), account);
    if (!value.isEmpty())
        object.insert(QLatin1String(key), value);
    return object;
}

QString sizeWords(const QJsonObject &entry)
{
    const QJsonValue size = entry.value(QLatin1String("size"));
    return size.isDouble() ? words::bytes(size.toInteger()) : QStringLiteral("-");
}

QString timeWords(const QJsonObject &entry)
{
    const auto time = QDateTime::fromMSecsSinceEpoch(entry.value(QLatin1String("changedMs")).toInteger());
    return time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

QString modeOf(const QJsonObject &entry)
{
    return modeWords(static_cast<quint32>(entry.value(QLatin1String("mode")).toInteger()),
                     entry.value(QLatin1String("folder")).toBool());
}

Tone toneOf(const QString &copy)
{
    if (copy == QStringLiteral("holds") || copy == QStringLiteral("gone"))
        return Tone::Good;
    if (copy == QStringLiteral("extra") || copy == QStringLiteral("none"))
        return Tone::Plain;
    return copy == QStringLiteral("missing") || copy == QStringLiteral("in doubt") ? Tone::Bad
                                                                                   : Tone::Warning;
}

QString recordPage(const Terminal &terminal, const QJsonObject &answer)
{
    const QJsonObject record = answer.value(QLatin1String("record")).toObject();
    PaintedTable table;
    const auto row = [&table](const char *key, const QString &value, Tone tone = Tone::Plain) {
        if (!value.isEmpty())
            table.addRow({{QString::fromLatin1(key), Tone::Faint}, {value, tone}});
    };
    const bool deleted = record.value(QLatin1String("deleted")).toBool();
    const bool folder = record.value(QLatin1String("folder")).toBool();
    row("path", answer.value(QLatin1String("path")).toString(), Tone::Strong);
    row("account", answer.value(QLatin1String("account")).toString());
    row("is", deleted  ? QStringLiteral("deleted")
              : folder ? QStringLiteral("a folder")
                       : QStringLiteral("a file"));
    if (!deleted) {
        row("mode", modeOf(record));
        if (!folder)
            row("size", sizeWords(record));
    }
    row("changed", timeWords(record));
    row("version", QString::number(record.value(QLatin1String("version")).toInteger()));
    row("digest", record.value(QLatin1String("digest")).toString());
    return table.toString(terminal);
}

} // namespace

QString modeWords(quint32 mode, bool folder)
{
    QString text(folder ? u'd' : u'-');
    for (int bit = 8; bit >= 0; --bit)
        text += (mode >> bit & 1U) != 0 ? QLatin1String("xwr").at(bit % 3) : QLatin1Char('-');
    return text;
}

BlobsListCommand::BlobsListCommand(ServiceCommandContext context, const QString &account,
                                   const QString &prefix)
    : PagedCommand(std::move(context), QStringLiteral("blobs.list"), params(account, "prefix", prefix),
                   QStringLiteral("blobs"))
{
}

void BlobsListCommand::showEntries(const QJsonArray &entries)
{
    PaintedTable table;
    for (const QJsonValue value : entries) {
        const QJsonObject entry = value.toObject();
        // Whole: this is what `blobs where` and `repair` take.
        const QString path = entry.value(QLatin1String("account")).toString() + u'/' +
                             entry.value(QLatin1String("path")).toString();
        const qsizetype holders = entry.value(QLatin1String("holders")).toArray().size();
        table.addRow({{modeOf(entry)},
                      {sizeWords(entry), Tone::Plain, true},
                      {timeWords(entry)},
                      {QStringLiteral("on %1").arg(holders), holders < 2 ? Tone::Warning : Tone::Plain},
                      {path}});
    }
    print(table.toString(terminal()));
}

void BlobsListCommand::showEnd(const QJsonObject &)
{
    if (count() == 0)
        advise(QStringLiteral("Nothing is recorded there. What clients stored before the ring came is "
                              "recorded by `cring verify`."));
}

BlobsWhereCommand::BlobsWhereCommand(ServiceCommandContext context, QString account, QString path)
    : ServiceCommand(std::move(context))
    , m_account(std::move(account))
    , m_path(std::move(path))
{
}

void BlobsWhereCommand::handleOpened(const control::ServiceInfo &)
{
    call(QStringLiteral("blobs.where"), params(m_account, "path", m_path), [this](const QJsonObject &answer) {
        if (json())
            printJson(answer);
        else
            show(answer);
        finish(Ok);
    });
}

void BlobsWhereCommand::show(const QJsonObject &answer)
{
    PaintedTable table;
    table.addRow({heading("SERVER"), heading("OWNER"), heading("COPY"), heading("OWED"), heading("FOR")});
    for (const QJsonValue value : answer.value(QLatin1String("servers")).toArray()) {
        const QJsonObject server = value.toObject();
        const QString copy = server.value(QLatin1String("copy")).toString();
        const QString owed = owedWords(server.value(QLatin1String("owed")).toString());
        table.addRow(
            {{server.value(QLatin1String("name")).toString(), Tone::Strong},
             {server.value(QLatin1String("owner")).toBool() ? QStringLiteral("yes") : QStringLiteral("no")},
             {copy, toneOf(copy)},
             {owed.isEmpty() ? QStringLiteral("-") : owed},
             {shownAge(server, QStringLiteral("sinceMs"))}});
    }
    const QJsonObject spool = answer.value(QLatin1String("spool")).toObject();
    const QString kept =
        spool.isEmpty() ? QString()
                        : QStringLiteral("\nIts bytes are in the spool on this machine, too, for %1: until "
                                         "the servers that should have them do.\n")
                              .arg(shownAge(spool, QStringLiteral("sinceMs")));
    print(recordPage(terminal(), answer) + u'\n' + table.toString(terminal()) + kept);
}

} // namespace cring::app
