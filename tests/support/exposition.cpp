// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/exposition.h"

#include <QRegularExpression>

namespace cring::test {

namespace {

QByteArray nameOf(const QByteArray &series)
{
    return series.split('{').first();
}

} // namespace

Exposition::Exposition(const QByteArray &text)
{
    if (!text.endsWith('\n'))
        m_problem = "the last line has no end";
    for (const QByteArray &line : text.split('\n')) {
        if (line.startsWith('#'))
            readComment(line);
        else if (!line.isEmpty())
            readSample(line);
    }
}

void Exposition::readComment(const QByteArray &line)
{
    static const QRegularExpression comment(QStringLiteral("\\A# (HELP|TYPE) ([a-z_:]+) (.+)\\z"));
    const auto match = comment.match(QString::fromUtf8(line));
    Metric &metric = m_metrics[match.captured(2).toUtf8()];
    QByteArray &field = match.captured(1) == QLatin1String("TYPE") ? metric.type : metric.help;
    // Twice: its samples do not stand together.
    if ((!match.hasMatch() || !field.isEmpty()) && m_problem.isEmpty())
        m_problem = line;
    field = match.captured(3).toUtf8();
}

void Exposition::readSample(const QByteArray &line)
{
    static const QRegularExpression sample(
        QStringLiteral("\\A[a-z_:]+(\\{([a-z]+=\"([^\"\\\\\\n]|\\\\.)*\",?)+\\})? (\\S+)\\z"));
    static const QRegularExpression label(QStringLiteral("([a-z]+)=\"(?:[^\"\\\\]|\\\\.)*\""));
    const QString text = QString::fromUtf8(line);
    const qsizetype blank = line.lastIndexOf(' ');
    const QByteArray series = line.left(blank);
    bool isNumber = false;
    const double value = line.mid(blank + 1).toDouble(&isNumber);
    Metric *metric = metricOf(nameOf(series));
    if (!sample.match(text).hasMatch() || !isNumber || !metric || m_values.contains(series)) {
        if (m_problem.isEmpty())
            m_problem = line;
        return;
    }
    m_values.insert(series, value);
    ++metric->series;
    auto labels = label.globalMatch(text);
    while (labels.hasNext()) {
        const QByteArray name = labels.next().captured(1).toUtf8();
        if (name != "le")
            metric->labels.insert(name);
    }
}

/// A histogram's samples have names of their own.
Exposition::Metric *Exposition::metricOf(const QByteArray &name)
{
    for (const char *suffix : {"", "_bucket", "_sum", "_count"}) {
        if (!name.endsWith(suffix))
            continue;
        const auto found = m_metrics.find(name.chopped(static_cast<qsizetype>(qstrlen(suffix))));
        if (found != m_metrics.end() && (*suffix == '\0') == (found->type != "histogram"))
            return &*found;
    }
    return nullptr;
}

std::optional<double> Exposition::value(const QByteArray &series) const
{
    const auto found = m_values.constFind(series);
    return found == m_values.cend() ? std::nullopt : std::optional(*found);
}

double Exposition::sum(const QByteArray &name) const
{
    double sum = 0;
    for (auto it = m_values.cbegin(); it != m_values.cend(); ++it) {
        if (nameOf(it.key()) == name)
            sum += it.value();
    }
    return sum;
}

} // namespace cring::test
