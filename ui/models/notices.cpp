// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/notices.h"

#include <algorithm>

namespace cring::models {

using std::chrono::milliseconds;

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::Notice)
};

QList<Topic> allTopics()
{
    QList<Topic> topics;
    for (int i = 0; i < topicCount; ++i)
        topics.append(static_cast<Topic>(i));
    return topics;
}

QString beginWords(Topic topic)
{
    switch (topic) {
    case Topic::WritesRefused:
        return Words::tr("Uploads fail");
    case Topic::Degraded:
        return Words::tr("The ring needs attention");
    case Topic::BackupOverdue:
        return Words::tr("The backup is overdue");
    case Topic::DamageFound:
        return Words::tr("A check found something");
    case Topic::KeychainLocked:
        return Words::tr("Unlock the keychain");
    }
    return {};
}

QString overWords(Topic topic)
{
    switch (topic) {
    case Topic::WritesRefused:
        return Words::tr("Uploads work again");
    case Topic::Degraded:
        return Words::tr("The ring is whole again");
    case Topic::BackupOverdue:
        return Words::tr("The backup has caught up");
    case Topic::DamageFound:
        return Words::tr("Nothing is left of what a check found");
    case Topic::KeychainLocked:
        return Words::tr("The backup has its keys again");
    }
    return {};
}

QList<Cause> causesOf(const Condition &shown, Topic topic)
{
    QList<Cause> causes;
    for (const Cause &cause : shown.causes) {
        if (topicOf(cause) == topic)
            causes.append(cause);
    }
    return causes;
}

/// Without the service's word nothing is known of the topic.
bool isJudged(const Condition &shown, Topic topic)
{
    return shown.state() != TrayState::Gone ||
           (topic == Topic::WritesRefused && !causesOf(shown, topic).isEmpty());
}

milliseconds delayOf(Topic topic, const QString &about, const NoticeWishes &wishes,
                     const NoticeTiming &timing)
{
    if (topic == Topic::Degraded)
        return wishes.degradedAfter;
    return about == Cause::aboutService ? timing.serviceGrace : milliseconds(0);
}

void follow(ToldTopic &topic, const QList<Cause> &causes, milliseconds now, const NoticeTiming &timing)
{
    const auto isThere = [&](const QString &about) {
        return std::ranges::any_of(causes, [&](const Cause &cause) { return cause.about == about; });
    };
    for (const Cause &cause : causes) {
        if (!topic.causes.contains(cause.about))
            topic.causes.insert(cause.about, {.since = now, .goneSince = {}});
        topic.causes[cause.about].goneSince.reset();
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

QString textOf(const QList<Cause> &causes)
{
    constexpr qsizetype kMost = 3;
    QStringList lines;
    for (const Cause &cause : causes.first(std::min(kMost, causes.size())))
        lines.append(cause.text);
    if (causes.size() > kMost)
        lines.append(Words::tr("and %n more", nullptr, static_cast<int>(causes.size() - kMost)));
    return lines.join(u'\n');
}

Notice noticeOf(Topic topic, Notice::Kind kind, const Condition &shown)
{
    if (kind == Notice::Kind::Over)
        return {topic, kind, overWords(topic), shown.firstLine(), false};
    const bool gone = std::ranges::any_of(
        shown.causes, [](const Cause &cause) { return cause.about == Cause::aboutService; });
    return {topic, kind, beginWords(topic), textOf(causesOf(shown, topic)),
            gone && topic == Topic::WritesRefused};
}

std::optional<Notice::Kind> tell(ToldTopic &told, Topic topic, milliseconds now, const NoticeWishes &wishes,
                                 const NoticeTiming &timing)
{
    if (told.causes.isEmpty()) {
        const bool wasTold = std::exchange(told.isTold, false);
        told.isSilenced = false;
        return wasTold ? std::optional(Notice::Kind::Over) : std::nullopt;
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
        return Notice::Kind::Begin;
    }
    bool due = false;
    // After a long while without a look once is enough.
    for (auto again = againAt(told, timing); again && now >= *again; again = againAt(told, timing)) {
        ++told.reminders;
        due = true;
    }
    const bool isPassing = std::ranges::all_of(
        told.causes, [](const ToldTopic::Span &span) { return span.goneSince.has_value(); });
    return due && !isPassing ? std::optional(Notice::Kind::Again) : std::nullopt;
}

void keepEarliest(std::optional<milliseconds> &earliest, std::optional<milliseconds> other)
{
    if (other)
        earliest = std::min(earliest.value_or(*other), *other);
}

} // namespace

NoticeWishes NoticeWishes::of(const NotificationChoices &choices)
{
    NoticeWishes wishes;
    for (const Topic topic : allTopics())
        wishes.wanted.at(static_cast<size_t>(topic)) = choices.isWanted(topic);
    wishes.degradedAfter = choices.degradedAfter();
    return wishes;
}

std::optional<Topic> topicOf(const Cause &cause)
{
    switch (cause.state) {
    case TrayState::Refused:
        return Topic::WritesRefused;
    case TrayState::Gone:
        return cause.about == Cause::aboutService ? std::optional(Topic::WritesRefused) : std::nullopt;
    case TrayState::Overdue:
        return Topic::BackupOverdue;
    case TrayState::Locked:
        return Topic::KeychainLocked;
    case TrayState::Degraded:
        break;
    default:
        return std::nullopt;
    }
    return cause.about == Cause::aboutFindings ? Topic::DamageFound : Topic::Degraded;
}

NoticeStep nextNotices(const Told &before, const Condition &shown, milliseconds now,
                       const NoticeWishes &wishes, const NoticeTiming &timing)
{
    NoticeStep step{before, {}};
    for (const Topic topic : allTopics()) {
        if (!isJudged(shown, topic))
            continue;
        ToldTopic &told = step.told.of(topic);
        follow(told, causesOf(shown, topic), now, timing);
        if (!wishes.wanted.at(static_cast<size_t>(topic))) {
            told.isTold = false;
            told.toldOf.clear();
            continue;
        }
        if (const auto kind = tell(told, topic, now, wishes, timing))
            step.notices.append(noticeOf(topic, *kind, shown));
    }
    return step;
}

std::optional<milliseconds> wakeAt(const Told &told, const Condition &shown, const NoticeWishes &wishes,
                                   const NoticeTiming &timing)
{
    std::optional<milliseconds> wake;
    for (const Topic topic : allTopics()) {
        if (!isJudged(shown, topic) || !wishes.wanted.at(static_cast<size_t>(topic)))
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

} // namespace cring::models
