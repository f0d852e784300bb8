// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/queuecommand.h"

#include "core/base/words.h"

#include <QJsonArray>

namespace cring::app {

namespace {

constexpr QLatin1String kServer("server");
constexpr QLatin1String kOwed("owed");

QJsonObject paramsFor(const QString &server)
{
    return server.isEmpty() ? QJsonObject() : QJsonObject{{kServer, server}};
}

QString nextTry(const QJsonObject &item, bool paused)
{
    if (item.value(QLatin1String("running")).toBool())
        return QStringLiteral("now");
    if (paused)
        return QStringLiteral("paused");
    const QJsonValue wait = item.value(QLatin1String("waitMs"));
    if (!wait.isDouble())
        return QStringLiteral("-");
    const std::chrono::milliseconds time(wait.toInteger());
    return time.count() < 1'000 ? QStringLiteral("soon") : QStringLiteral("in ") + words::duration(time);
}

/// Behind what is owed; "" when nothing rests.
QString restingWords(qint64 count)
{
    return count == 0 ? QString() : QStringLiteral(" (%1 set aside: their account is disabled)").arg(count);
}

} // namespace

QString owedWords(const QString &kind)
{
    if (kind == QStringLiteral("extra"))
        return QStringLiteral("extra copy");
    if (kind == QStringLiteral("check"))
        return QStringLiteral("look again");
    return kind == QStringLiteral("conflict") ? QStringLiteral("keep aside") : kind;
}

QueueListCommand::QueueListCommand(ServiceCommandContext context, const QString &server)
    : PagedCommand(std::move(context), QStringLiteral("queue.list"), paramsFor(server),
                   QStringLiteral("items"))
{
}

void QueueListCommand::handleOpened(const control::ServiceInfo &info)
{
    askPause([this, info] { PagedCommand::handleOpened(info); });
}

void QueueListCommand::showEntries(const QJsonArray &entries)
{
    if (entries.isEmpty())
        return;
    PaintedTable table;
    table.addRow({heading("SERVER"), heading("OWED"), heading("PATH"), heading("FOR", true),
                  heading("TRIES", true), heading("NEXT", true), heading("")});
    for (const QJsonValue entry : entries) {
        const QJsonObject item = entry.toObject();
        table.addRow({{item.value(kServer).toString(), Tone::Strong},
                      {owedWords(item.value(QLatin1String("kind")).toString())},
                      {shownPath(item)},
                      {shownAge(item, QStringLiteral("sinceMs")), Tone::Plain, true},
                      {QString::number(item.value(QLatin1String("attempts")).toInteger()), Tone::Plain, true},
                      {nextTry(item, !pauseWords().isEmpty()), Tone::Plain, true},
                      {item.value(QLatin1String("problem")).toString(), Tone::Warning}});
    }
    print(table.toString(terminal()));
}

void QueueListCommand::showEnd(const QJsonObject &last)
{
    QString text;
    qint64 all = 0;
    qint64 setAside = 0;
    for (const QJsonValue entry : last.value(QLatin1String("servers")).toArray()) {
        const QJsonObject server = entry.toObject();
        const qint64 owed = server.value(kOwed).toInteger();
        const qint64 resting = server.value(QLatin1String("setAside")).toInteger();
        all += owed;
        setAside += resting;
        text += QStringLiteral("%1: %2%3\n")
                    .arg(plain(server.value(QLatin1String("name")).toString()),
                         owed == 0 ? QStringLiteral("has everything") : QStringLiteral("%1 owed").arg(owed),
                         restingWords(resting));
    }
    print(all + setAside == 0 ? QStringLiteral("Nothing is owed to any server.\n") : u'\n' + text);
    if (all > 0 && !pauseWords().isEmpty())
        print(pauseWords() + QStringLiteral(": nothing of it is tried before.\n"));
}

QJsonObject QueueListCommand::summary(const QJsonObject &last) const
{
    return {{QStringLiteral("items"), count()},
            {QStringLiteral("servers"), last.value(QLatin1String("servers"))}};
}

QueueRetryCommand::QueueRetryCommand(ServiceCommandContext context, QString server)
    : ServiceCommand(std::move(context))
    , m_server(std::move(server))
{
}

void QueueRetryCommand::handleOpened(const control::ServiceInfo &)
{
    askPause([this] {
        call(QStringLiteral("queue.retry"), paramsFor(m_server),
             [this](const QJsonObject &answer) { show(answer); });
    });
}

void QueueRetryCommand::show(const QJsonObject &answer)
{
    const qint64 owed = answer.value(kOwed).toInteger();
    if (json())
        printJson(answer);
    else if (owed == 0)
        print(QStringLiteral("Nothing is owed.\n"));
    else if (!pauseWords().isEmpty())
        print(QStringLiteral("%1 owed. %2: nothing of it is tried before.\n").arg(owed).arg(pauseWords()));
    else
        print(QStringLiteral("%1 owed: all of it is tried now, as far as servers are up. `cring queue "
                             "list` shows what is left.\n")
                  .arg(owed));
    finish(Ok);
}

} // namespace cring::app
