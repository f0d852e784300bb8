// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/blobpath.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace cring::charm {

namespace {

/// Go counts the pairs of a query and takes none of them when there are more (net/url, urlmaxqueryparams).
constexpr qsizetype kMaxQueryPairs = 10'000;

/// Escapes within escapes that are looked through; deeper ones are refused unread, so that a hostile target
/// costs little.
constexpr int kMaxEscapeDepth = 8;

Error invalid(const char *detail)
{
    return Error{Code::PathInvalid, QString::fromLatin1(detail)};
}

bool isAlnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isControl(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool isOneOf(char c, const char *set)
{
    return c != '\0' && std::strchr(set, c) != nullptr;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/// Nothing when an escape is broken.
std::optional<QByteArray> unescaped(QByteArrayView text)
{
    QByteArray out;
    out.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size())
            return std::nullopt;
        const int high = hexDigit(text[i + 1]);
        const int low = hexDigit(text[i + 2]);
        if (high < 0 || low < 0)
            return std::nullopt;
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return out;
}

QByteArray escaped(QByteArrayView text, const char *plainMarks)
{
    static constexpr char kDigits[] = "0123456789ABCDEF";
    QByteArray out;
    out.reserve(text.size() + 16);
    for (const char c : text) {
        if (isAlnum(c) || isOneOf(c, plainMarks)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        }
    }
    return out;
}

// net/url: what escape() leaves alone in encodePath and in encodePathSegment.
constexpr char kPathMarks[] = "-_.~$&+,/:;=@";
constexpr char kSegmentMarks[] = "-_.~$&+:=@";

/// URL.EscapedPath(): the path as sent where that is a valid escaping, else decoded and escaped anew. One odd
/// character thus changes the spelling of the whole path, and turns a %2F into a real slash.
QByteArray escapedPath(QByteArrayView raw, const QByteArray &decoded)
{
    for (const char c : raw) {
        if (!isAlnum(c) && !isOneOf(c, "!$&'()*+,;=:@[]%-_.~/"))
            return escaped(decoded, kPathMarks);
    }
    return raw.toByteArray();
}

bool hasDots(QByteArrayView decoded)
{
    qsizetype start = 0;
    while (start <= decoded.size()) {
        qsizetype end = decoded.indexOf('/', start);
        if (end < 0)
            end = decoded.size();
        const QByteArrayView piece = decoded.sliced(start, end - start);
        if (piece == "." || piece == "..")
            return true;
        start = end + 1;
    }
    return false;
}

/// A "." or ".." that appears in a component only once its escapes are decoded, once or more often: harmless
/// on a Charm server, which keeps the escapes, but not on every proxy that may stand between.
bool hidesDots(QByteArrayView rawPath)
{
    qsizetype start = 0;
    while (start < rawPath.size()) {
        qsizetype end = rawPath.indexOf('/', start);
        if (end < 0)
            end = rawPath.size();
        QByteArray piece = rawPath.sliced(start, end - start).toByteArray();
        for (int depth = 0; piece.contains('%'); ++depth) {
            if (depth == kMaxEscapeDepth)
                return true;
            std::optional<QByteArray> decoded = unescaped(piece);
            if (!decoded)
                break;
            if (hasDots(*decoded))
                return true;
            piece = std::move(*decoded);
        }
        start = end + 1;
    }
    return false;
}

/// filepath.Clean of a rooted path, without its leading slash; but an error where Clean would stop at the
/// root.
Result<QByteArray> cleaned(QByteArrayView path)
{
    QList<QByteArrayView> parts;
    qsizetype start = 0;
    while (start < path.size()) {
        qsizetype end = path.indexOf('/', start);
        if (end < 0)
            end = path.size();
        const QByteArrayView part = path.sliced(start, end - start);
        start = end + 1;
        if (part.isEmpty() || part == ".")
            continue;
        if (part == "..") {
            if (parts.isEmpty())
                return invalid("The path climbs above the account's root.");
            parts.removeLast();
        } else {
            parts.append(part);
        }
    }
    QByteArray out;
    for (const QByteArrayView part : parts) {
        if (part.size() > kMaxComponent)
            return invalid("A name in the path is longer than 255 bytes.");
        if (!out.isEmpty())
            out += '/';
        out += part;
    }
    if (out.size() > kMaxPath)
        return invalid("The path is longer than 4096 bytes.");
    return out;
}

/// "/v1/seq/:name" of goji: one segment that is not empty, and nothing behind it. Fills route and says
/// whether it fits.
bool matchName(QByteArrayView path, QByteArrayView prefix, Route::Kind kind, Route &route)
{
    if (!path.startsWith(prefix))
        return false;
    const QByteArrayView segment = path.sliced(prefix.size());
    if (segment.isEmpty() || segment.contains('/'))
        return false;
    const std::optional<QByteArray> name = unescaped(segment);
    if (!name)
        return false;
    route.kind = kind;
    route.name = escaped(*name, kSegmentMarks);
    return true;
}

/// All routes of server/http.go but the files'.
void matchRest(QByteArrayView path, Route &route)
{
    using Kind = Route::Kind;
    if (path == "/v1/bio")
        route.kind = Kind::Bio;
    else if (path == "/v1/encrypt-key")
        route.kind = Kind::EncryptKey;
    else if (path == "/v1/news")
        route.kind = Kind::News;
    else if (path == "/v1/public/jwks" || path == "/.well-known/openid-configuration")
        route.kind = Kind::Public;
    else
        matchName(path, "/v1/seq/", Kind::Seq, route) || matchName(path, "/v1/bio/", Kind::Bio, route) ||
            matchName(path, "/v1/id/", Kind::Id, route) || matchName(path, "/v1/news/", Kind::News, route);
}

} // namespace

Result<Route> parseTarget(QByteArrayView rawTarget)
{
    if (rawTarget.isEmpty() || rawTarget[0] != '/')
        return invalid("The request target must begin with a slash.");
    for (const char c : rawTarget) {
        if (isControl(c) || c == ' ')
            return invalid("The request target holds a space or a control character.");
        if (c == '#')
            return invalid("The request target holds a fragment.");
    }
    Route route;
    const qsizetype mark = rawTarget.indexOf('?');
    const QByteArrayView rawPath = mark < 0 ? rawTarget : rawTarget.first(mark);
    if (mark >= 0)
        route.query = rawTarget.sliced(mark + 1).toByteArray();

    const std::optional<QByteArray> decoded = unescaped(rawPath);
    if (!decoded)
        return invalid("The path holds a broken percent escape.");
    for (const char c : *decoded) {
        if (isControl(c))
            return invalid("The path holds an escaped control character.");
    }
    if (hidesDots(rawPath))
        return invalid("The path hides a \".\" or \"..\" behind percent escapes.");

    const QByteArray path = escapedPath(rawPath, *decoded);
    static constexpr QByteArrayView kFiles("/v1/fs/");
    if (!path.startsWith(kFiles)) {
        matchRest(path, route);
        return route;
    }
    Result<QByteArray> file = cleaned(QByteArrayView(path).sliced(kFiles.size()));
    if (!file)
        return file.error();
    route.kind = Route::Kind::File;
    route.path = std::move(file).value();
    return route;
}

Result<quint32> parseMode(QByteArrayView query)
{
    const Error broken{Code::RequestMalformed, QStringLiteral("The query of the upload cannot be read.")};
    if (std::count(query.begin(), query.end(), '&') >= kMaxQueryPairs)
        return broken;
    std::optional<QByteArray> mode;
    for (qsizetype start = 0; start <= query.size();) {
        qsizetype end = query.indexOf('&', start);
        if (end < 0)
            end = query.size();
        const QByteArrayView pair = query.sliced(start, end - start);
        start = end + 1;
        if (pair.contains(';'))
            return broken;
        const qsizetype equals = pair.indexOf('=');
        // Go reads '+' as a space here; neither is a digit or a letter of "mode", so that it need not be
        // done.
        const std::optional<QByteArray> key = unescaped(equals < 0 ? pair : pair.first(equals));
        std::optional<QByteArray> value = unescaped(equals < 0 ? QByteArrayView() : pair.sliced(equals + 1));
        if (!key || !value)
            return broken;
        if (*key == "mode" && !mode)
            mode = std::move(value);
    }
    const Error noNumber{Code::RequestMalformed,
                         QStringLiteral("The upload's mode is missing or not a decimal number of 32 bits.")};
    if (!mode || mode->isEmpty())
        return noNumber;
    quint64 number = 0;
    for (const char c : *mode) {
        if (c < '0' || c > '9')
            return noNumber;
        number = number * 10 + static_cast<quint64>(c - '0');
        if (number > 0xffff'ffffu)
            return noNumber;
    }
    return static_cast<quint32>(number);
}

QList<QByteArrayView> ancestors(QByteArrayView path)
{
    QList<QByteArrayView> out;
    for (qsizetype at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
        out.append(path.first(at));
    return out;
}

QByteArrayView parentOf(QByteArrayView path)
{
    const qsizetype at = path.lastIndexOf('/');
    return at < 0 ? QByteArrayView("") : path.first(at);
}

} // namespace cring::charm
