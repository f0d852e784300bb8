// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/telemetry/activitylog.h"

#include <QJsonObject>

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// Of events.list and of the backlog of events.subscribe: a page stays well below control::maxMessageBytes,
/// and a backlog below the queue of one client.
inline constexpr int maxEventPage = 500;

QJsonObject toJson(const telemetry::Event &event);

/// Reads {after, since, level, backend}. Fails with ControlBadParams.
Result<telemetry::EventFilter> eventFilterFrom(const QJsonObject &params);

/// Adds events.list, events.subscribe and events.unsubscribe. The log must outlive the server.
void addEventMethods(control::Server &server, const telemetry::ActivityLog &log);

} // namespace cring::service
