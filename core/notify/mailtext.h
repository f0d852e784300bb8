// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/notify/message.h"

#include <QByteArray>
#include <QStringList>

namespace cring::notify {

/// The message as a mail (RFC 5322, RFC 2045): plain text in UTF-8, lines end with CRLF, and no text of it
/// can add a header. `from` and `to` are bare addresses. The same message has the same Message-ID however
/// often it is sent.
QByteArray mailText(const Message &message, const QString &from, const QStringList &to);

} // namespace cring::notify
