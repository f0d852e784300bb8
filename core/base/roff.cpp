// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/roff.h"

#include <QStringList>

namespace cring::roff {

namespace {

/// A dot or a quote at the beginning of a line is a request.
QString harmless(const QString &line)
{
    return line.startsWith(u'.') || line.startsWith(u'\'') ? QStringLiteral("\\&") + line : line;
}

QString escaped(QString plain)
{
    plain.replace(u'\\', QLatin1String("\\e"));
    plain.replace(u'-', QLatin1String("\\-"));
    plain.replace(u'~', QLatin1String("\\(ti"));
    plain.replace(u'^', QLatin1String("\\(ha"));
    return plain;
}

} // namespace

QString bold(const QString &plain)
{
    return QStringLiteral("\\fB%1\\fR").arg(escaped(plain));
}

QString italic(const QString &plain)
{
    return QStringLiteral("\\fI%1\\fR").arg(escaped(plain));
}

QString text(const QString &plain)
{
    QString out;
    bool isCode = false;
    for (const QString &part : plain.split(u'`')) {
        out += isCode ? bold(part) : escaped(part);
        isCode = !isCode;
    }
    QStringList lines = out.split(u'\n');
    for (QString &line : lines)
        line = harmless(line.trimmed());
    return lines.join(u'\n');
}

QString head(const QString &name, int section, const QString &version, const QString &summary)
{
    return QStringLiteral(".\\\" Made by the program itself; SPDX-License-Identifier: GPL-3.0-or-later\n"
                          ".TH %1 %2 \"\" \"Charmed Ring %3\" \"Charmed Ring\"\n.nh\n.ad l\n"
                          ".SH NAME\n%4 \\- %5\n")
        .arg(name.toUpper(), QString::number(section), version, escaped(name), text(summary));
}

QString section(const QString &title)
{
    return QStringLiteral(".SH %1\n").arg(escaped(title.toUpper()));
}

QString subsection(const QString &title)
{
    return QStringLiteral(".SS %1\n").arg(escaped(title));
}

QString paragraph(const QString &plain)
{
    return QStringLiteral(".PP\n%1\n").arg(text(plain));
}

QString entry(const QString &term, const QString &plain)
{
    return QStringLiteral(".TP\n%1\n%2\n").arg(harmless(term), text(plain));
}

QString verbatim(const QString &lines)
{
    QString out = QStringLiteral(".PP\n.nf\n.RS 2\n");
    for (const QString &line : lines.split(u'\n'))
        out += harmless(escaped(line)) + u'\n';
    return out + QStringLiteral(".RE\n.fi\n");
}

} // namespace cring::roff
