// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/json.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <limits>

namespace cring::charm::json {

namespace {

constexpr int kMaxDepth = 32;
constexpr size_t kMaxMembers = 256;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Steps over JSON text. Every skip… returns false, at an unspecified place, when the grammar is broken.
class Scanner
{
public:
    explicit Scanner(QByteArrayView text)
        : m_text(text)
    {
    }

    bool atEnd() const { return m_at >= m_text.size(); }

    char peek() const { return atEnd() ? '\0' : m_text[m_at]; }

    qsizetype position() const { return m_at; }

    QByteArrayView since(qsizetype start) const { return m_text.sliced(start, m_at - start); }

    bool accept(char c)
    {
        if (peek() != c || atEnd())
            return false;
        ++m_at;
        return true;
    }

    void skipSpace()
    {
        while (!atEnd() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r'))
            ++m_at;
    }

    bool skipString()
    {
        if (!accept('"'))
            return false;
        while (!atEnd()) {
            const char c = m_text[m_at++];
            if (c == '"')
                return true;
            if (static_cast<unsigned char>(c) < 0x20)
                return false;
            if (c == '\\' && !skipEscape())
                return false;
        }
        return false;
    }

    bool skipValue(int depth)
    {
        switch (peek()) {
        case '{':
        case '[':
            return depth < kMaxDepth && skipContainer(depth + 1);
        case '"':
            return skipString();
        case 't':
            return skipWord("true");
        case 'f':
            return skipWord("false");
        case 'n':
            return skipWord("null");
        default:
            return skipNumber();
        }
    }

private:
    bool skipWord(QByteArrayView word)
    {
        if (!m_text.sliced(m_at).startsWith(word))
            return false;
        m_at += word.size();
        return true;
    }

    bool skipEscape()
    {
        if (atEnd())
            return false;
        const char c = m_text[m_at++];
        if (c != 'u')
            return QByteArrayView("\"\\/bfnrt").contains(c);
        for (int i = 0; i < 4; ++i, ++m_at) {
            const char digit = peek();
            if (!isDigit(digit) && !(digit >= 'a' && digit <= 'f') && !(digit >= 'A' && digit <= 'F'))
                return false;
        }
        return true;
    }

    bool skipDigits()
    {
        const qsizetype start = m_at;
        while (isDigit(peek()))
            ++m_at;
        return m_at > start;
    }

    bool skipNumber()
    {
        accept('-');
        if (!accept('0') && !skipDigits())
            return false;
        if (accept('.') && !skipDigits())
            return false;
        if (accept('e') || accept('E')) {
            if (!accept('+'))
                accept('-');
            return skipDigits();
        }
        return true;
    }

    bool skipContainer(int depth)
    {
        const bool object = peek() == '{';
        const char close = object ? '}' : ']';
        ++m_at;
        skipSpace();
        if (accept(close))
            return true;
        for (;;) {
            if (object) {
                if (!skipString())
                    return false;
                skipSpace();
                if (!accept(':'))
                    return false;
                skipSpace();
            }
            if (!skipValue(depth))
                return false;
            skipSpace();
            if (accept(close))
                return true;
            if (!accept(','))
                return false;
            skipSpace();
        }
    }

    QByteArrayView m_text;
    qsizetype m_at = 0;
};

std::optional<quint64> digits(QByteArrayView value, quint64 limit)
{
    if (value.isEmpty() || (value.size() > 1 && value[0] == '0'))
        return std::nullopt;
    quint64 number = 0;
    for (const char c : value) {
        if (!isDigit(c))
            return std::nullopt;
        const auto digit = static_cast<quint64>(c - '0');
        if (number > (limit - digit) / 10)
            return std::nullopt;
        number = number * 10 + digit;
    }
    return number;
}

} // namespace

std::optional<std::vector<Member>> members(QByteArrayView text)
{
    Scanner scan(text);
    scan.skipSpace();
    if (!scan.accept('{'))
        return std::nullopt;
    std::vector<Member> out;
    scan.skipSpace();
    bool more = !scan.accept('}');
    while (more) {
        qsizetype start = scan.position();
        if (!scan.skipString())
            return std::nullopt;
        std::optional<QByteArray> key = string(scan.since(start));
        if (!key || find(out, *key) || out.size() == kMaxMembers)
            return std::nullopt;
        scan.skipSpace();
        if (!scan.accept(':'))
            return std::nullopt;
        scan.skipSpace();
        start = scan.position();
        if (!scan.skipValue(1))
            return std::nullopt;
        out.push_back({std::move(*key), scan.since(start)});
        scan.skipSpace();
        more = scan.accept(',');
        scan.skipSpace();
        if (!more && !scan.accept('}'))
            return std::nullopt;
    }
    scan.skipSpace();
    if (!scan.atEnd())
        return std::nullopt;
    return out;
}

std::optional<std::vector<QByteArrayView>> elements(QByteArrayView text)
{
    Scanner scan(text);
    scan.skipSpace();
    if (!scan.accept('['))
        return std::nullopt;
    std::vector<QByteArrayView> out;
    scan.skipSpace();
    bool more = !scan.accept(']');
    while (more) {
        const qsizetype start = scan.position();
        if (!scan.skipValue(1))
            return std::nullopt;
        out.push_back(scan.since(start));
        scan.skipSpace();
        more = scan.accept(',');
        scan.skipSpace();
        if (!more && !scan.accept(']'))
            return std::nullopt;
    }
    scan.skipSpace();
    if (!scan.atEnd())
        return std::nullopt;
    return out;
}

const QByteArrayView *find(const std::vector<Member> &members, QByteArrayView key)
{
    const auto it =
        std::find_if(members.begin(), members.end(), [key](const Member &m) { return m.key == key; });
    return it == members.end() ? nullptr : &it->value;
}

std::optional<QByteArray> string(QByteArrayView value)
{
    Scanner scan(value);
    if (!scan.skipString() || !scan.atEnd())
        return std::nullopt;
    const QByteArrayView inner = value.sliced(1, value.size() - 2);
    const auto plain = [](char c) {
        return c != '\\' && static_cast<unsigned char>(c) < 0x80;
    };
    if (std::all_of(inner.begin(), inner.end(), plain))
        return inner.toByteArray();
    const QJsonDocument document = QJsonDocument::fromJson('[' + value.toByteArray() + ']');
    if (!document.isArray() || !document.array().at(0).isString())
        return std::nullopt;
    return document.array().at(0).toString().toUtf8();
}

std::optional<bool> boolean(QByteArrayView value)
{
    if (value == "true")
        return true;
    if (value == "false")
        return false;
    return std::nullopt;
}

std::optional<quint64> unsignedInteger(QByteArrayView value)
{
    return digits(value, std::numeric_limits<quint64>::max());
}

std::optional<qint64> integer(QByteArrayView value)
{
    constexpr auto kMax = static_cast<quint64>(std::numeric_limits<qint64>::max());
    const bool negative = value.startsWith('-');
    const std::optional<quint64> number = digits(negative ? value.sliced(1) : value, kMax);
    if (!number)
        return std::nullopt;
    const auto whole = static_cast<qint64>(*number);
    return negative ? -whole : whole;
}

bool isNull(QByteArrayView value)
{
    return value == "null";
}

QByteArray quoted(QByteArrayView utf8)
{
    const QByteArray array =
        QJsonDocument(QJsonArray{QString::fromUtf8(utf8)}).toJson(QJsonDocument::Compact);
    return array.sliced(1, array.size() - 2);
}

QByteArray quotedAsGo(QByteArrayView utf8)
{
    QByteArray text = quoted(utf8);
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    return text.replace("\xE2\x80\xA8", "\\u2028").replace("\xE2\x80\xA9", "\\u2029");
}

} // namespace cring::charm::json
