// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/base/random.h"

#include <QObject>

#include <functional>

namespace cring::accounts {
class AccountKeeper;
} // namespace cring::accounts

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::state {
class Catalogue;
} // namespace cring::state

namespace cring::service {

/// All of it outlives the server.
struct AccountHooks
{
    accounts::AccountKeeper *keeper = nullptr;   ///< Null: the methods are not offered.
    const state::Catalogue *catalogue = nullptr; ///< Null: files are not counted.
    const IClock *clock = nullptr;               ///< With the keeper.
    IRandom *random = nullptr;                   ///< With the keeper: for charm ids, which are no secret.
    /// An account was made, brought back or disabled.
    std::function<void(const QByteArray &charmId)> changed = {};
};

/// accounts.list, accounts.sync, accounts.show, accounts.export, accounts.create and accounts.disable.
/// `owner` outlives the server, and owns what waits for a client.
void addAccountMethods(control::Server &server, const AccountHooks &hooks, QObject *owner);

/// accounts.show, accounts.export, accounts.create and accounts.disable: addAccountMethods() calls it.
void addAccountChanges(control::Server &server, const AccountHooks &hooks, QObject *owner);

} // namespace cring::service
