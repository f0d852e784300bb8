// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/config/problem.h"

#include <QHash>
#include <QMap>
#include <QProcessEnvironment>
#include <QStringList>

#include <optional>

namespace cring::config {

/// Everything a configuration is made from. Injected, so that a test needs no environment of its own.
struct Sources
{
    /// The file to read. "" = defaultFile() of environment, which need not exist; a named one must.
    QString file;
    /// CRING_… variables, and what defaultFile() needs.
    QProcessEnvironment environment;
    /// Key of the table to the text given with its flag.
    QMap<QString, QString> flags;

    // The shorthands of the command line, see shorthands().
    QStringList hosts;
    std::optional<QString> sshBackendPort;
    std::optional<QString> backupUrl;
    std::optional<QString> backupBucket;
    std::optional<QString> backupZone;
    bool disableAccounts = false;
    bool debug = false;
};

enum class Origin { Default, File, Environment, Flag };

/// A configuration, and what is wrong with it.
struct Loaded
{
    Config config; ///< Use it only when problems is empty.
    QString file;  ///< What was read; "" when there is none.
    QHash<QString, Origin>
        origins;             ///< Of "service.address" and so on, "server" and "backup"; absent = Default.
    QList<Problem> problems; ///< Each with its place.
    QStringList warnings;    ///< Allowed, but to be said.

    bool ok() const { return problems.isEmpty(); }

    Origin originOf(const QString &key) const { return origins.value(key, Origin::Default); }

    /// All problems, a line each.
    QString problemText() const;
};

/// $XDG_CONFIG_HOME/charmedring/config.toml, or the same below ~/.config.
QString defaultFile(const QProcessEnvironment &environment);

/// Reads the file, the environment and the flags, each over the one before, and validates the result.
/// Blocking file access; any thread.
Loaded load(const Sources &sources);

/// As load() for one text: no environment, no flags. name stands in the places.
Loaded loadText(const QByteArray &text, const QString &name);

} // namespace cring::config
