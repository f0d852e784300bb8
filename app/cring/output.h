// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/terminal.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

class QByteArray;

namespace cring::app {

/// How a command speaks: data on stdout, everything else on stderr. A value; main thread.
class Output
{
public:
    /// colour is what the person wants; it is used where the stream is a terminal.
    Output(bool json, bool quiet, bool colour);

    bool isJson() const { return m_json; }

    /// A line of data.
    void line(const QString &text) const;
    /// Data as it is, for example a file.
    void raw(const QByteArray &bytes) const;
    /// One document, indented for people.
    void json(const QJsonObject &object) const;
    /// One line of JSON Lines, written out at once: a reader at the other end of a pipe sees it.
    void jsonLine(const QJsonObject &object) const;

    /// Hands on what line() and raw() have buffered.
    void flush() const;

    /// Progress and advice on stderr; --quiet drops it.
    void note(const QString &text) const;
    void warning(const QString &text) const;
    void error(const QString &text) const;

    /// The text in a colour, if stdout takes colours.
    QString paint(Tone tone, const QString &text) const { return m_terminal.paint(tone, text); }

    void table(const PaintedTable &table) const;

private:
    Terminal m_terminal;
    bool m_json;
    bool m_quiet;
    bool m_colourErr;
};

} // namespace cring::app
