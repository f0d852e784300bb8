// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/metrics.h"

#include "core/telemetry/latencyhistogram.h"

#include <prometheus/check_names.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <string_view>
#include <unordered_map>
#include <vector>

namespace cring::telemetry {

namespace {

prometheus::MetricType typeOf(MetricType type)
{
    switch (type) {
    case MetricType::Counter:
        return prometheus::MetricType::Counter;
    case MetricType::Gauge:
        return prometheus::MetricType::Gauge;
    case MetricType::Histogram:
        break;
    }
    return prometheus::MetricType::Histogram;
}

std::vector<prometheus::ClientMetric::Label> labelsOf(const Labels &labels)
{
    std::vector<prometheus::ClientMetric::Label> list;
    list.reserve(labels.size());
    for (const Label &label : labels)
        list.push_back({label.name, label.value.toStdString()});
    return list;
}

} // namespace

// ---- samples ----

struct Samples::Families
{
    prometheus::ClientMetric &newSample(const Metric &metric, const Labels &labels)
    {
        const auto [found, isNew] = indexes.try_emplace(metric.name, list.size());
        if (isNew) {
            Q_ASSERT(prometheus::CheckMetricName(metric.name));
            list.push_back({metric.name, metric.help, typeOf(metric.type), {}});
        }
        prometheus::MetricFamily &family = list[found->second];
        Q_ASSERT(family.type == typeOf(metric.type));
        prometheus::ClientMetric &sample = family.metric.emplace_back();
        sample.label = labelsOf(labels);
        return sample;
    }

    std::vector<prometheus::MetricFamily> list;
    std::unordered_map<std::string_view, size_t> indexes; ///< The names are constants of the collectors.
};

Samples::Samples()
    : m_families(std::make_unique<Families>())
{
}

Samples::~Samples() = default;

void Samples::add(const Metric &metric, double value, const Labels &labels)
{
    Q_ASSERT(metric.type != MetricType::Histogram);
    prometheus::ClientMetric &sample = m_families->newSample(metric, labels);
    if (metric.type == MetricType::Counter)
        sample.counter.value = value;
    else
        sample.gauge.value = value;
}

void Samples::add(const Metric &metric, const LatencyHistogram &histogram, const Labels &labels)
{
    Q_ASSERT(metric.type == MetricType::Histogram);
    prometheus::ClientMetric::Histogram &out = m_families->newSample(metric, labels).histogram;
    out.bucket.reserve(LatencyHistogram::bounds.size());
    quint64 upToHere = 0;
    for (size_t i = 0; i < LatencyHistogram::bounds.size(); ++i) {
        upToHere += histogram.inClass(i);
        out.bucket.push_back({upToHere, inSeconds(LatencyHistogram::bounds[i])});
    }
    out.sample_count = upToHere + histogram.inClass(LatencyHistogram::bounds.size());
    out.sample_sum = inSeconds(histogram.sum());
}

void Samples::addState(const Metric &metric, const QString &state, std::initializer_list<const char *> states,
                       const Label &label)
{
    for (const char *name : states)
        add(metric, state == QLatin1String(name) ? 1 : 0, {label, {"state", QString::fromLatin1(name)}});
}

// ---- the whole ----

struct Metrics::Private
{
    prometheus::Registry registry; ///< Of what has no part that keeps it.
    prometheus::Counter *scrapes = nullptr;
    std::vector<std::unique_ptr<ICollector>> collectors;
};

Metrics::Metrics(const QString &version)
    : m_private(std::make_unique<Private>())
{
    prometheus::BuildGauge()
        .Name("cring_build_info")
        .Help("Always 1; the labels say which version this is, and which Qt it runs with.")
        .Register(m_private->registry)
        .Add({{"version", version.toStdString()}, {"qt", qVersion()}})
        .Set(1);
    m_private->scrapes = &prometheus::BuildCounter()
                              .Name("cring_scrapes_total")
                              .Help("How often the metrics were asked for, this time included.")
                              .Register(m_private->registry)
                              .Add({});
}

Metrics::~Metrics() = default;

void Metrics::add(std::unique_ptr<ICollector> collector)
{
    m_private->collectors.push_back(std::move(collector));
}

QByteArray Metrics::text() const
{
    m_private->scrapes->Increment();
    Samples samples;
    for (const auto &collector : m_private->collectors)
        collector->collect(samples);
    const prometheus::TextSerializer serializer;
    return QByteArray::fromStdString(serializer.Serialize(m_private->registry.Collect()) +
                                     serializer.Serialize(samples.m_families->list));
}

} // namespace cring::telemetry
