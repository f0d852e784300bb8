// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QUrl>

#include <chrono>

namespace cring::playground {

/// One of the four loopback addresses (index 0 to 3) that belong to this process alone: Linux answers on all
/// of 127.0.0.0/8, and the address is made from the process id, so that parallel runs never meet on a port.
QString ownLoopbackAddress(int index = 0);

/// A TCP port on which nobody listens at this address; 0 when there is none. Not one that it
/// gave lately. Somebody else may take it before
/// it is used: whoever binds it tries again with another.
quint16 freePort(const QString &address);

/// The status line, header and body of one GET, read to the end; blocks for at most the limit. https is
/// spoken without looking at the certificate: this asks whether a server is up, not who it is.
Result<QByteArray> fetch(const QUrl &url, std::chrono::milliseconds limit);

} // namespace cring::playground
