// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/terminal.h"

#include <QJsonObject>

#include <poll.h>
#include <unistd.h>

namespace cring::app {

namespace {

bool steers(QChar character)
{
    switch (character.category()) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    default:
        return false;
    }
}

} // namespace

QString plain(const QString &text)
{
    QString clean = text;
    for (QChar &character : clean) {
        if (steers(character))
            character = u'?';
    }
    return clean;
}

QByteArray jsonText(const QJsonObject &object, QJsonDocument::JsonFormat format)
{
    const QString text = QString::fromUtf8(QJsonDocument(object).toJson(format));
    QString clean;
    clean.reserve(text.size());
    for (const QChar character : text) {
        // Line breaks stand between values alone: in strings they are escaped already.
        if (character != u'\n' && steers(character))
            clean +=
                QStringLiteral("\\u%1").arg(static_cast<int>(character.unicode()), 4, 16, QLatin1Char('0'));
        else
            clean += character;
    }
    return clean.toUtf8();
}

Terminal::Terminal(std::FILE *out, std::FILE *err, Options options)
    : m_out(out)
    , m_err(err)
    , m_options(options)
{
}

Terminal Terminal::ofProcess(bool noColor, bool quiet)
{
    const bool terminal = ::isatty(STDOUT_FILENO) != 0 && qgetenv("TERM") != "dumb";
    const bool color = terminal && !noColor && qEnvironmentVariableIsEmpty("NO_COLOR");
    const bool progress = !quiet && ::isatty(STDERR_FILENO) != 0 && qgetenv("TERM") != "dumb";
    return {stdout, stderr, {.color = color, .redraws = terminal, .progress = progress}};
}

bool Terminal::print(const QString &text)
{
    endProgress();
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, static_cast<size_t>(bytes.size()), m_out);
    return std::fflush(m_out) == 0;
}

bool Terminal::isClosedPipe(std::FILE *file)
{
    struct pollfd look = {::fileno(file), POLLOUT, 0};
    return ::poll(&look, 1, 0) == 1 && (look.revents & POLLERR) != 0;
}

void Terminal::complain(const QString &sentence)
{
    say(QStringLiteral("cring: ") + plain(sentence) + u'\n');
}

void Terminal::advise(const QString &text)
{
    const QStringList lines = (text.endsWith(u'\n') ? text.chopped(1) : text).split(u'\n');
    for (const QString &line : lines)
        say(plain(line) + u'\n');
}

void Terminal::progress(const QString &line)
{
    if (!m_options.progress)
        return;
    say(plain(line));
    m_progressing = true;
}

void Terminal::endProgress()
{
    if (std::exchange(m_progressing, false)) {
        std::fputs("\r\x1b[K", m_err);
        std::fflush(m_err);
    }
}

void Terminal::say(const QString &text)
{
    endProgress();
    const QByteArray bytes = text.toUtf8();
    std::fwrite(bytes.constData(), 1, static_cast<size_t>(bytes.size()), m_err);
    std::fflush(m_err);
}

QString Terminal::paint(Tone tone, const QString &text) const
{
    if (!m_options.color || tone == Tone::Plain || text.isEmpty())
        return text;
    const char *code = "0";
    switch (tone) {
    case Tone::Good:
        code = "32";
        break;
    case Tone::Warning:
        code = "33";
        break;
    case Tone::Bad:
        code = "1;31";
        break;
    case Tone::Faint:
        code = "2";
        break;
    case Tone::Strong:
        code = "1";
        break;
    case Tone::Plain:
        break;
    }
    return QStringLiteral("\x1b[%1m%2\x1b[0m").arg(QLatin1String(code), text);
}

void Terminal::clear()
{
    if (m_options.redraws)
        std::fputs("\x1b[H\x1b[2J", m_out);
}

void PaintedTable::addRow(const QList<Cell> &cells)
{
    m_rows.append(cells);
}

QString PaintedTable::toString(const Terminal &terminal) const
{
    QList<qsizetype> widths;
    for (const QList<Cell> &row : m_rows) {
        widths.resize(qMax(widths.size(), row.size()));
        for (qsizetype i = 0; i < row.size(); ++i)
            widths[i] = qMax(widths[i], row[i].text.size());
    }
    QString text;
    for (const QList<Cell> &row : m_rows) {
        QString blanks; // Written only before something: no line ends in them.
        for (qsizetype i = 0; i < row.size(); ++i) {
            const Cell &cell = row[i];
            const QString padding(widths[i] - cell.text.size(), u' ');
            if (cell.right)
                blanks += padding;
            if (!cell.text.isEmpty()) {
                text += blanks + terminal.paint(cell.tone, plain(cell.text));
                blanks.clear();
            }
            if (!cell.right)
                blanks += padding;
            blanks += QStringLiteral("  ");
        }
        text += u'\n';
    }
    return text;
}

} // namespace cring::app
