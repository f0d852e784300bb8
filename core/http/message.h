// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/headers.h"

namespace cring::http {

/// How the end of a body is told (RFC 9112 §6).
enum class Framing {
    None,       ///< No body.
    Length,     ///< Content-Length.
    Chunked,    ///< Transfer-Encoding: chunked.
    UntilClose, ///< A response that ends with its connection.
};

struct RequestHead
{
    QByteArray method;
    QByteArray target; ///< As it came, never decoded. Of an absolute one path and query; its host is in Host.
    int minor = 1;     ///< HTTP/1.x
    Headers headers;
    Framing framing = Framing::None;
    qint64 contentLength = 0; ///< Bytes; only with Framing::Length.
    bool keepAlive = true;
    bool expectContinue = false;
};

struct ResponseHead
{
    int status = 0;
    QByteArray reason;
    int minor = 1;
    Headers headers;
    Framing framing = Framing::None;
    qint64 contentLength = 0; ///< Bytes; only with Framing::Length.
    bool keepAlive = true;
};

/// A whole request that fits in memory, for Exchange.
struct Request
{
    QByteArray method;
    QByteArray target;
    Headers headers;
    QByteArray body;
};

/// A whole response, its body bounded by the caller.
struct Response
{
    int status = 0;
    Headers headers;
    QByteArray body;
};

/// Request line and fields with the empty line. Host, Content-Length and the like must be in the fields
/// already.
QByteArray serialise(const RequestHead &head);
/// Status line and fields with the empty line.
QByteArray serialise(int status, const Headers &headers);
/// The standard phrase ("Service Unavailable"), or an empty array.
QByteArray reasonPhrase(int status);
/// The chunk's size line, for Framing::Chunked; the data and "\r\n" follow.
QByteArray chunkPrefix(qsizetype size);
/// One chunk as one array: prefix, data, line end. Copies the data.
QByteArray chunk(const QByteArray &data);
inline constexpr QByteArrayView kLastChunk = "0\r\n\r\n";

} // namespace cring::http
