// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cring::ui {

/// By this name desktops know the window: its desktop entry, the name on the bus by which it is started
/// (Desktop Entry Specification, D-Bus Activation; both are the same, and a bus wants dots), its AppStream
/// component, the windows of Wayland, its notifications. packaging/desktop has files of that name.
inline constexpr const char *applicationId = "org.charmedring.CharmedRing";
/// Where it is on the bus: the same with slashes.
inline constexpr const char *applicationPath = "/org/charmedring/CharmedRing";

} // namespace cring::ui
