// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>

namespace cring::http {

/// A name for one request, "5f2a09c1-2b": of this run of the program, and of the request in it. No other run
/// has it, as good as surely, and nobody can tell anything else from it. Any thread.
QByteArray makeRequestId();

} // namespace cring::http
