// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

class QByteArray;

namespace cring::app {

enum class Colour { Plain, Bold, Dim, Red, Green, Yellow };
enum class Align { Left, Right };

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
    QString paint(Colour colour, const QString &text) const;

private:
    bool m_json;
    bool m_quiet;
    bool m_colourOut;
    bool m_colourErr;
};

/// Columns as wide as their widest cell, under a heading.
class Table
{
public:
    struct Column
    {
        QString title;
        Align align = Align::Left;
    };

    explicit Table(QList<Column> columns)
        : m_columns(std::move(columns))
    {
    }

    /// A cell for each column. Cells are plain: a colour's escape sequences would count as width.
    void add(const QStringList &cells) { m_rows.append(cells); }

    void print(const Output &out) const;

private:
    QString row(const QStringList &cells, const QList<qsizetype> &widths) const;

    QList<Column> m_columns;
    QList<QStringList> m_rows;
};

} // namespace cring::app
