// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringView>
#include <QTime>

#include <optional>

namespace cring::config {

/// A time of day, every day; over midnight where `to` is the earlier one.
struct Window
{
    QTime from;
    QTime to; ///< No longer part of it.

    bool contains(QTime time) const
    {
        return from <= to ? from <= time && time < to : from <= time || time < to;
    }
};

/// "22:00-06:00". Nothing when it is not that, or has no length.
std::optional<Window> parseWindow(QStringView text);

} // namespace cring::config
