// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonDocument>
#include <QList>
#include <QString>

#include <cstdio>

namespace cring::app {

/// What a colour means. Never alone: the word that it paints says the same.
enum class Tone { Plain, Good, Warning, Bad, Faint, Strong };

/// Text without control characters: what servers say must not steer the terminal.
QString plain(const QString &text);

/// A JSON text that steers no terminal either: what QJsonDocument leaves as it is (DEL, the C1 set, format
/// characters) as \uNNNN, which means the same.
QByteArray jsonText(const QJsonObject &object, QJsonDocument::JsonFormat format);

/// Where a command writes: data to `out`, everything else to `err`. A value's streams are the caller's.
class Terminal
{
public:
    struct Options
    {
        bool color = false;
        bool redraws = false;  ///< `out` is a terminal: --watch draws over what it drew before.
        bool progress = false; ///< `err` is a terminal, and the person wants to see how far things are.
    };

    Terminal(std::FILE *out, std::FILE *err, Options options);
    /// stdout and stderr; colour on a terminal, unless NO_COLOR is set (no-color.org) or noColor.
    static Terminal ofProcess(bool noColor, bool quiet = false);

    /// False when it could not be written: time to end.
    bool print(const QString &text);
    /// `out` is a pipe that nobody reads any more, as behind `| head -1`: no failure.
    bool isClosed() const { return isClosedPipe(m_out); }
    static bool isClosedPipe(std::FILE *file);
    /// "cring: …" on `err`.
    void complain(const QString &sentence);
    /// Advice on `err`, as it is, in one line or more: values in it are plain() already.
    void advise(const QString &text);
    /// A line on `err` that takes the place of the one before, and is gone when anything else is written;
    /// nothing when `err` is no terminal.
    void progress(const QString &line);
    QString paint(Tone tone, const QString &text) const;
    /// Before a redraw; nothing when `out` is no terminal.
    void clear();

private:
    void say(const QString &text);
    void endProgress();

    std::FILE *m_out;
    std::FILE *m_err;
    Options m_options;
    bool m_progressing = false;
};

/// Columns as wide as their widest cell, two spaces apart, no lines, no blanks at the end of a line.
class PaintedTable
{
public:
    struct Cell
    {
        QString text;
        Tone tone = Tone::Plain;
        bool right = false; ///< Numbers.
    };

    void addRow(const QList<Cell> &cells);
    /// One line a row; empty when there are no rows.
    QString toString(const Terminal &terminal) const;

    bool isEmpty() const { return m_rows.isEmpty(); }

private:
    QList<QList<Cell>> m_rows;
};

} // namespace cring::app
