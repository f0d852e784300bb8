// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/record.h"

#include <QString>

#include <optional>

namespace cring::service {

/// What is owed, as the control API writes it (docs/control-api.md, queue.list).
QString owedKind(const std::optional<state::Record> &record, state::Debt debt);
/// The same for a change to an account, by the address that it is sent to ("/v1/bio").
QString accountWorkKind(const QByteArray &target);

} // namespace cring::service
