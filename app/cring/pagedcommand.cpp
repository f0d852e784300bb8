// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/pagedcommand.h"

#include "core/base/words.h"
#include "core/telemetry/activitylog.h"

#include <QDateTime>
#include <QJsonArray>

namespace cring::app {

namespace {

/// Of a charm id: enough to tell two people apart.
constexpr qsizetype kShownAccount = 8;

} // namespace

PagedCommand::PagedCommand(ServiceCommandContext context, QString method, QJsonObject params, QString entries)
    : ServiceCommand(std::move(context))
    , m_method(std::move(method))
    , m_params(std::move(params))
    , m_entries(std::move(entries))
{
}

void PagedCommand::handleOpened(const control::ServiceInfo &)
{
    ask({});
}

void PagedCommand::showEnd(const QJsonObject &) {}

QJsonObject PagedCommand::summary(const QJsonObject &) const
{
    return {{m_entries, m_count}};
}

void PagedCommand::ask(const QString &after)
{
    QJsonObject params = m_params;
    if (!after.isEmpty())
        params.insert(QLatin1String("after"), after);
    call(m_method, params, [this](const QJsonObject &answer) { handlePage(answer); });
}

void PagedCommand::handlePage(const QJsonObject &answer)
{
    const QJsonArray entries = answer.value(m_entries).toArray();
    m_count += entries.size();
    if (json()) {
        if (!std::exchange(m_begun, true))
            beginJsonList(m_entries);
        for (const QJsonValue entry : entries)
            printListed(entry.toObject());
    } else {
        showEntries(entries);
    }
    if (const QString next = answer.value(QLatin1String("next")).toString(); !next.isEmpty()) {
        ask(next);
        return;
    }
    if (json())
        endJsonList({{QStringLiteral("summary"), summary(answer)}});
    else
        showEnd(answer);
    finish(Ok);
}

QString shownPath(const QJsonObject &entry)
{
    const QString account = entry.value(QLatin1String("account")).toString().left(kShownAccount);
    const QString path = entry.value(QLatin1String("path")).toString();
    return path.isEmpty() ? account : account + u'/' + telemetry::shortenedPath(path);
}

QString shownAge(const QJsonObject &entry, const QString &key)
{
    const qint64 time = entry.value(key).toInteger();
    if (time <= 0)
        return QStringLiteral("-");
    return words::duration(std::chrono::milliseconds(QDateTime::currentMSecsSinceEpoch() - time));
}

PaintedTable::Cell heading(const char *text, bool right)
{
    return {QString::fromLatin1(text), Tone::Faint, right};
}

} // namespace cring::app
