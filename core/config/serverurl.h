// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QString>
#include <QUrl>

namespace cring::config {

/// A server's URL in its one form: http or https, host in lower case, the port always explicit (without one:
/// 35354, Charm's own, for http; 443 for https), nothing else. Code::ConfigBadValue for a path, credentials,
/// a query or a fragment; the message never repeats credentials.
Result<QUrl> parseServerUrl(const QString &text);

/// HOST:PORT of such a URL, an IPv6 address in brackets.
QString hostAndPort(const QUrl &url);

} // namespace cring::config
