// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/mediatype.h"

#include <algorithm>

namespace cring::charm {

namespace {

bool isSpecial(char c)
{
    return QByteArrayView("()<>@,;:\\\"/[]?=").contains(c);
}

bool isTokenChar(char c)
{
    return c > ' ' && c < '\x7f' && !isSpecial(c);
}

bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), isTokenChar);
}

class Reader
{
public:
    explicit Reader(QByteArrayView text)
        : m_text(text)
    {
    }

    bool atEnd() const { return m_at >= m_text.size(); }

    void skipSpace()
    {
        while (!atEnd() && QByteArrayView(" \t\r\n\v\f").contains(m_text[m_at]))
            ++m_at;
    }

    bool accept(char c)
    {
        if (atEnd() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }

    QByteArray token()
    {
        const qsizetype start = m_at;
        while (!atEnd() && isTokenChar(m_text[m_at]))
            ++m_at;
        return m_text.sliced(start, m_at - start).toByteArray();
    }

    std::optional<QByteArray> value()
    {
        if (!accept('"')) {
            QByteArray plain = token();
            return plain.isEmpty() ? std::nullopt : std::optional(std::move(plain));
        }
        QByteArray out;
        while (!atEnd()) {
            char c = m_text[m_at++];
            if (c == '"')
                return out;
            // A backslash before anything else stands for itself: "C:\dev\f" of old browsers.
            if (c == '\\' && !atEnd() && isSpecial(m_text[m_at]))
                c = m_text[m_at++];
            else if (c == '\r' || c == '\n')
                return std::nullopt;
            out += c;
        }
        return std::nullopt;
    }

private:
    QByteArrayView m_text;
    qsizetype m_at = 0;
};

bool isTypeOrDisposition(QByteArrayView type)
{
    const qsizetype slash = type.indexOf('/');
    return slash < 0 ? isToken(type) : isToken(type.first(slash)) && isToken(type.sliced(slash + 1));
}

} // namespace

std::optional<QByteArray> MediaType::parameter(QByteArrayView name) const
{
    for (const auto &[key, value] : parameters) {
        if (key == name)
            return value;
    }
    return std::nullopt;
}

std::optional<MediaType> parseMediaType(QByteArrayView value)
{
    const qsizetype semicolon = value.indexOf(';');
    MediaType out;
    out.type = (semicolon < 0 ? value : value.first(semicolon)).toByteArray().trimmed().toLower();
    if (!isTypeOrDisposition(out.type))
        return std::nullopt;
    Reader reader(semicolon < 0 ? QByteArrayView() : value.sliced(semicolon));
    for (;;) {
        reader.skipSpace();
        if (reader.atEnd())
            return out;
        if (!reader.accept(';'))
            return std::nullopt;
        reader.skipSpace();
        if (reader.atEnd())
            return out; // A semicolon at the end is no error.
        QByteArray name = reader.token().toLower();
        reader.skipSpace();
        if (name.isEmpty() || out.parameter(name) || !reader.accept('='))
            return std::nullopt;
        reader.skipSpace();
        std::optional<QByteArray> content = reader.value();
        if (!content)
            return std::nullopt;
        out.parameters.emplace_back(std::move(name), std::move(*content));
    }
}

} // namespace cring::charm
