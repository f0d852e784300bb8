// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

namespace cring::accounts {
class AccountKeeper;
} // namespace cring::accounts

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// accounts.list and accounts.sync. The keeper outlives the server; `owner` too, and owns what waits for a
/// client.
void addAccountMethods(control::Server &server, accounts::AccountKeeper &keeper, QObject *owner);

} // namespace cring::service
