// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace cring::config {

/// A configuration file with every setting, its default and its help; two example servers. Committed as
/// docs/config.sample.toml; a test compares.
QString sampleFile();

/// The page of all settings, in Markdown. Committed as docs/configuration.md; a test compares.
QString referencePage();

} // namespace cring::config
