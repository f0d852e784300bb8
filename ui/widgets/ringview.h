// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"
#include "ui/models/placement.h"

#include <QWidget>

namespace cring::ui {

struct Theme;

/// Where the copies of the files are: a track for the first copies, one for the second ones and one for the
/// third ones, each with arcs in the colours of the servers that keep them. What is in line from the middle
/// outwards are copies of the same files; they are sorted, so that arcs are few. Until it is known who keeps
/// what, there is one track, with each server's part of all copies. A server that cannot be used is hatched;
/// an amber rim is what it is owed. In the middle, how many files there are.
class RingView : public QWidget
{
    Q_OBJECT

public:
    explicit RingView(QWidget *parent = nullptr);

    void setSnapshot(const control::Snapshot &snapshot);
    void setPlacement(const QList<models::PlacementGroup> &groups);

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
    struct Server
    {
        QString name;
        QString words;    ///< The tool tip.
        double share = 0; ///< Of all copies.
        double owed = 0;  ///< Of what it should hold.
        bool usable = true;

        bool operator==(const Server &) const = default;
    };

    struct Arc
    {
        int server = 0;
        int track = 0;
        double from = 0; ///< Of the circle, from the top, clockwise.
        double span = 0;

        double to() const { return from + span; }
    };

    static QList<Server> serversOf(const control::Snapshot &snapshot);
    /// From the groups, or from the shares alone.
    void arrange();
    bool arrangeGroups();
    QRectF circle() const;
    double thickness() const;
    /// The outer edge of a track; of the one after the last, the hole.
    QRectF edge(int track) const;
    void drawArc(QPainter &painter, const Arc &arc, const Theme &theme) const;
    void drawMiddle(QPainter &painter, const Theme &theme) const;
    const Arc *arcAt(const QPointF &position) const;
    QString wordsOf(const Arc &arc) const;

    QList<Server> m_servers;
    QList<models::PlacementGroup> m_groups;
    QList<Arc> m_arcs;
    int m_tracks = 1;
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
