// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/window.h"

namespace cring::config {

std::optional<Window> parseWindow(QStringView text)
{
    const auto dash = text.indexOf(u'-');
    if (dash < 0)
        return std::nullopt;
    const auto time = [](QStringView part) {
        return QTime::fromString(part.trimmed().toString(), QStringLiteral("HH:mm"));
    };
    const Window window{time(text.first(dash)), time(text.sliced(dash + 1))};
    if (!window.from.isValid() || !window.to.isValid() || window.from == window.to)
        return std::nullopt;
    return window;
}

} // namespace cring::config
