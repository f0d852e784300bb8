// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"

#include <QWidget>

namespace cring::ui {

struct Theme;

/// The servers as arcs of a ring, each as long as its part of the copies. A server that cannot be used is
/// hatched; an amber rim is what it is owed. In the middle, how many files there are.
class RingView : public QWidget
{
    Q_OBJECT

public:
    explicit RingView(QWidget *parent = nullptr);

    void setSnapshot(const control::Snapshot &snapshot);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void serverClicked(const QString &server);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    bool event(QEvent *event) override;

private:
    struct Arc
    {
        QString name;
        QString words;    ///< The tool tip.
        double share = 0; ///< Of the circle.
        double owed = 0;  ///< Of the arc.
        bool usable = true;

        bool operator==(const Arc &) const = default;
    };

    static QList<Arc> arcsOf(const control::Snapshot &snapshot);
    QRectF circle() const;
    void drawArc(QPainter &painter, const Arc &arc, int index, double from, const Theme &theme) const;
    void drawMiddle(QPainter &painter, const Theme &theme) const;
    /// −1 when there is none.
    int arcAt(const QPointF &position) const;

    QList<Arc> m_arcs;
    QString m_figure;
    QString m_meaning;
};

/// What the colours of a RingView mean: a server a line, with its name.
class RingLegend : public QWidget
{
    Q_OBJECT

public:
    explicit RingLegend(QWidget *parent = nullptr);

    void setSnapshot(const control::Snapshot &snapshot);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Entry
    {
        QString words;
        bool usable = true;

        bool operator==(const Entry &) const = default;
    };

    int rowHeight() const;

    QList<Entry> m_entries;
    bool m_owed = false; ///< The rim is explained, too.
};

} // namespace cring::ui
