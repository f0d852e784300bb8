// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/config/problem.h"

#include <QByteArray>
#include <QHash>

namespace cring::config {

/// What a file says, read as far as it can be understood.
struct FileContent
{
    Config config;
    QHash<QString, Place>
        places;              ///< Of each key that the file sets ("server[0].url") and of each list entry.
    QList<Problem> problems; ///< All of them, not only the first; a syntax error ends the reading.
};

/// Reads TOML 1.0 text; name stands in the places. Values are checked one by one (type, bounds); what they
/// mean together is validate()'s business. Any thread.
FileContent readToml(const QByteArray &text, const QString &name);

/// Where a key's value stands in the text, for an edit that leaves everything else alone. Lines and columns
/// count from 1, columns in code points.
struct ValueSpan
{
    bool present = false; ///< The key is set, and begin to end is its value.
    int beginLine = 0;
    int beginColumn = 0;
    int endLine = 0;
    int endColumn = 0;   ///< One past the last.
    int headerLine = 0;  ///< Where the section begins; 0 = it is not there.
    int sectionLine = 0; ///< Line after which a new key of the section goes; 0 = the section is not there.
};

/// Finds a key in a text that readToml() could parse. section is "service", or "server[1]" for the second
/// [[server]].
ValueSpan findValue(const QByteArray &text, const QString &section, const QString &key);

} // namespace cring::config
