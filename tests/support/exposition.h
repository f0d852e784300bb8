// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QMap>
#include <QSet>

#include <optional>

namespace cring::test {

/// What /metrics gave, read as Prometheus reads it: its text format, version 0.0.4.
class Exposition
{
public:
    struct Metric
    {
        QByteArray type;
        QByteArray help;
        QSet<QByteArray> labels; ///< Names; without the "le" of a histogram.
        int series = 0;
    };

    explicit Exposition(const QByteArray &text);

    /// The first line that is not as it should be; empty when all are.
    const QByteArray &problem() const { return m_problem; }
    const QMap<QByteArray, Metric> &metrics() const { return m_metrics; }

    /// By name and labels as they are written: cring_requests_total{kind="upload",outcome="done"}.
    std::optional<double> value(const QByteArray &series) const;
    /// 0 for a series that is not there.
    double number(const QByteArray &series) const { return value(series).value_or(0); }
    /// Of all series of a name, whatever their labels.
    double sum(const QByteArray &name) const;
    QList<QByteArray> series() const { return m_values.keys(); }

private:
    void readComment(const QByteArray &line);
    void readSample(const QByteArray &line);
    Metric *metricOf(const QByteArray &name);

    QMap<QByteArray, Metric> m_metrics;
    QMap<QByteArray, double> m_values;
    QByteArray m_problem;
};

} // namespace cring::test
