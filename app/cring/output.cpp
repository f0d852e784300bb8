// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/output.h"

#include <QJsonDocument>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace cring::app {

namespace {

bool isColourTerminal(int descriptor)
{
    const QByteArray term = qgetenv("TERM");
    return isatty(descriptor) && !term.isEmpty() && term != "dumb";
}

const char *sequence(Colour colour)
{
    switch (colour) {
    case Colour::Bold:
        return "1";
    case Colour::Dim:
        return "2";
    case Colour::Red:
        return "31";
    case Colour::Green:
        return "32";
    case Colour::Yellow:
        return "33";
    case Colour::Plain:
        break;
    }
    return "0";
}

QString painted(Colour colour, const QString &text)
{
    return QStringLiteral("\033[%1m%2\033[0m").arg(QLatin1String(sequence(colour)), text);
}

void write(std::FILE *stream, const QByteArray &bytes)
{
    std::fwrite(bytes.constData(), 1, static_cast<size_t>(bytes.size()), stream);
}

void say(const QString &label, const QString &text)
{
    write(stderr, (QStringLiteral("cring: ") + label + text + QLatin1Char('\n')).toUtf8());
}

} // namespace

Output::Output(bool json, bool quiet, bool colour)
    : m_json(json)
    , m_quiet(quiet)
    , m_colourOut(colour && isColourTerminal(STDOUT_FILENO))
    , m_colourErr(colour && isColourTerminal(STDERR_FILENO))
{
}

void Output::line(const QString &text) const
{
    write(stdout, text.toUtf8() + '\n');
}

void Output::raw(const QByteArray &bytes) const
{
    write(stdout, bytes);
}

void Output::json(const QJsonObject &object) const
{
    write(stdout, QJsonDocument(object).toJson(QJsonDocument::Indented));
}

void Output::jsonLine(const QJsonObject &object) const
{
    write(stdout, QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n');
    std::fflush(stdout);
}

void Output::flush() const
{
    std::fflush(stdout);
}

void Output::note(const QString &text) const
{
    if (!m_quiet)
        write(stderr, text.toUtf8() + '\n');
}

void Output::warning(const QString &text) const
{
    const QString label = QStringLiteral("warning: ");
    say(m_colourErr ? painted(Colour::Yellow, label) : label, text);
}

void Output::error(const QString &text) const
{
    const QString label = QStringLiteral("error: ");
    say(m_colourErr ? painted(Colour::Red, label) : label, text);
}

QString Output::paint(Colour colour, const QString &text) const
{
    return m_colourOut ? painted(colour, text) : text;
}

void Table::print(const Output &out) const
{
    QList<qsizetype> widths;
    QStringList titles;
    for (qsizetype column = 0; column < m_columns.size(); ++column) {
        titles.append(m_columns[column].title);
        qsizetype width = m_columns[column].title.size();
        for (const QStringList &cells : m_rows)
            width = std::max(width, cells[column].size());
        widths.append(width);
    }
    out.line(out.paint(Colour::Bold, row(titles, widths)));
    for (const QStringList &cells : m_rows)
        out.line(row(cells, widths));
}

QString Table::row(const QStringList &cells, const QList<qsizetype> &widths) const
{
    QString text;
    for (qsizetype column = 0; column < m_columns.size(); ++column) {
        const bool last = column + 1 == m_columns.size();
        const bool right = m_columns[column].align == Align::Right;
        if (column > 0)
            text += QStringLiteral("  ");
        if (right)
            text += cells[column].rightJustified(widths[column]);
        else
            text += last ? cells[column] : cells[column].leftJustified(widths[column]);
    }
    return text;
}

} // namespace cring::app
