// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/condition.h"
#include "ui/models/notificationchoices.h"

#include <QHash>
#include <QSet>

#include <array>

namespace cring::models {

/// What a person is told. It takes the place of the last one of its topic.
struct Notice
{
    enum class Kind {
        Begin, ///< It has begun, or something more of the same topic has.
        Again, ///< It lasts.
        Over,
    };

    Topic topic = Topic::WritesRefused;
    Kind kind = Kind::Begin;
    QString title;            ///< A few words.
    QString text;             ///< A sentence a line, plain text.
    bool offersStart = false; ///< There is no service, and starting it would help.

    bool operator==(const Notice &) const = default;
};

struct NoticeTiming
{
    /// Told again after so long, from the first time.
    std::array<std::chrono::milliseconds, 3> again{std::chrono::minutes(1), std::chrono::minutes(10),
                                                   std::chrono::minutes(60)};
    /// It has to be over for so long before that is told.
    std::chrono::milliseconds calm{5'000};
    /// A service that is back within this time is not missed.
    std::chrono::milliseconds serviceGrace{5'000};
    /// Between two beginnings of one topic.
    std::chrono::milliseconds leastPause{60'000};
};

/// What a person wants to be told. A value; see NotificationChoices.
struct NoticeWishes
{
    std::array<bool, topicCount> wanted{};
    std::chrono::milliseconds degradedAfter{NotificationChoices::degradedAfterByDefault};

    static NoticeWishes of(const NotificationChoices &choices);
};

/// One topic's part of what has been told.
struct ToldTopic
{
    /// Since when each cause is seen, and not seen any more; by Cause::about. Steady.
    struct Span
    {
        std::chrono::milliseconds since{0};
        std::optional<std::chrono::milliseconds> goneSince;
    };

    QHash<QString, Span> causes;
    QSet<QString> toldOf;
    std::optional<std::chrono::milliseconds> told; ///< The last beginning; outlives the end.
    bool isTold = false;                           ///< And its end has not been.
    bool isSilenced = false;
    size_t reminders = 0;
};

/// All that has been told. A value.
struct Told
{
    std::array<ToldTopic, topicCount> topics;

    ToldTopic &of(Topic topic) { return topics.at(static_cast<size_t>(topic)); }

    const ToldTopic &of(Topic topic) const { return topics.at(static_cast<size_t>(topic)); }
};

struct NoticeStep
{
    Told told;
    QList<Notice> notices;
};

/// What topic a cause belongs to; nothing when nobody is told of such.
std::optional<Topic> topicOf(const Cause &cause);

/// What is to be told when `shown` is the matter at the steady time `now`. A pure function, to be asked at
/// each new condition and at wakeAt(). `shown` has been calmed: see Tray.
///
/// While there is no service nothing is known of the rest: those topics neither begin nor end.
NoticeStep nextNotices(const Told &before, const Condition &shown, std::chrono::milliseconds now,
                       const NoticeWishes &wishes, const NoticeTiming &timing = {});

/// The steady time at which nextNotices() may have more to say though nothing has happened; nothing: it will
/// not.
std::optional<std::chrono::milliseconds> wakeAt(const Told &told, const Condition &shown,
                                                const NoticeWishes &wishes, const NoticeTiming &timing = {});

} // namespace cring::models
