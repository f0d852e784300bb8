// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/output.h"

#include <unistd.h>

#include <cstdio>

namespace cring::app {

namespace {

bool isColourTerminal(int descriptor)
{
    const QByteArray term = qgetenv("TERM");
    return isatty(descriptor) && !term.isEmpty() && term != "dumb";
}

void write(std::FILE *stream, const QByteArray &bytes)
{
    std::fwrite(bytes.constData(), 1, static_cast<size_t>(bytes.size()), stream);
}

QString painted(bool takesColour, Tone tone, const QString &text)
{
    return Terminal(stdout, stderr, {.color = takesColour, .redraws = false}).paint(tone, text);
}

void say(const QString &label, const QString &text)
{
    write(stderr, (QStringLiteral("cring: ") + label + text + QLatin1Char('\n')).toUtf8());
}

} // namespace

Output::Output(bool json, bool quiet, bool colour)
    : m_terminal(Terminal::ofProcess(!colour))
    , m_json(json)
    , m_quiet(quiet)
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
    write(stdout, jsonText(object, QJsonDocument::Indented));
}

void Output::jsonLine(const QJsonObject &object) const
{
    write(stdout, jsonText(object, QJsonDocument::Compact) + '\n');
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
    say(painted(m_colourErr, Tone::Warning, label), text);
}

void Output::error(const QString &text) const
{
    const QString label = QStringLiteral("error: ");
    say(painted(m_colourErr, Tone::Bad, label), text);
}

void Output::table(const PaintedTable &table) const
{
    write(stdout, table.toString(m_terminal).toUtf8());
}

} // namespace cring::app
