// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/notices.h"

#include <algorithm>

namespace cring::models {

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::Notice)
};

QString textOf(const Condition &shown, Topic topic)
{
    constexpr qsizetype kMost = 3;
    QStringList lines;
    for (const Cause &cause : shown.causes) {
        if (topicOf(cause) == topic)
            lines.append(cause.text);
    }
    if (const qsizetype more = lines.size() - kMost; more > 0) {
        lines.resize(kMost);
        lines.append(Words::tr("and %n more", nullptr, static_cast<int>(more)));
    }
    return lines.join(u'\n');
}

} // namespace

control::NoticeWishes wishesOf(const NotificationChoices &choices)
{
    control::NoticeWishes wishes;
    for (const Topic topic : control::allTopics())
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

control::Matters mattersOf(const Condition &shown)
{
    control::Matters matters;
    matters.isKnown = shown.state() != TrayState::Gone;
    for (const Cause &cause : shown.causes) {
        if (const auto topic = topicOf(cause))
            matters.list.append({*topic, cause.about});
    }
    return matters;
}

Notice noticeOf(const control::DueNotice &due, const Condition &shown)
{
    const QString title = Words::tr(control::noticeTitle(due.topic, due.kind));
    if (due.kind == Notice::Kind::Over)
        return {due.topic, due.kind, title, shown.firstLine(), false};
    const bool gone = std::ranges::any_of(
        shown.causes, [](const Cause &cause) { return cause.about == Cause::aboutService; });
    return {due.topic, due.kind, title, textOf(shown, due.topic), gone && due.topic == Topic::WritesRefused};
}

} // namespace cring::models
