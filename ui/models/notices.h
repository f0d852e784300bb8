// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/notices.h"
#include "ui/models/condition.h"
#include "ui/models/notificationchoices.h"

namespace cring::models {

/// What a person is told, in words. It takes the place of the last one of its topic.
struct Notice
{
    using Kind = control::NoticeKind;

    Topic topic = Topic::WritesRefused;
    Kind kind = Kind::Begin;
    QString title;            ///< A few words.
    QString text;             ///< A sentence a line, plain text.
    bool offersStart = false; ///< There is no service, and starting it would help.

    bool operator==(const Notice &) const = default;
};

control::NoticeWishes wishesOf(const NotificationChoices &choices);

/// What topic a cause belongs to; nothing when nobody is told of such.
std::optional<Topic> topicOf(const Cause &cause);

/// What control::nextNotices() judges. `shown` has been calmed: see Tray.
control::Matters mattersOf(const Condition &shown);

/// What a person is told of `due` while `shown` is the matter.
Notice noticeOf(const control::DueNotice &due, const Condition &shown);

} // namespace cring::models
