// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/transfers.h"

namespace cring::control {
class Server;
} // namespace cring::control

namespace cring::service {

/// transfers.list and .subscribe. They outlive the server.
void addTransferMethods(control::Server &server, const replica::Transfers &transfers);

} // namespace cring::service
