// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/logcommand.h"

#include <QDateTime>
#include <QJsonArray>
#include <QRegularExpression>

namespace cring::app {

namespace {

constexpr QLatin1String afterKey("after");
constexpr QLatin1String eventsKey("events");
constexpr QLatin1String seqKey("seq");

/// Of a charm id: enough to tell two people apart.
constexpr int shownAccountLength = 8;

Tone toneOf(const QString &level)
{
    if (level == QStringLiteral("error"))
        return Tone::Bad;
    if (level == QStringLiteral("warning"))
        return Tone::Warning;
    return level == QStringLiteral("debug") ? Tone::Faint : Tone::Plain;
}

} // namespace

Result<std::chrono::milliseconds> parseSpan(const QString &text)
{
    static const QRegularExpression span(QStringLiteral("^(\\d{1,9})\\s*(s|m|min|h|d)$"));
    const QRegularExpressionMatch match = span.match(text);
    if (!match.hasMatch())
        return Error{Code::ControlBadParams,
                     QStringLiteral("\"%1\" is no time: write 90s, 10m, 2h or 3d").arg(text)};
    const QString unit = match.captured(2);
    const qint64 seconds = unit == QStringLiteral("s")   ? 1
                           : unit == QStringLiteral("h") ? 3'600
                           : unit == QStringLiteral("d") ? 86'400
                                                         : 60;
    return std::chrono::milliseconds(match.captured(1).toLongLong() * seconds * 1'000);
}

Result<qint64> parseSince(const QString &text, qint64 nowMs)
{
    if (const auto span = parseSpan(text))
        return qMax<qint64>(1, nowMs - span->count());
    const QDateTime time = QDateTime::fromString(text, Qt::ISODate);
    if (!time.isValid()) {
        return Error{Code::ControlBadParams,
                     QStringLiteral("\"%1\" is no time: write 10m, 2h, 3d, or 2026-01-31T12:00").arg(text)};
    }
    return qMax<qint64>(1, time.toMSecsSinceEpoch());
}

LogCommand::LogCommand(ServiceCommandContext context, Options options)
    : ServiceCommand(std::move(context))
    , m_options(std::move(options))
{
}

QJsonObject LogCommand::filter() const
{
    QJsonObject params;
    if (!m_options.level.isEmpty())
        params.insert(QLatin1String("level"), m_options.level);
    if (!m_options.backend.isEmpty())
        params.insert(QLatin1String("backend"), m_options.backend);
    // After a restart, too, of a service whose numbers began anew.
    const qint64 since = m_seq == 0 ? std::max(m_options.sinceMs, m_seenMs) : m_options.sinceMs;
    if (since > 0)
        params.insert(QLatin1String("since"), since);
    return params;
}

void LogCommand::handleOpened(const control::ServiceInfo &)
{
    if (json() && !m_options.follow)
        beginJsonList(QString(eventsKey));
    if (std::exchange(m_first, false) && m_options.sinceMs == 0)
        listNewest();
    else
        listPage();
}

void LogCommand::listNewest()
{
    QJsonObject params = filter();
    params.insert(QLatin1String("limit"), m_options.lines);
    call(QStringLiteral("events.list"), params, [this](const QJsonObject &result) {
        const QJsonArray events = result.value(eventsKey).toArray();
        for (const QJsonValue event : events)
            show(event.toObject());
        follow(result.value(QLatin1String("lastSeq")).toInteger());
    });
}

void LogCommand::listPage()
{
    QJsonObject params = filter();
    params.insert(afterKey, m_seq);
    call(QStringLiteral("events.list"), params, [this](const QJsonObject &result) {
        const QJsonArray events = result.value(eventsKey).toArray();
        const qint64 last = result.value(QLatin1String("lastSeq")).toInteger();
        // The service has lost what it had: its numbers start anew, and what came since is news to us.
        const bool anew = last < m_seq;
        if (anew)
            m_seq = 0;
        for (const QJsonValue event : events)
            show(event.toObject());
        if (events.isEmpty() && !anew)
            follow(last);
        else
            listPage();
    });
}

void LogCommand::follow(qint64 lastSeq)
{
    // What was there before is not shown after a restart either.
    m_seq = std::max(m_seq, lastSeq);
    if (m_seenMs == 0)
        m_seenMs = QDateTime::currentMSecsSinceEpoch();
    whenServerIsKnown([this, lastSeq] {
        if (!m_options.follow) {
            if (json())
                endJsonList();
            finish(Ok);
            return;
        }
        QJsonObject params = filter();
        params.insert(afterKey, lastSeq);
        call(QStringLiteral("events.subscribe"), params, [](const QJsonObject &) {});
    });
}

/// A server that has left the ring may have events; one that has none and is not there is a mistake.
void LogCommand::whenServerIsKnown(std::function<void()> then)
{
    if (m_options.backend.isEmpty() || m_shown) {
        then();
        return;
    }
    call(QStringLiteral("backends.show"), {{QStringLiteral("name"), m_options.backend}},
         [then = std::move(then)](const QJsonObject &) { then(); });
}

void LogCommand::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method == QStringLiteral("event"))
        show(params);
}

void LogCommand::handleClosed(const Error &reason)
{
    if (m_options.follow)
        reconnectSoon(reason);
    else
        fail(reason);
}

void LogCommand::show(const QJsonObject &event)
{
    m_seq = event.value(seqKey).toInteger();
    m_seenMs = event.value(QLatin1String("timeMs")).toInteger() + 1;
    m_shown = true;
    if (json()) {
        // What goes on has no end: lines, then.
        if (m_options.follow)
            printJson(event);
        else
            printListed(event);
        return;
    }
    const QString level = event.value(QLatin1String("level")).toString();
    const QString account = event.value(QLatin1String("account")).toString();
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(event.value(QLatin1String("timeMs")).toInteger());
    QString line = terminal().paint(Tone::Faint, time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"))) + u' ';
    line += terminal().paint(toneOf(level), QStringLiteral("%1").arg(plain(level), -7)) + u' ';
    line += QStringLiteral("%1 ").arg(plain(event.value(QLatin1String("category")).toString()), -8);
    if (const QString backend = event.value(QLatin1String("backend")).toString(); !backend.isEmpty())
        line += terminal().paint(Tone::Strong, plain(backend)) + u' ';
    line += plain(event.value(QLatin1String("text")).toString());
    if (!account.isEmpty())
        line += terminal().paint(Tone::Faint,
                                 QStringLiteral(" [%1]").arg(plain(account.left(shownAccountLength))));
    print(line + u'\n');
}

} // namespace cring::app
