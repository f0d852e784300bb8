// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/theme.h"

#include <cmath>

namespace cring::ui {

namespace {

/// Nothing but black and white has more than this.
constexpr double kHighContrast = 20.5;

QColor hex(const char *name)
{
    return QColor(QLatin1String(name));
}

double luminance(const QColor &colour)
{
    const auto linear = [](float value) {
        const auto v = static_cast<double>(value);
        return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
           0.0722 * linear(colour.blueF());
}

Theme highContrast(const QPalette &palette)
{
    Theme theme = palette.windowText().color().lightness() > palette.window().color().lightness()
                      ? Theme::dark()
                      : Theme::light();
    theme.kind = Theme::Kind::HighContrast;
    theme.ground = palette.window().color();
    theme.card = palette.base().color();
    theme.text = palette.text().color();
    theme.muted = theme.text;
    theme.line = theme.text;
    theme.accent = palette.highlight().color();
    theme.chosen = palette.highlight().color();
    return theme;
}

} // namespace

double contrast(const QColor &one, const QColor &other)
{
    const double a = luminance(one) + 0.05;
    const double b = luminance(other) + 0.05;
    return a > b ? a / b : b / a;
}

Theme Theme::light()
{
    return {Kind::Light,
            hex("#f4f5f7"),
            hex("#ffffff"),
            hex("#1d2430"),
            hex("#5f697c"),
            hex("#d9dde4"),
            hex("#3a78c3"),
            hex("#e1edfa"),
            hex("#2e8b57"),
            hex("#b86e00"),
            hex("#c0392b"),
            {hex("#3a78c3"), hex("#2a9d8f"), hex("#7b5fc0"), hex("#b0578d"), hex("#6b8e23"), hex("#8c6d46")}};
}

Theme Theme::dark()
{
    return {Kind::Dark,
            hex("#1b1e24"),
            hex("#242932"),
            hex("#e6e9ee"),
            hex("#9da7b7"),
            hex("#3a414d"),
            hex("#5c9ce6"),
            hex("#2b3a4f"),
            hex("#4cb97d"),
            hex("#e8a33d"),
            hex("#e5695b"),
            {hex("#5c9ce6"), hex("#45c0b0"), hex("#a48be0"), hex("#d583b4"), hex("#9ac04c"), hex("#c29d70")}};
}

Theme Theme::of(const QPalette &palette)
{
    const QColor window = palette.window().color();
    const QColor text = palette.windowText().color();
    if (contrast(window, text) > kHighContrast)
        return highContrast(palette);
    return text.lightness() > window.lightness() ? dark() : light();
}

QColor Theme::tone(models::Tone tone) const
{
    switch (tone) {
    case models::Tone::Good:
        return good;
    case models::Tone::Busy:
        return accent;
    case models::Tone::Warning:
        return warning;
    case models::Tone::Bad:
        return bad;
    case models::Tone::Unknown:
        break;
    }
    return muted;
}

QPalette Theme::palette() const
{
    QPalette palette(card, ground);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, card);
    palette.setColor(QPalette::AlternateBase, ground);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::Highlight, accent);
    palette.setColor(QPalette::HighlightedText, kind == Kind::Dark ? ground : card);
    palette.setColor(QPalette::Link, accent);
    palette.setColor(QPalette::ToolTipBase, card);
    palette.setColor(QPalette::ToolTipText, text);
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, muted);
    return palette;
}

} // namespace cring::ui
