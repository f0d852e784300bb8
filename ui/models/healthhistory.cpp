// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/healthhistory.h"

#include <QDateTime>

#include <algorithm>
#include <cmath>

namespace cring::models {

using State = HealthSpan::State;

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::HealthSpan)
};

State stateNamed(QStringView name)
{
    if (name == u"up")
        return State::Up;
    if (name == u"misconfigured")
        return State::Impaired;
    return name == u"down" ? State::Down : State::Unknown;
}

/// What the service says when a server's state has changed: "is up", "is down: refused the connection".
std::optional<State> stateToldBy(const EventRow &event, const QString &server)
{
    constexpr QLatin1String kIs("is ");
    if (event.category != QStringLiteral("backend") || event.backend != server || !event.text.startsWith(kIs))
        return std::nullopt;
    const QStringView rest = QStringView(event.text).mid(kIs.size());
    const State state = stateNamed(rest.left(rest.indexOf(u':') < 0 ? rest.size() : rest.indexOf(u':')));
    return state == State::Unknown ? std::nullopt : std::optional(state);
}

/// A run of the service begins: nothing is known of its servers.
bool isStart(const EventRow &event)
{
    return event.category == QStringLiteral("service") && event.text.startsWith(QStringLiteral("serving "));
}

/// When the run before the one that began with this event was heard of last; the beginning itself when there
/// was none.
qint64 endBefore(const QList<EventRow> &events, qsizetype start)
{
    constexpr qint64 kStartMs = 10'000; // What a start says of itself before it serves.
    qsizetype before = start + 1;
    while (before < events.size() && events.at(before).category == QStringLiteral("service") &&
           events.at(start).timeMs - events.at(before).timeMs < kStartMs)
        ++before;
    return events.at(before < events.size() ? before : start).timeMs;
}

/// Builds spans from the newest to the oldest.
class Backwards
{
public:
    explicit Backwards(qint64 nowMs)
        : m_from(nowMs - healthTime.count())
        , m_cursor(nowMs)
    {
    }

    /// It was so from then to what is known already.
    void add(qint64 fromMs, State state)
    {
        const qint64 from = std::max(fromMs, m_from);
        if (from >= m_cursor)
            return;
        if (!m_spans.isEmpty() && m_spans.last().state == state)
            m_spans.last().fromMs = from;
        else
            m_spans.append({from, m_cursor, state});
        m_cursor = from;
    }

    bool isFull() const { return m_cursor <= m_from; }

    QList<HealthSpan> spans()
    {
        add(m_from, State::Unknown);
        std::ranges::reverse(m_spans);
        return m_spans;
    }

private:
    const qint64 m_from;
    qint64 m_cursor;
    QList<HealthSpan> m_spans;
};

} // namespace

QList<HealthSpan> healthOf(const control::BackendStatus &backend, const QList<EventRow> &events, qint64 nowMs)
{
    Backwards spans(nowMs);
    if (const State state = stateNamed(backend.state); state != State::Unknown && backend.sinceMs > 0)
        spans.add(backend.sinceMs, state);
    for (qsizetype i = 0; i < events.size() && !spans.isFull(); ++i) {
        const EventRow &event = events.at(i);
        if (isStart(event)) {
            // What came between the end of the run before and this, nobody has seen.
            spans.add(endBefore(events, i), State::Unknown);
        } else if (const auto state = stateToldBy(event, backend.name)) {
            spans.add(event.timeMs, *state);
        }
    }
    return spans.spans();
}

std::optional<double> upShare(const QList<HealthSpan> &spans)
{
    qint64 up = 0;
    qint64 known = 0;
    for (const HealthSpan &span : spans) {
        if (span.state == State::Unknown)
            continue;
        known += span.toMs - span.fromMs;
        up += span.state == State::Up ? span.toMs - span.fromMs : 0;
    }
    return known > 0 ? std::optional(static_cast<double>(up) / static_cast<double>(known)) : std::nullopt;
}

QString upWords(const QList<HealthSpan> &spans)
{
    const auto share = upShare(spans);
    if (!share)
        return Wording::nothing();
    // 99.96 % is not all of it.
    constexpr double kTenths = 1000;
    const double percent = std::floor(*share * kTenths) / (kTenths / 100);
    return Words::tr("%1 %").arg(QLocale().toString(percent, 'f', *share < 1 ? 1 : 0));
}

QString outageWords(const QList<HealthSpan> &spans)
{
    constexpr qsizetype kMost = 8;
    QStringList lines;
    for (auto span = spans.crbegin(); span != spans.crend() && lines.size() < kMost; ++span) {
        if (span->state != State::Down && span->state != State::Impaired)
            continue;
        const QString words = span->state == State::Down ? Words::tr("down from %1 for %2")
                                                         : Words::tr("no copy from %1 for %2");
        lines.append(
            words.arg(QLocale().toString(QDateTime::fromMSecsSinceEpoch(span->fromMs), QLocale::ShortFormat),
                      Wording::age(span->fromMs, span->toMs)));
    }
    return lines.isEmpty() ? Words::tr("up all the time, as far as is known") : lines.join(u'\n');
}

} // namespace cring::models
