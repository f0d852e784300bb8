// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

namespace cring::replica {

/// A change is kept until the server answers or its connection dies; this only bounds a dead peer without a
/// FIN.
inline constexpr std::chrono::milliseconds kUntilDead{600'000};

/// Says whose request it is, and which one of a client's.
void identify(http::Headers &headers, const Credentials &credentials);

/// A request for a file or folder of the account: `method` of /v1/fs/`path`, without a body.
http::Request fileRequest(const char *method, const Credentials &credentials, const QByteArray &path);

/// The POST of a folder, complete with the `data` part that Charm insists on (server/http.go:293).
http::Request folderRequest(const Credentials &credentials, const QByteArray &path, quint32 mode);

/// How long a server may take for its answer to so many bytes, which it has to bring to its disk.
std::chrono::milliseconds timeToStore(const Environment &environment, qint64 bytes);

/// True if a request may go to the server now; it takes the breaker's one trial, where that is all there is.
/// Otherwise the reason, with the server's name, is added to `reasons`.
bool admits(health::Backend &backend, QStringList &reasons);

/// Asks a server that admits() a request, and tells its breaker what came of it, also that nothing did
/// because `context` was gone before the answer. As http::Pool::exchange() otherwise.
void ask(health::Backend &backend, const http::Request &request, std::chrono::milliseconds timeout,
         qint64 maxBody, QObject *context, std::function<void(const Result<http::Response> &)> done);

/// A request of the account's, as ask(). A server that does not know the account gets it once more when the
/// account has been brought there. Nobody but `done` looks at the time meanwhile.
void askForAccount(Environment &environment, health::Backend &backend, const QByteArray &account,
                   const http::Request &request, std::chrono::milliseconds timeout, qint64 maxBody,
                   QObject *context, std::function<void(const Result<http::Response> &)> done);

/// The same for whoever answers to the breaker, as http::Pool::exchange().
void exchangeForAccount(Environment &environment, health::Backend &backend, const QByteArray &account,
                        const http::Request &request, std::chrono::milliseconds timeout, qint64 maxBody,
                        QObject *context, std::function<void(const Result<http::Response> &)> done);

} // namespace cring::replica
