// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace cring::http {

namespace beast = boost::beast;

namespace {

/// A chunk's size line with its extensions, or the trailer: nobody sane needs more.
constexpr qsizetype kChunkHeaderLimit = 8 * 1024;

QByteArray copied(beast::string_view text)
{
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

/// Beast's state machine with our fields collected; body slices are handed out as views, never copied.
template <bool isRequest>
class Collector final : public beast::http::basic_parser<isRequest>
{
public:
    QByteArray method;
    QByteArray target;
    QByteArray reason;
    int status = 0;
    int version = 11;
    Headers headers;
    QByteArrayView body;
    bool headDone = false;

private:
    using string_view = beast::string_view;
    using error_code = beast::error_code;

    void on_request_impl(beast::http::verb, string_view methodText, string_view targetText, int version_,
                         error_code &ec) override
    {
        method = copied(methodText);
        target = copied(targetText);
        version = version_;
        ec = {};
    }

    void on_response_impl(int code, string_view reasonText, int version_, error_code &ec) override
    {
        status = code;
        reason = copied(reasonText);
        version = version_;
        ec = {};
    }

    void on_field_impl(beast::http::field, string_view name, string_view value, error_code &ec) override
    {
        ec = {};
        if (!headDone) // trailer fields are dropped
            headers.append(copied(name), copied(value));
    }

    void on_header_impl(error_code &ec) override
    {
        headDone = true;
        ec = {};
    }

    void on_body_init_impl(boost::optional<std::uint64_t> const &, error_code &ec) override { ec = {}; }

    std::size_t on_body_impl(string_view data, error_code &ec) override
    {
        body = QByteArrayView(data.data(), static_cast<qsizetype>(data.size()));
        ec = {};
        return data.size();
    }

    void on_chunk_header_impl(std::uint64_t, string_view, error_code &ec) override { ec = {}; }

    std::size_t on_chunk_body_impl(std::uint64_t, string_view data, error_code &ec) override
    {
        return on_body_impl(data, ec);
    }

    void on_finish_impl(error_code &ec) override { ec = {}; }
};

/// Offset behind the empty line, or −1. The first `from` bytes were searched before.
qsizetype endOfHead(QByteArrayView input, qsizetype from)
{
    const qsizetype at = input.sliced(from).indexOf("\r\n\r\n");
    return at < 0 ? -1 : from + at + 4;
}

/// What is wrong with the bytes of a head, for those who would read it in another way than we do; nullptr if
/// nothing. The first `from` bytes were checked before. A CR at the very end may still become a line ending.
const char *headDefect(QByteArrayView head, qsizetype from)
{
    for (qsizetype i = from; i < head.size(); ++i) {
        const auto c = static_cast<unsigned char>(head[i]);
        const bool more = i + 1 < head.size();
        if (c == '\r') {
            if (more && head[i + 1] != '\n')
                return "a bare CR in the header";
        } else if (c == '\n') {
            if (i == 0 || head[i - 1] != '\r')
                return "a bare LF in the header";
            if (more && (head[i + 1] == ' ' || head[i + 1] == '\t'))
                return "a folded header line";
        } else if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return "a control character in the header";
        }
    }
    return nullptr;
}

} // namespace

Parser::~Parser() = default;

Parser::HeadLook Parser::lookAtHead(QByteArrayView bytes)
{
    const qsizetype end = endOfHead(bytes, 0);
    if (headDefect(end < 0 ? bytes : bytes.first(end), 0))
        return HeadLook::Defective;
    return end < 0 ? HeadLook::Incomplete : HeadLook::Complete;
}

/// What requests and responses have in common: find the head, check it, then feed Beast one structure at a
/// time.
template <bool isRequest>
class Engine
{
public:
    Engine(qint64 headerLimit, qint64 bodyLimit)
        : m_headerLimit(headerLimit)
        , m_bodyLimit(bodyLimit)
    {
    }

    Parser::Step next(QByteArrayView input)
    {
        if (m_error)
            return {Parser::Event::Failed};
        if (m_ended)
            restart();
        if (!m_parser)
            return parseHead(input);
        return parseBody(input);
    }

    bool idle() const { return (!m_parser || m_ended) && m_scanned == 0; }

    Parser::Step fail(int status, const QString &words)
    {
        m_failureStatus = status;
        m_error = Error{isRequest ? Code::RequestMalformed : Code::BackendProtocol, words};
        return {Parser::Event::Failed};
    }

    /// Called once the head is complete; false after fail().
    virtual bool acceptHead(const Collector<isRequest> &parsed) = 0;
    virtual ~Engine() = default;

    bool skipBody = false;

    int failureStatus() const { return m_failureStatus; }

    const Error &error() const { return *m_error; }

protected:
    std::optional<Collector<isRequest>> m_parser;
    bool m_ended = false;

private:
    void restart()
    {
        m_parser.reset();
        m_ended = false;
        m_scanned = 0;
    }

    Parser::Step parseHead(QByteArrayView input)
    {
        // RFC 9112 §2.2: a server should ignore an empty line before the request line. We refuse; no client
        // sends it.
        if (input.isEmpty())
            return {Parser::Event::NeedMore};
        // The last three bytes are looked at again: a line ending or a fold may be half there.
        const qsizetype from = qMax<qsizetype>(0, m_scanned - 3);
        const qsizetype end = endOfHead(input, from);
        m_scanned = input.size();
        if ((end < 0 ? input.size() : end) > m_headerLimit)
            return fail(431, QStringLiteral("the header is larger than %1 bytes").arg(m_headerLimit));
        if (const char *defect = headDefect(end < 0 ? input : input.first(end), from))
            return fail(400, QString::fromLatin1(defect));
        if (end < 0)
            return {Parser::Event::NeedMore};

        m_parser.emplace();
        m_parser->eager(false);
        m_parser->header_limit(std::numeric_limits<std::uint32_t>::max());
        m_parser->body_limit(static_cast<std::uint64_t>(m_bodyLimit));
        m_parser->skip(skipBody);
        beast::error_code ec;
        m_parser->put(boost::asio::buffer(input.data(), static_cast<size_t>(end)), ec);
        m_scanned = 0;
        if (ec)
            return failFrom(ec);
        if (!acceptHead(*m_parser))
            return {Parser::Event::Failed};
        return {Parser::Event::Head, end};
    }

    Parser::Step parseBody(QByteArrayView input)
    {
        if (m_parser->is_done()) {
            m_ended = true;
            return {Parser::Event::End};
        }
        if (input.isEmpty())
            return {Parser::Event::NeedMore};
        m_parser->body = {};
        beast::error_code ec;
        const auto used = static_cast<qsizetype>(
            m_parser->put(boost::asio::buffer(input.data(), static_cast<size_t>(input.size())), ec));
        if (ec == beast::http::error::need_more) {
            if (input.size() > kChunkHeaderLimit)
                return fail(400, QStringLiteral("a chunk's header is too long"));
            return {Parser::Event::NeedMore, used};
        }
        if (ec)
            return failFrom(ec);
        if (m_parser->body.isEmpty() && m_parser->is_done()) {
            m_ended = true;
            return {Parser::Event::End, used};
        }
        if (m_parser->body.isEmpty() && used > 0) {
            // The frame of a chunk, without a byte of it: whoever sends pieces on as chunks of their own
            // would end the body with an empty one.
            Parser::Step next = parseBody(input.sliced(used));
            next.consumed += used;
            return next;
        }
        return {Parser::Event::Body, used, m_parser->body};
    }

    Parser::Step failFrom(const beast::error_code &ec)
    {
        if (ec == beast::http::error::body_limit)
            return fail(413, QStringLiteral("the body is larger than %1 bytes").arg(m_bodyLimit));
        if (ec == beast::http::error::bad_version)
            return fail(505, QStringLiteral("not HTTP/1.0 or HTTP/1.1"));
        return fail(400, QString::fromStdString(ec.message()));
    }

    qint64 m_headerLimit;
    qint64 m_bodyLimit;
    qsizetype m_scanned = 0;
    int m_failureStatus = 400;
    std::optional<Error> m_error;
};

// ---- requests ----

class RequestParser::Impl final : public Engine<true>
{
public:
    using Engine::Engine;
    RequestHead head;

    bool acceptHead(const Collector<true> &parsed) override
    {
        head = {};
        head.method = parsed.method;
        head.target = parsed.target;
        head.minor = parsed.version % 10;
        head.headers = parsed.headers;
        head.keepAlive = parsed.keep_alive();
        return acceptVersion(parsed) && acceptTarget() && acceptFraming(parsed) && acceptExpect();
    }

private:
    bool acceptVersion(const Collector<true> &parsed)
    {
        if (parsed.version != 10 && parsed.version != 11)
            return fail(505, QStringLiteral("not HTTP/1.0 or HTTP/1.1")), false;
        if (parsed.version == 11 && head.headers.count("host") != 1)
            return fail(400, QStringLiteral("there must be one Host header")), false;
        return true;
    }

    /// RFC 9112 §3.2.2: an absolute target is to be accepted, and its authority stands for the Host field.
    bool acceptTarget()
    {
        static constexpr QByteArrayView kSchemes[] = {"http://", "https://"};
        for (const QByteArrayView scheme : kSchemes) {
            if (head.target.size() < scheme.size() ||
                !sameToken(QByteArrayView(head.target).first(scheme.size()), scheme))
                continue;
            const auto begin = head.target.cbegin() + scheme.size();
            const auto end = std::find_if(begin, head.target.cend(),
                                          [](char c) { return c == '/' || c == '?' || c == '#'; });
            const QByteArray authority(begin, end - begin);
            if (authority.isEmpty() || authority.contains('@'))
                return fail(400, QStringLiteral("a target without a host, or with a user's name")), false;
            const QByteArray rest(end, head.target.cend() - end);
            head.target = rest.startsWith('/') ? rest : '/' + rest;
            head.headers.set("Host", authority);
            return true;
        }
        return true;
    }

    bool acceptFraming(const Collector<true> &parsed)
    {
        const int lengths = head.headers.count("content-length");
        const int codings = head.headers.count("transfer-encoding");
        if (lengths > 1 || (lengths && head.headers.value("content-length").contains(',')))
            return fail(400, QStringLiteral("more than one Content-Length")), false;
        if (lengths && codings)
            return fail(400, QStringLiteral("both Content-Length and Transfer-Encoding")), false;
        if (codings) {
            if (codings > 1 || !sameToken(head.headers.value("transfer-encoding"), "chunked"))
                return fail(501, QStringLiteral("a Transfer-Encoding other than chunked")), false;
            if (parsed.version == 10)
                return fail(400, QStringLiteral("Transfer-Encoding in HTTP/1.0")), false;
            head.framing = Framing::Chunked;
        } else if (lengths) {
            const QByteArray text = head.headers.value("content-length");
            if (text.isEmpty() ||
                std::any_of(text.begin(), text.end(), [](char c) { return c < '0' || c > '9'; }))
                return fail(400, QStringLiteral("Content-Length is not a number")), false;
            head.contentLength = text.toLongLong();
            head.framing = head.contentLength > 0 ? Framing::Length : Framing::None;
        }
        return true;
    }

    bool acceptExpect()
    {
        const QByteArray expect = head.headers.value("expect");
        if (expect.isEmpty())
            return true;
        if (!sameToken(expect, "100-continue"))
            return fail(417, QStringLiteral("an expectation other than 100-continue")), false;
        head.expectContinue = head.framing != Framing::None && head.minor >= 1;
        return true;
    }
};

RequestParser::RequestParser(qint64 headerLimit, qint64 bodyLimit)
    : m_impl(std::make_unique<Impl>(headerLimit, bodyLimit))
{
}

RequestParser::~RequestParser() = default;

Parser::Step RequestParser::next(QByteArrayView input)
{
    return m_impl->next(input);
}

const RequestHead &RequestParser::head() const
{
    return m_impl->head;
}

int RequestParser::failureStatus() const
{
    return m_impl->failureStatus();
}

const Error &RequestParser::error() const
{
    return m_impl->error();
}

bool RequestParser::idle() const
{
    return m_impl->idle();
}

// ---- responses ----

class ResponseParser::Impl final : public Engine<false>
{
public:
    explicit Impl(qint64 headerLimit)
        : Engine(headerLimit, std::numeric_limits<qint64>::max())
    {
    }

    ResponseHead head;

    bool acceptHead(const Collector<false> &parsed) override
    {
        head = {};
        head.status = parsed.status;
        head.reason = parsed.reason;
        head.minor = parsed.version % 10;
        head.headers = parsed.headers;
        head.keepAlive = parsed.keep_alive();
        if (head.headers.count("content-length") > 1)
            return fail(502, QStringLiteral("more than one Content-Length in the answer")), false;
        if (parsed.chunked())
            head.framing = Framing::Chunked;
        else if (parsed.need_eof())
            head.framing = Framing::UntilClose;
        else if (const QByteArray text = head.headers.value("content-length"); !text.isEmpty()) {
            head.contentLength = text.toLongLong();
            head.framing = head.contentLength > 0 ? Framing::Length : Framing::None;
        }
        return true;
    }

    Step finish()
    {
        if (idle())
            return fail(502, QStringLiteral("the connection was closed before an answer")),
                   Step{Event::Failed};
        beast::error_code ec;
        if (m_parser && !m_parser->is_done())
            m_parser->put_eof(ec);
        if (!m_parser || ec)
            return fail(502, QStringLiteral("the answer was cut short")), Step{Event::Failed};
        m_ended = true;
        return {Event::End};
    }
};

ResponseParser::ResponseParser(qint64 headerLimit)
    : m_impl(std::make_unique<Impl>(headerLimit))
{
}

ResponseParser::~ResponseParser() = default;

void ResponseParser::expectNoBody(bool noBody)
{
    m_impl->skipBody = noBody;
}

Parser::Step ResponseParser::next(QByteArrayView input)
{
    return m_impl->next(input);
}

Parser::Step ResponseParser::finish()
{
    return m_impl->finish();
}

const ResponseHead &ResponseParser::head() const
{
    return m_impl->head;
}

const Error &ResponseParser::error() const
{
    return m_impl->error();
}

bool ResponseParser::idle() const
{
    return m_impl->idle();
}

} // namespace cring::http
