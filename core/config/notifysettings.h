// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/config/endpoint.h"
#include "core/config/problem.h"

namespace cring::config {

/// "localhost", or a loopback address: what goes there crosses no network.
bool isOnThisMachine(const QString &host);
/// Whether a text is an address itself, and not the place where one is kept.
bool isWebAddress(const QString &text);
/// Reads http:// or https:// with a host; path and query are free, credentials and fragments are refused.
/// ConfigBadValue, which repeats nothing of the text: a path or query may be a secret.
Result<QUrl> parseWebAddress(const QString &text);

/// What of such a text may be shown to others: an address without path and query, which may be a secret.
QString shownWebAddress(const QString &text);

/// notify.smtp_server: HOST or HOST:PORT; without a port, 587 (465 with tls, 25 with none). ConfigBadValue.
Result<Endpoint> mailServerOf(const Notify &notify);
/// notify.mail_to, one by one.
QStringList recipientsOf(const Notify &notify);

/// What the settings of [notify] mean together. Problems have no place; key says which setting.
QList<Problem> notifyProblems(const Notify &notify);
/// What is allowed, and worth saying.
QStringList notifyWarnings(const Notify &notify);

} // namespace cring::config
