// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/notices.h"

#include <QtGlobal>

#include <algorithm>

namespace cring::control {

using std::chrono::milliseconds;

namespace {

constexpr std::array kNames{"writes-refused", "degraded", "backup-overdue", "damage-found",
                            "keychain-locked"};
static_assert(kNames.size() == topicCount);

struct Title
{
    const char *begin;
    const char *over;
};

constexpr std::array<Title, topicCount> kTitles{{
    {QT_TRANSLATE_NOOP("cring::models::Notice", "Uploads fail"),
     QT_TRANSLATE_NOOP("cring::models::Notice", "Uploads work again")},
    {QT_TRANSLATE_NOOP("cring::models::Notice", "The ring needs attention"),
     QT_TRANSLATE_NOOP("cring::models::Notice", "The ring is whole again")},
    {QT_TRANSLATE_NOOP("cring::models::Notice", "The backup is overdue"),
     QT_TRANSLATE_NOOP("cring::models::Notice", "The backup has caught up")},
    {QT_TRANSLATE_NOOP("cring::models::Notice", "A check found something"),
     QT_TRANSLATE_NOOP("cring::models::Notice", "Nothing is left of what a check found")},
    {QT_TRANSLATE_NOOP("cring::models::Notice", "Unlock the keychain"),
     QT_TRANSLATE_NOOP("cring::models::Notice", "The backup has its keys again")},
}};

QList<Matter> mattersOf(const Matters &matters, Topic topic)
{
    QList<Matter> list;
    for (const Matter &matter : matters.list) {
        if (matter.topic == topic)
            list.append(matter);
    }
    return list;
}

/// Without the service's word nothing is known of the topic.
bool isJudged(const Matters &matters, Topic topic)
{
    return matters.isKnown || !mattersOf(matters, topic).isEmpty();
}

milliseconds delayOf(Topic topic, const QString &about, const NoticeWishes &wishes,
                     const NoticeTiming &timing)
{
    if (topic == Topic::Degraded)
        return wishes.degradedAfter;
    return about == Matter::aboutService ? timing.serviceGrace : milliseconds(0);
}

void follow(ToldTopic &topic, const QList<Matter> &matters, milliseconds now, const NoticeTiming &timing)
{
    const auto isThere = [&](const QString &about) {
        return std::ranges::any_of(matters, [&](const Matter &matter) { return matter.about == about; });
    };
    for (const Matter &matter : matters) {
        if (!topic.causes.contains(matter.about))
            topic.causes.insert(matter.about, {.since = now, .goneSince = {}});
        topic.causes[matter.about].goneSince.reset();
    }
    topic.causes.removeIf([&](QHash<QString, ToldTopic::Span>::iterator one) {
        if (isThere(one.key()))
            return false;
        if (!one->goneSince)
            one->goneSince = now;
        return now >= *one->goneSince + timing.calm;
    });
    topic.toldOf.removeIf([&](const QString &about) { return !topic.causes.contains(about); });
}

/// When the topic begins, or something more of it does; nothing: all that there is has been told.
std::optional<milliseconds> beginAt(const ToldTopic &told, Topic topic, const NoticeWishes &wishes,
                                    const NoticeTiming &timing)
{
    std::optional<milliseconds> due;
    for (auto one = told.causes.constBegin(); one != told.causes.constEnd(); ++one) {
        if (told.toldOf.contains(one.key()) || one->goneSince)
            continue;
        const milliseconds at = one->since + delayOf(topic, one.key(), wishes, timing);
        due = std::min(due.value_or(at), at);
    }
    if (due && told.told)
        due = std::max(*due, *told.told + timing.leastPause);
    return due;
}

std::optional<milliseconds> againAt(const ToldTopic &told, const NoticeTiming &timing)
{
    if (!told.isTold || told.isSilenced || told.reminders >= timing.again.size())
        return std::nullopt;
    return *told.told + timing.again.at(told.reminders);
}

std::optional<NoticeKind> tell(ToldTopic &told, Topic topic, milliseconds now, const NoticeWishes &wishes,
                               const NoticeTiming &timing)
{
    if (told.causes.isEmpty()) {
        const bool wasTold = std::exchange(told.isTold, false);
        told.isSilenced = false;
        return wasTold ? std::optional(NoticeKind::Over) : std::nullopt;
    }
    if (const auto begin = beginAt(told, topic, wishes, timing); begin && now >= *begin) {
        for (auto one = told.causes.constBegin(); one != told.causes.constEnd(); ++one) {
            if (!one->goneSince && now >= one->since + delayOf(topic, one.key(), wishes, timing))
                told.toldOf.insert(one.key());
        }
        told.told = now;
        told.isTold = true;
        told.isSilenced = false;
        told.reminders = 0;
        return NoticeKind::Begin;
    }
    bool due = false;
    // After a long while without a look once is enough.
    for (auto again = againAt(told, timing); again && now >= *again; again = againAt(told, timing)) {
        ++told.reminders;
        due = true;
    }
    const bool isPassing = std::ranges::all_of(
        told.causes, [](const ToldTopic::Span &span) { return span.goneSince.has_value(); });
    return due && !isPassing ? std::optional(NoticeKind::Again) : std::nullopt;
}

void keepEarliest(std::optional<milliseconds> &earliest, std::optional<milliseconds> other)
{
    if (other)
        earliest = std::min(earliest.value_or(*other), *other);
}

} // namespace

QList<Topic> allTopics()
{
    QList<Topic> topics;
    for (int i = 0; i < topicCount; ++i)
        topics.append(static_cast<Topic>(i));
    return topics;
}

QString topicName(Topic topic)
{
    return QString::fromLatin1(kNames.at(static_cast<size_t>(topic)));
}

QString noticeKindName(NoticeKind kind)
{
    switch (kind) {
    case NoticeKind::Begin:
        return QStringLiteral("begin");
    case NoticeKind::Again:
        return QStringLiteral("again");
    case NoticeKind::Over:
        break;
    }
    return QStringLiteral("over");
}

const char *noticeTitle(Topic topic, NoticeKind kind)
{
    const Title &title = kTitles.at(static_cast<size_t>(topic));
    return kind == NoticeKind::Over ? title.over : title.begin;
}

NoticeStep nextNotices(const Told &before, const Matters &matters, milliseconds now,
                       const NoticeWishes &wishes, const NoticeTiming &timing)
{
    NoticeStep step{before, {}};
    for (const Topic topic : allTopics()) {
        if (!isJudged(matters, topic))
            continue;
        ToldTopic &told = step.told.of(topic);
        follow(told, mattersOf(matters, topic), now, timing);
        if (!wishes.isWanted(topic)) {
            told.isTold = false;
            told.toldOf.clear();
            continue;
        }
        if (const auto kind = tell(told, topic, now, wishes, timing))
            step.due.append({topic, *kind});
    }
    return step;
}

std::optional<milliseconds> wakeAt(const Told &told, const Matters &matters, const NoticeWishes &wishes,
                                   const NoticeTiming &timing)
{
    std::optional<milliseconds> wake;
    for (const Topic topic : allTopics()) {
        if (!isJudged(matters, topic) || !wishes.isWanted(topic))
            continue;
        const ToldTopic &one = told.of(topic);
        keepEarliest(wake, beginAt(one, topic, wishes, timing));
        keepEarliest(wake, againAt(one, timing));
        for (const ToldTopic::Span &span : one.causes) {
            if (span.goneSince)
                keepEarliest(wake, *span.goneSince + timing.calm);
        }
    }
    return wake;
}

} // namespace cring::control
