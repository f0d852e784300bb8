// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace cring::bench {

/// A server that keeps nothing: it takes uploads and throws them away, so that what stands before it shows
/// its own limits and not those of Charm's disk. It says `100 Continue` when asked to, reads the body to its
/// end and answers 200; a download of …/read-SIZE/… gets a file of SIZE bytes, chunked as Charm's are; a HEAD
/// finds nothing.
struct SinkOptions
{
    std::string address;
    uint16_t port = 0;
    std::string keys;   ///< Answer to GET /v1/public/jwks.
    std::string issuer; ///< For GET /.well-known/openid-configuration.
};

/// Serves until the process is killed; returns only when it cannot listen.
int runSink(const SinkOptions &options);

} // namespace cring::bench
