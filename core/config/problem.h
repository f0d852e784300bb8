// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"

#include <QString>

namespace cring::config {

/// Where a setting was written.
struct Place
{
    QString source; ///< A file, an environment variable or a flag.
    int line = 0;   ///< From 1; 0 when the source is not a file.
    int column = 0; ///< From 1, in characters.

    /// "config.toml:3:1", "CRING_ADDRESS" or "--address"; "" when unknown.
    QString toString() const;
    bool operator==(const Place &) const = default;
};

/// One thing that is wrong with a configuration. All of them are collected: nobody has to fix one to see the
/// next.
struct Problem
{
    Code code;
    QString key;    ///< "service.address", "server[0].url"; "" when it is about the whole.
    QString detail; ///< For a person, with what to do; without the place.
    Place place = {};

    /// "config.toml:3:1: CR-1002: unknown key …".
    QString toString() const;
};

} // namespace cring::config
