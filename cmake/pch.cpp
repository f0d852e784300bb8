// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once so that the precompiled header exists before the libraries that use it.
