// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/http/message.h"

#include <memory>

namespace cring::http {

/// Incremental HTTP/1.1 parsing without I/O, over Boost.Beast's basic_parser.
///
/// Call next() with what has not been consumed yet, drop `consumed` bytes, act on the event, and repeat until
/// NeedMore. Body views point into the input and are valid until it changes. Stricter than Beast, because
/// what one parser lets through another may read differently (request smuggling, RFC 9112 §11.2): a bare CR
/// or LF, NUL and other control characters, obsolete line folding, both or several lengths, and any transfer
/// coding but "chunked" are refused.
class Parser
{
public:
    enum class Event {
        NeedMore, ///< Nothing consumed; come back with more bytes behind the same ones.
        Head,     ///< The head is complete.
        Body,     ///< `body` holds some bytes of the body, without chunk framing.
        End,      ///< The message is complete; the parser is ready for the next one.
        Failed,   ///< `error()` says why; the connection cannot go on.
    };

    struct Step
    {
        Event event;
        qsizetype consumed = 0;
        QByteArrayView body = {};
    };

    virtual ~Parser();

    enum class HeadLook { Incomplete, Complete, Defective };
    /// A first look at bytes that should become a head, without parsing them.
    static HeadLook lookAtHead(QByteArrayView bytes);

protected:
    Parser() = default;
    Q_DISABLE_COPY(Parser)
};

/// Requests, as a server reads them.
class RequestParser final : public Parser
{
public:
    /// `headerLimit`: request line and fields, in bytes. `bodyLimit`: decoded body, in bytes.
    RequestParser(qint64 headerLimit, qint64 bodyLimit);
    ~RequestParser() override;

    Step next(QByteArrayView input);
    /// Valid from Event::Head to the next request's first byte.
    const RequestHead &head() const;
    /// The status a client is to be answered with (400, 413, 417, 431, 501, 505), and words.
    int failureStatus() const;
    const Error &error() const;
    /// True before the first byte of a request.
    bool idle() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Responses, as a client reads them. Interim 1xx answers are reported as Head followed by End.
class ResponseParser final : public Parser
{
public:
    explicit ResponseParser(qint64 headerLimit = 64 * 1024);
    ~ResponseParser() override;

    /// The next response answers a HEAD request: it has no body whatever its fields say.
    void expectNoBody(bool noBody);
    Step next(QByteArrayView input);
    /// The peer closed its side: End for a body that lasts until then, Failed for one cut short.
    Step finish();
    const ResponseHead &head() const;
    const Error &error() const;
    /// True before the first byte of a response.
    bool idle() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace cring::http
