// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"
#include "ui/models/serversmodel.h"

#include <QWidget>

namespace cring::ui {

/// A bar for each server: of what it should have, what it has; with the figures beside it. A click on one
/// says which.
class PlacementBars : public QWidget
{
    Q_OBJECT

public:
    explicit PlacementBars(QWidget *parent = nullptr);

    void setSnapshot(const control::Snapshot &snapshot);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void serverClicked(const QString &server);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    bool event(QEvent *event) override;

private:
    struct Bar
    {
        QString server;
        QString figures;
        QString words;      ///< The tool tip.
        double present = 0; ///< Of what is wanted or there.
        double extra = 0;   ///< The same.
        double missing = 0;
        models::Tone tone = models::Tone::Unknown;
        bool usable = true;

        bool operator==(const Bar &) const = default;
    };

    static Bar barOf(const control::BackendStatus &backend);
    int rowHeight() const;
    int barAt(const QPoint &position) const;

    QList<Bar> m_bars;
};

/// How many files have no good copy, one, two …: columns with their figures.
class SafetyColumns : public QWidget
{
    Q_OBJECT

public:
    explicit SafetyColumns(QWidget *parent = nullptr);

    void setSnapshot(const control::Snapshot &snapshot);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<qint64> m_files; ///< [n]: with n copies.
    int m_wanted = 0;
};

} // namespace cring::ui
