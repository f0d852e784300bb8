// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>

namespace cring::state {

/// Names this start of the machine; another one after every boot. Empty where the system has no such name:
/// then nobody can tell whether the machine stopped.
QByteArray bootId();

} // namespace cring::state
