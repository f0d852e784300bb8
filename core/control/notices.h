// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QList>
#include <QSet>
#include <QString>

#include <array>
#include <chrono>
#include <optional>

namespace cring::control {

/// What a person can be told of while nobody looks: what has to be known, and nothing more. There is one
/// notice a topic, in the tray as by mail.
enum class Topic {
    WritesRefused, ///< Uploads fail, or there is no service that would take them.
    Degraded,      ///< Something is wrong for a while, and nobody is refused.
    BackupOverdue,
    DamageFound, ///< Files that the checks found to be damaged, lost or unexplained.
    KeychainLocked,
};

inline constexpr int topicCount = static_cast<int>(Topic::KeychainLocked) + 1;

/// In the order of the enumeration.
QList<Topic> allTopics();
/// "writes-refused", "degraded", …: what a topic is called in files and messages; never translated.
QString topicName(Topic topic);

/// One thing that is the matter.
struct Matter
{
    Topic topic = Topic::WritesRefused;
    /// What it is about: the same as long as it lasts, whatever the words. Never shown.
    QString about;

    static constexpr QLatin1String aboutService{"service"}; ///< There is none, or none that answers.
};

/// All that is the matter at one instant.
struct Matters
{
    QList<Matter> list;
    /// False while there is no service that would say: topics that `list` does not name neither begin nor
    /// end.
    bool isKnown = true;
};

enum class NoticeKind {
    Begin, ///< It has begun, or something more of the same topic has.
    Again, ///< It lasts.
    Over,
};

/// "begin" | "again" | "over"
QString noticeKindName(NoticeKind kind);

/// A few words in English, and what the window translates.
const char *noticeTitle(Topic topic, NoticeKind kind);

/// That a person is to be told of a topic. It takes the place of the last one of its topic.
struct DueNotice
{
    Topic topic = Topic::WritesRefused;
    NoticeKind kind = NoticeKind::Begin;

    bool operator==(const DueNotice &) const = default;
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

/// What a person wants to be told.
struct NoticeWishes
{
    static constexpr std::chrono::minutes degradedAfterByDefault{5};

    std::array<bool, topicCount> wanted{};
    std::chrono::milliseconds degradedAfter{degradedAfterByDefault};

    bool isWanted(Topic topic) const { return wanted.at(static_cast<size_t>(topic)); }
};

/// One topic's part of what has been told.
struct ToldTopic
{
    /// Since when each cause is seen, and not seen any more; by Matter::about. Steady.
    struct Span
    {
        std::chrono::milliseconds since{0};
        std::optional<std::chrono::milliseconds> goneSince;

        bool operator==(const Span &) const = default;
    };

    QHash<QString, Span> causes;
    QSet<QString> toldOf;
    std::optional<std::chrono::milliseconds> told; ///< The last beginning; outlives the end.
    bool isTold = false;                           ///< And its end has not been.
    bool isSilenced = false;
    size_t reminders = 0;

    bool operator==(const ToldTopic &) const = default;
};

/// All that has been told. A value.
struct Told
{
    std::array<ToldTopic, topicCount> topics;

    ToldTopic &of(Topic topic) { return topics.at(static_cast<size_t>(topic)); }

    const ToldTopic &of(Topic topic) const { return topics.at(static_cast<size_t>(topic)); }

    bool operator==(const Told &) const = default;
};

struct NoticeStep
{
    Told told;
    QList<DueNotice> due;
};

/// What is to be told when `matters` is the matter at the steady time `now`. A pure function, to be asked
/// whenever that may have changed, and at wakeAt().
NoticeStep nextNotices(const Told &before, const Matters &matters, std::chrono::milliseconds now,
                       const NoticeWishes &wishes, const NoticeTiming &timing = {});

/// The steady time at which nextNotices() may have more to say though nothing has happened; nothing: it will
/// not.
std::optional<std::chrono::milliseconds> wakeAt(const Told &told, const Matters &matters,
                                                const NoticeWishes &wishes, const NoticeTiming &timing = {});

} // namespace cring::control
