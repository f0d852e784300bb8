// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>

namespace cring::chaos {

/// The bytes that a client's operation uploads. Every line of 32 bytes names the operation and its own place,
/// so that what is found can be told: whole, cut, or made of two versions.
QByteArray contentOf(int client, int operation, qint64 size);

/// "client 3's operation 17, whole", "4096 bytes of client 3's operation 17, then 100 of client 3's operation
/// 9".
QByteArray describeContent(const QByteArray &data);

} // namespace cring::chaos
