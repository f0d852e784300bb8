// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QString>

#include <chrono>
#include <initializer_list>
#include <memory>

namespace cring::telemetry {

class LatencyHistogram;

enum class MetricType { Counter, Gauge, Histogram };

/// What a metric is; a constant of whoever collects it. docs/metrics.md repeats it, and a test compares.
struct Metric
{
    const char *name; ///< "cring_…", in seconds, bytes or things; a counter's ends in "_total".
    MetricType type;
    const char *help; ///< A sentence, without line breaks.
};

/// Values are few and known: a server's name, a kind, a state. Never an account, a path, or what a client
/// says.
struct Label
{
    const char *name;
    QString value;
};

using Labels = std::initializer_list<Label>;

/// The numbers of one scrape, as its collectors give them. Those of one metric need not come one after
/// another.
class Samples
{
public:
    Samples();
    ~Samples();
    Q_DISABLE_COPY_MOVE(Samples)

    void add(const Metric &metric, double value, const Labels &labels = {});
    void add(const Metric &metric, const LatencyHistogram &histogram, const Labels &labels = {});
    /// 1 for the state that holds, 0 for each of the others, under the label "state".
    void addState(const Metric &metric, const QString &state, std::initializer_list<const char *> states,
                  const Label &label);

private:
    friend class Metrics;

    struct Families;

    std::unique_ptr<Families> m_families;
};

/// One part of the program that has numbers to show. It is asked on the event loop, and answers from what it
/// knows: it waits for nothing and reads no disk.
class ICollector
{
public:
    virtual ~ICollector() = default;
    virtual void collect(Samples &samples) const = 0;
};

/// What Prometheus is told: prometheus-cpp's registry and text format, behind the collectors of the parts.
///
/// Numbers that a part keeps anyway are read when somebody asks, so that counting costs nothing more on the
/// way of a request, and what is gone (a server that was removed) is gone from the next scrape. Lives on the
/// event loop's thread.
class Metrics
{
public:
    /// `version`: of this program.
    explicit Metrics(const QString &version);
    ~Metrics();
    Q_DISABLE_COPY_MOVE(Metrics)

    /// What the collector looks at outlives this, or is looked up with each scrape.
    void add(std::unique_ptr<ICollector> collector);

    /// The text exposition format, version 0.0.4.
    QByteArray text() const;

private:
    struct Private;

    std::unique_ptr<Private> m_private;
};

/// As metrics have their times.
constexpr double inSeconds(std::chrono::nanoseconds time)
{
    return std::chrono::duration<double>(time).count();
}

} // namespace cring::telemetry
