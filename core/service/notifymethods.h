// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QObject;

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

class NoticeWatch;

/// notify.test. `notices` outlives the server; `context` goes with it.
void addNotifyMethods(control::Server &server, NoticeWatch &notices, QObject *context);

} // namespace cring::service
