// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/backuphistory.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QChart;
class QLabel;
class QLineSeries;
class QValueAxis;
QT_END_NAMESPACE

namespace cring::ui {

/// How much waited for a bucket in the last day, and how long the oldest of it had waited.
class BackupChart : public QWidget
{
    Q_OBJECT

public:
    explicit BackupChart(QWidget *parent = nullptr);

    /// The oldest first; `nowMs` is the chart's right end.
    void setSamples(const QList<models::BackupHistory::Sample> &samples, qint64 nowMs);

protected:
    void changeEvent(QEvent *event) override;

private:
    using Samples = QList<models::BackupHistory::Sample>;

    void draw();
    void style();
    void addRuns(const Samples &samples, QValueAxis *axis, const QColor &colour, bool isDashed,
                 const std::function<double(const models::BackupHistory::Sample &)> &valueOf);
    QString words() const;

    Samples m_samples;
    qint64 m_nowMs = 0;
    QChart *m_chart;
    QValueAxis *m_time; ///< Hours before now: a QDateTimeAxis of Qt 6.4 draws no labels.
    QValueAxis *m_files;
    QValueAxis *m_age;
    QLabel *m_words;
};

} // namespace cring::ui
