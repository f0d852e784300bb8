// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/commandline.h"

namespace cring::ssh {

namespace {

bool isSpace(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool isQuote(char c)
{
    return c == '\'' || c == '"';
}

/// One word under way.
class Splitter
{
public:
    void feed(char c)
    {
        if (m_escaped)
            feedEscaped(c);
        else if (m_quote != '\0')
            feedQuoted(c);
        else if (isSpace(c))
            endWord();
        else if (c == '\\')
            m_escaped = true;
        else if (isQuote(c))
            m_quote = c;
        else
            m_word.append(c);
    }

    void endWord()
    {
        if (!m_word.isEmpty())
            m_words.append(std::exchange(m_word, QByteArray()));
    }

    const QList<QByteArray> &words() const { return m_words; }

private:
    /// Between double quotes a backslash stands for itself unless it is before one of the two.
    void feedEscaped(char c)
    {
        if (m_quote != '\0' && c != '\\' && c != m_quote)
            m_word.append('\\');
        m_word.append(c);
        m_escaped = false;
    }

    void feedQuoted(char c)
    {
        if (c == m_quote)
            m_quote = '\0';
        else if (c == '\\' && m_quote == '"')
            m_escaped = true;
        else
            m_word.append(c);
    }

    QList<QByteArray> m_words;
    QByteArray m_word;
    char m_quote = '\0';
    bool m_escaped = false;
};

} // namespace

QList<QByteArray> splitCommand(QByteArrayView text)
{
    Splitter splitter;
    for (const char c : text)
        splitter.feed(c);
    splitter.endWord();
    return splitter.words();
}

} // namespace cring::ssh
