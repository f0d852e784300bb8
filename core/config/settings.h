// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/config.h"
#include "core/config/value.h"

#include <span>
#include <variant>

namespace cring::config {

/// What a setting's value may be; each kind is read, checked and shown in its own way.
enum class Type {
    Text,
    Address,  ///< HOST:PORT to listen at, see parseEndpoint(). With `least` 0 it may be empty: off.
    File,     ///< A path of the file system.
    Choice,   ///< One of Setting::choices.
    Count,    ///< A whole number.
    Port,     ///< 1 to 65535.
    Bytes,    ///< "16KiB", or a number of bytes.
    Duration, ///< "2s", "1500ms".
    Weight,   ///< A number above 0.
    Url,      ///< Of a server, see parseServerUrl().
    Secret,   ///< Where a secret is kept, never the secret.
    Switch,   ///< true or false; on the command line a flag that takes no value.
    Node,     ///< Where a server's data directory is, see parseNodePlace(); may be "".
    KeyFile,  ///< Where a private key is kept, or one of Setting::choices; without any of these it may be "".
    Web,      ///< An address to call, see parseWebAddress(), or where one is kept, as KeyFile; may be "".
};

/// The part of a setting that does not depend on where its field lives.
struct SettingInfo
{
    const char *section; ///< The TOML table: "service", "identity", "limits", "repair" and so on.
    const char *name;    ///< The key in it.
    const char *flag;    ///< Of `cring serve`; "" when it has none.
    Type type;
    qint64 least;        ///< Inclusive; for Count, Bytes (bytes) and Duration (milliseconds).
    qint64 most;         ///< Inclusive.
    const char *choices; ///< For Choice and KeyFile: the words, separated by blanks.
    const char *help;    ///< One or two sentences.

    /// "service.address".
    QString key() const;
    /// The name in capitals after CRING_, with the section unless that is [service]: CRING_ADDRESS,
    /// CRING_LIMITS_HEADER_BYTES. "" for the lists [[server]] and [[backup]].
    QString environment() const;
    QStringList choiceList() const;
    /// "duration", "size", "HOST:PORT", "debug | info | warning | error".
    QString typeName() const;
    /// "milliseconds, from 1s to 10m" and the like; "" when nothing bounds it.
    QString range() const;
};

/// The field in its owner (Config, Server or Backup): an accessor for each type that a field may have.
template <typename Owner>
using Field =
    std::variant<QString &(*)(Owner &), QUrl &(*)(Owner &), int &(*)(Owner &), quint16 &(*)(Owner &),
                 qint64 &(*)(Owner &), double &(*)(Owner &), milliseconds &(*)(Owner &), bool &(*)(Owner &)>;

/// One row of the table from which help, `cring config`, the sample file and the reference page are made.
template <typename Owner>
struct Setting : SettingInfo
{
    Field<Owner> field;

    /// The field as TOML carries it: durations and sizes as text with their unit.
    Value read(const Owner &owner) const;
    /// Checks the value against type and bounds and writes the field. On an error (Code::ConfigBadValue,
    /// which says what was expected) the field keeps what it had.
    Status write(Owner &owner, const Value &value) const;
    /// As write(), for a value typed on a command line or in the environment.
    Status writeText(Owner &owner, const QString &text) const;
};

/// [service], [identity], [limits], [timing], [repair] and [spool], in the order of the sample file. Defaults
/// are the initialisers of Config.
std::span<const Setting<Config>> settings();
/// The keys of a [[server]].
std::span<const Setting<Server>> serverSettings();
/// The keys of a [[backup]].
std::span<const Setting<Backup>> backupSettings();

/// A flag that is not a key of the file: a shorthand for this start.
struct Shorthand
{
    const char *flag;
    const char *value; ///< Placeholder for help; "" for a switch.
    const char *help;

    /// CRING_HOST for --host.
    QString environment() const;
};

/// --host, --ssh-backend-port, --backup-…, --disable-accounts and --debug, as the Go original has them.
std::span<const Shorthand> shorthands();

/// What stands above a section in the sample file and the reference page.
struct Section
{
    const char *name;
    bool list; ///< [[name]]
    const char *help;
};

std::span<const Section> sections();

/// Row of settings() by key; nullptr for an unknown key.
const Setting<Config> *findSetting(const QString &key);

/// A running service takes the setting only when it is started again.
bool needsRestart(const QString &key);

extern template struct Setting<Config>;
extern template struct Setting<Server>;
extern template struct Setting<Backup>;

} // namespace cring::config
