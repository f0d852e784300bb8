// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>

namespace cring::config {

/// What [service] names for TLS, read and judged in one place: what `--check` calls good is what the front
/// and the servers' pools get. Blocking access to small files; any thread. Every error is Code::TlsFiles and
/// names the file.

/// The certificates of a PEM file in their order; at least one.
Result<QList<QSslCertificate>> readCertificates(const QString &path);

/// An RSA or EC key from a PEM file, without a passphrase: what Qt can serve with.
Result<QSslKey> readPrivateKey(const QString &path);

/// What an HTTPS front speaks with: the chain, and the key, which belongs to the chain's first certificate.
Result<QSslConfiguration> readServerTls(const QString &certificates, const QString &key);

} // namespace cring::config
