// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/cuttexts.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPaintEngine>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>

namespace cring::test {

namespace {

constexpr QChar kDots(0x2026);

struct Drawn
{
    QString text;
    QRectF box;  ///< Of the letters.
    QRectF clip; ///< What of it can be seen.
};

/// Draws nothing, and keeps what would have been written where.
class Listener : public QPaintEngine
{
public:
    Listener()
        : QPaintEngine(AllFeatures)
    {
    }

    QList<Drawn> drawn;

    bool begin(QPaintDevice *) override { return true; }

    bool end() override { return true; }

    Type type() const override { return User; }

    void updateState(const QPaintEngineState &now) override
    {
        if (now.state() & DirtyTransform)
            m_transform = now.transform();
    }

    void drawTextItem(const QPointF &at, const QTextItem &item) override
    {
        const QRectF box(at.x(), at.y() - item.ascent(), item.width(), item.ascent() + item.descent());
        const QRectF all(0, 0, paintDevice()->width(), paintDevice()->height());
        const QRectF clip =
            painter()->hasClipping() ? m_transform.mapRect(painter()->clipBoundingRect()) : all;
        drawn.append({item.text(), m_transform.mapRect(box), clip.intersected(all)});
    }

    void drawPixmap(const QRectF &, const QPixmap &, const QRectF &) override {}

    void drawTiledPixmap(const QRectF &, const QPixmap &, const QPointF &) override {}

    void drawImage(const QRectF &, const QImage &, const QRectF &, Qt::ImageConversionFlags) override {}

    void drawPath(const QPainterPath &) override {}

    void drawPolygon(const QPointF *, int, PolygonDrawMode) override {}

    void drawPolygon(const QPoint *, int, PolygonDrawMode) override {}

    void drawRects(const QRectF *, int) override {}

    void drawRects(const QRect *, int) override {}

    void drawLines(const QLineF *, int) override {}

    void drawLines(const QLine *, int) override {}

    void drawEllipse(const QRectF &) override {}

    void drawEllipse(const QRect &) override {}

    void drawPoints(const QPointF *, int) override {}

    void drawPoints(const QPoint *, int) override {}

private:
    QTransform m_transform;
};

/// As large, and with letters as large, as a widget.
class Sheet : public QPaintDevice
{
public:
    explicit Sheet(const QWidget &like)
        : m_like(like)
    {
    }

    QPaintEngine *paintEngine() const override { return &m_listener; }

    const QList<Drawn> &drawn() const { return m_listener.drawn; }

protected:
    int metric(PaintDeviceMetric what) const override
    {
        switch (what) {
        case PdmWidth:
            return m_like.width();
        case PdmHeight:
            return m_like.height();
        case PdmWidthMM:
            return m_like.widthMM();
        case PdmHeightMM:
            return m_like.heightMM();
        case PdmDpiX:
        case PdmPhysicalDpiX:
            return m_like.logicalDpiX();
        case PdmDpiY:
        case PdmPhysicalDpiY:
            return m_like.logicalDpiY();
        case PdmDepth:
            return 32;
        case PdmDevicePixelRatio:
            return 1;
        case PdmDevicePixelRatioScaled:
            return static_cast<int>(devicePixelRatioFScale());
        default:
            return QPaintDevice::metric(what);
        }
    }

private:
    const QWidget &m_like;
    mutable Listener m_listener;
};

/// The view whose cells or headings a widget shows.
const QAbstractItemView *viewOf(const QWidget *widget)
{
    const auto *view = qobject_cast<const QAbstractItemView *>(widget->parentWidget());
    return view && view->viewport() == widget ? view : nullptr;
}

/// Its own words end in dots.
bool meansDots(const QWidget *widget, const QString &text)
{
    if (const auto *button = qobject_cast<const QAbstractButton *>(widget))
        return button->text().contains(kDots);
    if (const auto *label = qobject_cast<const QLabel *>(widget))
        return label->text().contains(kDots);
    if (const auto *box = qobject_cast<const QComboBox *>(widget))
        return box->currentText().contains(kDots);
    if (const auto *line = qobject_cast<const QLineEdit *>(widget))
        return line->placeholderText() == text;
    return false;
}

QString place(const QWidget *widget)
{
    const QString name = widget->accessibleName();
    return QString::fromLatin1(widget->metaObject()->className()) +
           (name.isEmpty() ? QString() : u' ' + name);
}

class Reader
{
public:
    QStringList found;

    void look(QWidget *widget)
    {
        if (!widget->isVisible())
            return;
        lookAtPlace(widget);
        lookAtTexts(widget);
        const QList<QWidget *> children = widget->findChildren<QWidget *>(Qt::FindDirectChildrenOnly);
        for (QWidget *child : children) {
            if (!child->isWindow())
                look(child);
        }
    }

private:
    void add(const QWidget *widget, const QString &what)
    {
        const QString line = place(widget) + QStringLiteral(": ") + what;
        if (!found.contains(line))
            found.append(line);
    }

    void lookAtPlace(const QWidget *widget)
    {
        const QWidget *parent = widget->parentWidget();
        if (const auto *area = qobject_cast<const QScrollArea *>(widget)) {
            if (area->horizontalScrollBar()->maximum() > 0)
                add(widget, QStringLiteral("has to be scrolled sideways"));
        }
        if (widget->isWindow() || widget->objectName().startsWith(QStringLiteral("qt_")))
            return;
        const auto *area = qobject_cast<const QAbstractScrollArea *>(parent->parentWidget());
        const bool scrolled = area && area->viewport() == parent;
        if (!scrolled && !parent->rect().contains(widget->geometry()))
            add(widget, QStringLiteral("sticks out of %1").arg(place(parent)));
    }

    void lookAtTexts(QWidget *widget)
    {
        const auto *line = qobject_cast<const QLineEdit *>(widget);
        if (line && !line->text().isEmpty())
            return; // One goes through it with the keyboard.
        Sheet sheet(*widget);
        widget->render(&sheet, QPoint(), QRegion(widget->rect()), QWidget::DrawWindowBackground);
        const QAbstractItemView *view = viewOf(widget);
        for (const Drawn &drawn : sheet.drawn()) {
            if (!drawn.text.trimmed().isEmpty())
                lookAt(widget, view, drawn);
        }
    }

    void lookAt(const QWidget *widget, const QAbstractItemView *view, const Drawn &drawn)
    {
        const bool isHeading = qobject_cast<const QHeaderView *>(view);
        if (drawn.text.contains(kDots) && (!view || isHeading) && !meansDots(widget, drawn.text))
            add(widget, QStringLiteral("“%1” ends in dots").arg(drawn.text));
        // Less than the room between two letters, or two lines.
        const double aside = drawn.box.height() / 6;
        const double below = drawn.box.height() / 6;
        const bool wide =
            drawn.box.left() < drawn.clip.left() - aside || drawn.box.right() > drawn.clip.right() + aside;
        const bool tall =
            drawn.box.top() < drawn.clip.top() - below || drawn.box.bottom() > drawn.clip.bottom() + below;
        if (view) {
            // Rows and columns at the edge are there in part.
            const bool scrolls = view->horizontalScrollBar()->maximum() > 0 || isHeading;
            if (wide && !scrolls)
                add(widget, QStringLiteral("“%1” is cut off").arg(drawn.text));
            return;
        }
        if (wide || tall)
            add(widget, QStringLiteral("“%1” is cut off").arg(drawn.text));
    }
};

} // namespace

QStringList cutTexts(QWidget &window, const QSize &screen)
{
    Reader reader;
    reader.look(&window);
    if (window.width() > screen.width() || window.height() > screen.height())
        reader.found.prepend(
            QStringLiteral("%1 takes %2 × %3").arg(place(&window)).arg(window.width()).arg(window.height()));
    return reader.found;
}

} // namespace cring::test
