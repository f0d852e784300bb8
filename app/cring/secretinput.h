// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/output.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace cring::app {

/// `cring config set KEY [PLACE] --secret-stdin`: takes a secret from standard input, to its end, and stores
/// it in the keychain, or with PLACE file:PATH in that file; the setting in `file` then says where. A key
/// that could not be used is refused before it is stored. The exit code; runs the event loop.
int setSecret(const QString &file, const QString &key, const QString &place, const Output &out);

} // namespace cring::app
