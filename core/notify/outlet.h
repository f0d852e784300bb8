// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/notify/message.h"

#include <QObject>

#include <functional>

namespace cring::notify {

/// Where notices go out: a webhook, a mail server, a dead-man's address. Lives on the event loop's thread and
/// blocks nothing; reads its secrets anew for each message, so that what a person has changed or unlocked
/// counts at once.
class IOutlet
{
public:
    using Done = std::function<void(const Status &status)>;

    IOutlet() = default;
    virtual ~IOutlet() = default;
    Q_DISABLE_COPY_MOVE(IOutlet)

    /// "webhook" | "mail" | "deadman": as people and files know it.
    virtual QString name() const = 0;
    /// "to anna@example.org by mail.example.org:587": without path, query, or anything that is a secret.
    virtual QString target() const = 0;
    /// Tries once, within a bounded time. `done` is called once, from the event loop, unless `context` or
    /// this object dies first. Errors: NoticeUnreachable, NoticeTls, NoticeCredentials, NoticeRefused, and
    /// those of ISecretStore::read().
    virtual void send(const Message &message, QObject *context, Done done) = 0;
};

} // namespace cring::notify
