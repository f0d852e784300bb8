// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/accountdelivery.h"
#include "core/repair/delivery.h"

namespace cring::service {

/// How many accounts a server (by its id) does not know, as its last answers to what it is owed said. It
/// takes nothing of theirs, and is up all the same. Looks at the beginning of what is owed of each account,
/// and at so many accounts at most that it costs a fraction of a millisecond. Those that were disabled no
/// server is to know.
qint64 missingAccounts(const QString &server, const repair::Delivery &delivery,
                       const state::AccountWork &work, const repair::AccountDelivery &accountDelivery,
                       const std::function<bool(const QByteArray &account)> &isDisabled);

} // namespace cring::service
