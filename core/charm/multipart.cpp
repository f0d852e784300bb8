// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/multipart.h"

#include "core/charm/mediatype.h"

#include <algorithm>
#include <cstring>

namespace cring::charm {

namespace {

constexpr qsizetype kMaxBoundary = 256; ///< RFC 2046 allows 70; Go takes more.
constexpr qint64 kMaxPreamble = 1024;
constexpr qsizetype kMaxHeader = 8 * 1024;
constexpr qsizetype kMaxBlanks = 256; ///< Go gives up on a boundary line of 4096 bytes.
constexpr qint64 kMaxFields = 64 * 1024;
constexpr qint64 kMaxTail = 64 * 1024;
constexpr int kMaxParts = 16;

/// Does an RFC 2231 filename* name a file? Nothing where Go passes it over.
std::optional<bool> extendedNameFilled(const QByteArray &value)
{
    const qsizetype first = value.indexOf('\'');
    const qsizetype second = first < 0 ? -1 : value.indexOf('\'', first + 1);
    const QByteArray charset = value.left(std::max<qsizetype>(first, 0)).toLower();
    if (second < 0 || (charset != "utf-8" && charset != "us-ascii"))
        return std::nullopt;
    const QByteArray name = value.mid(second + 1);
    for (qsizetype i = name.indexOf('%'); i >= 0; i = name.indexOf('%', i + 3)) {
        const QByteArray digits = name.mid(i + 1, 2);
        if (digits.size() != 2 || QByteArray::fromHex(digits).size() != 1)
            return std::nullopt;
    }
    return !name.isEmpty();
}

/// What of a part's header matters; nothing when Go could read it in another way.
struct PartHeader
{
    QByteArray name;
    bool isFile = false;
    QByteArray transferEncoding; ///< Lower case.
};

std::optional<PartHeader> readPartHeader(const QByteArray &text)
{
    std::optional<QByteArray> disposition;
    PartHeader out;
    bool encodingSeen = false;
    for (QByteArray line : text.split('\n')) {
        if (line.endsWith('\r'))
            line.chop(1);
        if (line.isEmpty())
            continue;
        const qsizetype colon = line.indexOf(':');
        const QByteArray name = line.left(std::max<qsizetype>(colon, 0)).toLower();
        const auto plain = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        };
        const auto control = [](char c) {
            return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
        };
        if (name.isEmpty() || !std::all_of(name.begin(), name.end(), plain) ||
            std::any_of(line.begin(), line.end(), control))
            return std::nullopt;
        const QByteArray value = line.mid(colon + 1).trimmed();
        if (name == "content-disposition") {
            if (disposition)
                return std::nullopt;
            disposition = value;
        } else if (name == "content-transfer-encoding") {
            if (encodingSeen)
                return std::nullopt;
            encodingSeen = true;
            out.transferEncoding = value.toLower();
        }
    }
    const auto parsed = disposition ? parseMediaType(*disposition) : std::nullopt;
    if (!parsed || parsed->type != "form-data")
        return std::nullopt;
    for (const auto &parameter : parsed->parameters) {
        if (parameter.first.contains('*') && parameter.first != "filename*")
            return std::nullopt;
    }
    out.name = parsed->parameter("name").value_or(QByteArray());
    out.isFile = !parsed->parameter("filename").value_or(QByteArray()).isEmpty();
    if (const auto extended = parsed->parameter("filename*"))
        out.isFile = extendedNameFilled(*extended).value_or(out.isFile);
    return out.name.isEmpty() ? std::nullopt : std::optional(std::move(out));
}

} // namespace

Result<MultipartScanner> MultipartScanner::forContentType(QByteArrayView contentType)
{
    const auto parsed = parseMediaType(contentType);
    if (!parsed || parsed->type != "multipart/form-data")
        return Error{Code::RequestMalformed, QStringLiteral("The upload is not multipart/form-data.")};
    const QByteArray boundary = parsed->parameter("boundary").value_or(QByteArray());
    const auto printable = [](char c) {
        return c >= ' ' && c < '\x7f';
    };
    // A boundary* (RFC 2231) would override the plain one in Go.
    if (boundary.isEmpty() || boundary.size() > kMaxBoundary ||
        !std::all_of(boundary.begin(), boundary.end(), printable) ||
        std::any_of(parsed->parameters.begin(), parsed->parameters.end(),
                    [](const auto &parameter) { return parameter.first.contains('*'); }))
        return Error{Code::RequestMalformed,
                     QStringLiteral("The upload's multipart boundary is missing or unusable.")};
    return MultipartScanner(boundary);
}

MultipartScanner::MultipartScanner(const QByteArray &boundary)
    : m_pattern("\r\n--" + boundary)
{
}

qint64 MultipartScanner::feed(QByteArrayView chunk)
{
    m_payload = {};
    qsizetype at = 0;
    while (at < chunk.size() && !m_error)
        step(chunk, at);
    const qint64 end = m_base + chunk.size();
    m_base = end;
    if (m_error)
        return m_released;
    // A part's header waits for its judgement too: nothing of a part that is refused goes out.
    const bool undecided = m_matching || (m_state != State::Preamble && m_state != State::Body);
    m_released = closed() ? m_tail : undecided ? m_candidate : end;
    return m_released;
}

void MultipartScanner::step(QByteArrayView chunk, qsizetype &at)
{
    switch (m_state) {
    case State::Preamble:
    case State::Body:
        scanText(chunk, at);
        return;
    case State::Headers:
        readHeaders(chunk, at);
        return;
    case State::AfterBoundary:
        afterBoundary(chunk[at++]);
        return;
    case State::BoundaryCr:
        if (chunk[at++] != '\n')
            return fail("A boundary line of the upload is malformed.");
        m_state = State::Headers;
        return;
    case State::AfterDash:
        if (chunk[at++] != '-')
            return fail("The upload contains its own multipart boundary.");
        return close();
    case State::Final: {
        const char c = chunk[at++];
        if ((c == ' ' || c == '\t') && ++m_blanks <= kMaxBlanks)
            return;
        if (c != (m_lineFeedOnly ? '\n' : '\r'))
            return fail("The closing boundary of the upload is malformed.");
        m_state = m_lineFeedOnly ? State::Epilogue : State::FinalCr;
        return;
    }
    case State::FinalCr:
        if (chunk[at++] != '\n')
            return fail("The closing boundary of the upload is malformed.");
        m_state = State::Epilogue;
        return;
    case State::Epilogue:
        at = chunk.size();
        if (m_base + at - m_tail > kMaxTail)
            fail("Too much follows the closing boundary of the upload.");
        return;
    }
}

void MultipartScanner::scanText(QByteArrayView chunk, qsizetype &at)
{
    const qsizetype start = at;
    while (at < chunk.size()) {
        if (!m_matching) {
            searchLine(chunk, at);
            continue;
        }
        if (chunk[at] != m_pattern[m_to]) {
            mismatch();
            continue;
        }
        ++at;
        if (++m_to == m_pattern.size())
            break;
    }
    const qsizetype end = m_matching ? static_cast<qsizetype>(m_candidate - m_base) : at;
    noteText(start, end, chunk);
    if (m_matching && m_to == m_pattern.size() && !m_error)
        boundaryMatched();
}

/// From at on, up to what may be the line break before a boundary. File content is random bytes: memchr sees
/// most of it.
void MultipartScanner::searchLine(QByteArrayView chunk, qsizetype &at)
{
    const char *const data = chunk.data();
    const char *const end = data + chunk.size();
    const auto nextBreak = [end](const char *from) {
        return static_cast<const char *>(std::memchr(from, '\n', static_cast<size_t>(end - from)));
    };
    const char *found = nextBreak(data + at);
    while (found && end - found > 1 && found[1] != '-')
        found = nextBreak(found + 1);
    const qsizetype newline = found ? found - data : chunk.size();
    const bool afterCr = !m_lineFeedOnly && newline > at && chunk[newline - 1] == '\r';
    at = std::min(newline + 1, chunk.size());
    if (!found && !afterCr)
        return;
    m_matching = true;
    m_from = afterCr ? 0 : 1;
    m_to = found ? 2 : 1;
    m_candidate = m_base + newline - (afterCr ? 1 : 0);
}

/// The candidate was content. What of it came with earlier chunks has not been reported yet.
void MultipartScanner::mismatch()
{
    m_matching = false;
    const qint64 carried = m_base - m_candidate;
    if (carried <= 0 || m_state == State::Preamble)
        return;
    if (m_inData) {
        m_payload.carried = QByteArrayView(m_pattern).sliced(m_from, static_cast<qsizetype>(carried));
        m_payloadSize += carried;
    } else {
        m_fieldBytes += carried;
    }
}

/// chunk[from, to) is text of the preamble or of a part; to may lie before from.
void MultipartScanner::noteText(qsizetype from, qsizetype to, QByteArrayView chunk)
{
    const qsizetype size = std::max<qsizetype>(to - from, 0);
    if (m_state == State::Preamble) {
        if (m_base + std::max(from, to) > kMaxPreamble)
            fail("The upload does not begin with its multipart boundary.");
    } else if (m_inData) {
        m_payload.fresh = chunk.sliced(from, size);
        m_payloadSize += size;
    } else {
        m_fieldBytes += size;
        if (m_fieldBytes > kMaxFields)
            fail("The form fields beside the file are too large.");
    }
}

void MultipartScanner::boundaryMatched()
{
    // With CR LF boundary lines, Go takes "\n--boundary" for content. Nobody chooses such a boundary in good
    // faith.
    if (m_state == State::Body && m_from == 1 && !m_lineFeedOnly)
        return fail("The upload contains its own multipart boundary.");
    m_matching = false;
    m_inData = false;
    m_blanks = 0;
    m_state = State::AfterBoundary;
}

void MultipartScanner::afterBoundary(char c)
{
    if (c == '-' && m_blanks == 0) {
        m_state = State::AfterDash;
    } else if ((c == ' ' || c == '\t') && ++m_blanks <= kMaxBlanks) {
        return;
    } else if (c == '\r' && !m_lineFeedOnly) {
        m_state = State::BoundaryCr;
    } else if (c == '\n' && (m_lineFeedOnly || m_parts == 0)) {
        m_lineFeedOnly = true;
        m_state = State::Headers;
    } else {
        fail("The upload contains its own multipart boundary.");
    }
}

void MultipartScanner::close()
{
    if (!m_dataSeen)
        return fail("The upload has no file part named \"data\".");
    m_tail = m_candidate;
    m_blanks = 0;
    m_state = State::Final;
}

void MultipartScanner::readHeaders(QByteArrayView chunk, qsizetype &at)
{
    const qsizetype newline = chunk.indexOf('\n', at);
    const qsizetype end = newline < 0 ? chunk.size() : newline + 1;
    if (m_header.size() + end - at > kMaxHeader)
        return fail("The header of a part of the upload is too long.");
    m_header += chunk.sliced(at, end - at);
    at = end;
    if (newline < 0)
        return;
    const QByteArrayView line = QByteArrayView(m_header).sliced(m_lineStart);
    m_lineStart = m_header.size();
    if (line != "\n" && line != "\r\n")
        return;
    beginPart();
    m_header.clear();
    m_lineStart = 0;
    m_state = State::Body;
    expectBoundary(m_base + at);
}

void MultipartScanner::beginPart()
{
    ++m_parts;
    const std::optional<PartHeader> part = readPartHeader(m_header);
    if (!part)
        return fail("The header of a part of the upload is malformed.");
    if (m_parts > kMaxParts)
        return fail("The upload has too many parts.");
    const QByteArray &encoding = part->transferEncoding;
    if (!encoding.isEmpty() && encoding != "binary" && encoding != "8bit" && encoding != "7bit")
        return fail("A part of the upload has a Content-Transfer-Encoding; send it as it is.");
    if (part->name != "data") {
        if (part->isFile)
            fail("The upload has a file part that is not named \"data\".");
        return;
    }
    if (m_dataSeen)
        return fail("The upload has more than one part named \"data\".");
    if (!part->isFile)
        return fail("The part \"data\" of the upload has no file name.");
    m_dataSeen = true;
    m_inData = true;
}

/// At the start of the body and of a part's content a boundary needs no line break of its own.
void MultipartScanner::expectBoundary(qint64 offset)
{
    m_matching = true;
    m_from = m_to = 2;
    m_candidate = offset;
}

void MultipartScanner::fail(const char *detail)
{
    m_error = Error{Code::RequestMalformed, QString::fromLatin1(detail)};
}

Status MultipartScanner::finish()
{
    m_payload = {};
    if (!m_error && m_state != State::Final && m_state != State::Epilogue)
        fail("The upload ended before its closing boundary.");
    return m_error ? Status(*m_error) : Status();
}

Envelope makeEnvelope(QByteArrayView boundary)
{
    const QByteArray delimiter = "--" + boundary.toByteArray();
    return {"multipart/form-data; boundary=" + boundary.toByteArray(),
            delimiter + "\r\nContent-Disposition: form-data; name=\"data\"; filename=\"data\"\r\n"
                        "Content-Type: application/octet-stream\r\n\r\n",
            "\r\n" + delimiter + "--\r\n"};
}

} // namespace cring::charm
