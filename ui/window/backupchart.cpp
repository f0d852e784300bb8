// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/backupchart.h"

#include "ui/models/wording.h"
#include "ui/widgets/card.h"
#include "ui/widgets/theme.h"

#include <QChart>
#include <QChartView>
#include <QEvent>
#include <QGraphicsLayout>
#include <QLabel>
#include <QLineSeries>
#include <QVBoxLayout>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace cring::ui {

using models::BackupHistory;
using models::Wording;
using Sample = BackupHistory::Sample;

namespace {

constexpr qint64 kMinuteMs = 60'000;
constexpr int kHours = 24;

double filesOf(const Sample &sample)
{
    return static_cast<double>(sample.files);
}

double minutesOf(const Sample &sample)
{
    return static_cast<double>(sample.ageMs) / static_cast<double>(kMinuteMs);
}

/// Somebody looked all the time between the two.
bool isNext(const Sample &one, const Sample &other)
{
    return other.timeMs - one.timeMs <= 3 * BackupHistory::stepMs;
}

void fit(QValueAxis *axis, double most)
{
    // Whole steps, and never a line on the upper edge.
    constexpr int kSteps = 4;
    axis->setRange(0, std::max(1.0, std::ceil(most * 1.1 / kSteps)) * kSteps);
    axis->setTickCount(kSteps + 1);
}

} // namespace

BackupChart::BackupChart(QWidget *parent)
    : QWidget(parent)
    , m_chart(new QChart)
    , m_time(new QValueAxis)
    , m_files(new QValueAxis)
    , m_age(new QValueAxis)
    , m_words(mutedLabel(this))
{
    m_chart->legend()->hide();
    m_chart->setMargins({0, 2 * spacingStep, 2 * spacingStep, 0});
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_chart->setBackgroundRoundness(0);
    m_chart->setBackgroundVisible(false);
    m_chart->addAxis(m_time, Qt::AlignBottom);
    m_chart->addAxis(m_files, Qt::AlignLeft);
    m_chart->addAxis(m_age, Qt::AlignRight);
    m_time->setLabelFormat(QStringLiteral("%d h"));
    m_time->setTickCount(kHours / 4 + 1);
    m_time->setRange(-kHours, 0);
    m_files->setLabelFormat(QStringLiteral("%d"));
    m_age->setLabelFormat(QStringLiteral("%d"));
    auto *view = new QChartView(m_chart, this);
    view->setRenderHint(QPainter::Antialiasing);
    view->setFrameShape(QFrame::NoFrame);
    view->setBackgroundBrush(Qt::NoBrush);
    view->viewport()->setAutoFillBackground(false);
    view->setFocusPolicy(Qt::NoFocus);
    view->setMinimumHeight(fontMetrics().height() * 11);
    view->setAccessibleName(tr("How much waited for the bucket"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2 * spacingStep);
    layout->addWidget(view, 1);
    layout->addWidget(m_words);
    style();
}

void BackupChart::setSamples(const Samples &samples, qint64 nowMs)
{
    if (m_samples == samples && m_nowMs / BackupHistory::stepMs == nowMs / BackupHistory::stepMs)
        return;
    m_samples = samples;
    m_nowMs = nowMs;
    draw();
}

void BackupChart::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        style();
        draw();
    }
}

void BackupChart::style()
{
    const Theme theme = Theme::of(palette());
    for (QValueAxis *axis : {m_time, m_files, m_age}) {
        axis->setLabelsFont(font());
        axis->setTitleFont(font());
        axis->setLabelsColor(theme.muted);
        axis->setTitleBrush(theme.muted);
        axis->setLinePenColor(theme.line);
        axis->setGridLineColor(theme.line);
    }
    m_age->setGridLineVisible(false);
    m_time->setGridLineVisible(false);
    m_files->setTitleText(tr("files"));
    m_age->setTitleText(tr("minutes"));
}

void BackupChart::addRuns(const Samples &samples, QValueAxis *axis, const QColor &colour, bool isDashed,
                          const std::function<double(const Sample &)> &valueOf)
{
    QLineSeries *series = nullptr;
    for (qsizetype i = 0; i < samples.size(); ++i) {
        if (!series || !isNext(samples.at(i - 1), samples.at(i))) {
            series = new QLineSeries;
            series->setPen(QPen(colour, 2, isDashed ? Qt::DashLine : Qt::SolidLine));
            m_chart->addSeries(series);
            series->attachAxis(m_time);
            series->attachAxis(axis);
        }
        constexpr double kHourMs = 3'600'000;
        series->append(static_cast<double>(samples.at(i).timeMs - m_nowMs) / kHourMs, valueOf(samples.at(i)));
    }
}

void BackupChart::draw()
{
    m_chart->removeAllSeries();
    if (m_nowMs == 0)
        return;
    double mostFiles = 0;
    double mostMinutes = 0;
    for (const Sample &sample : std::as_const(m_samples)) {
        mostFiles = std::max(mostFiles, filesOf(sample));
        mostMinutes = std::max(mostMinutes, minutesOf(sample));
    }
    fit(m_files, mostFiles);
    fit(m_age, mostMinutes);
    const Theme theme = Theme::of(palette());
    addRuns(m_samples, m_files, theme.accent, false, filesOf);
    addRuns(m_samples, m_age, theme.warning, true, minutesOf);
    m_words->setText(words());
}

/// What the lines say, for those who do not see them.
QString BackupChart::words() const
{
    if (m_samples.isEmpty())
        return tr("The window has not looked yet.");
    const auto most = std::ranges::max_element(m_samples, {}, &Sample::files);
    const auto oldest = std::ranges::max_element(m_samples, {}, &Sample::ageMs);
    const QString since = Wording::age(m_samples.first().timeMs, m_nowMs);
    if (most->files == 0)
        return m_nowMs - m_samples.first().timeMs < kMinuteMs
                   ? tr("Nothing waits.")
                   : tr("Nothing had to wait for more than a moment in the last %1.").arg(since);
    return tr("In the last %1 at most %2 waited at once (%3, the line), and none longer than %4 (dashed).")
        .arg(since, Wording::files(most->files), Wording::bytes(most->bytes),
             Wording::duration(std::chrono::milliseconds(oldest->ageMs)));
}

} // namespace cring::ui
