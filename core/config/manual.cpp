// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/manual.h"

#include "core/base/roff.h"
#include "core/config/settings.h"

namespace cring::config {

namespace {

QString heading(const Section &section)
{
    const QString name = QLatin1String(section.name);
    return roff::subsection(section.list ? QStringLiteral("[[%1]]").arg(name)
                                         : QStringLiteral("[%1]").arg(name));
}

/// Under what else the setting is known, and what it is without any of that.
template <typename Owner>
QString facts(const Setting<Owner> &row)
{
    QStringList facts;
    if (const QString fallback = toToml(row.read(Owner{})); fallback != QLatin1String("\"\""))
        facts << QStringLiteral("Default: `%1`.").arg(fallback);
    if (*row.flag != '\0')
        facts << QStringLiteral("Flag: `%1`.").arg(QLatin1String(row.flag));
    if (const QString variable = row.environment(); !variable.isEmpty())
        facts << QStringLiteral("Environment: `%1`.").arg(variable);
    return facts.join(u' ');
}

template <typename Owner>
QString entries(const Section &section, std::span<const Setting<Owner>> rows)
{
    QString out = heading(section) + roff::paragraph(QLatin1String(section.help));
    for (const Setting<Owner> &row : rows) {
        if (qstrcmp(row.section, section.name) != 0)
            continue;
        const QString range = row.range();
        const QString kind = row.typeName() + (range.isEmpty() ? QString() : QStringLiteral(", ") + range);
        out +=
            roff::entry(QStringLiteral("%1 (%2)").arg(roff::bold(QLatin1String(row.name)), roff::text(kind)),
                        (QLatin1String(row.help) + u' ' + facts(row)).trimmed());
    }
    return out;
}

QString beginning(const QString &version)
{
    return roff::head(QStringLiteral("charmedring.toml"), 5, version,
                      QStringLiteral("configuration of Charmed Ring")) +
           roff::section(QStringLiteral("Synopsis")) +
           roff::verbatim(QStringLiteral("$XDG_CONFIG_HOME/charmedring/config.toml\n"
                                         "/etc/charmedring/config.toml")) +
           roff::section(QStringLiteral("Description")) +
           roff::paragraph(QStringLiteral(
               "A setting comes from its flag, else from its environment variable, else from the file, else "
               "it has its default. The file is the one that `--config` names, else "
               "$XDG_CONFIG_HOME/charmedring/config.toml, that is, ~/.config/charmedring/config.toml. The "
               "system service is started with /etc/charmedring/config.toml.")) +
           roff::paragraph(QStringLiteral(
               "The file is TOML (https://toml.io). A key that is not known is an error, which names the "
               "nearest one that is. `cring config validate` tells all that is wrong, `cring config show` "
               "where each value comes from, and `cring config set` changes one line and leaves the others "
               "as they are. A running service reads the file again with `cring reload`; a bad file leaves "
               "the old configuration in force.")) +
           roff::paragraph(QStringLiteral(
               "Durations are text with a unit (\"1500ms\", \"2s\", \"10m\", \"1h30m\"), sizes are a number "
               "of bytes or text (\"16KiB\", \"1GiB\")."));
}

QString ending()
{
    return roff::section(QStringLiteral("Examples")) +
           roff::verbatim(QStringLiteral("[service]\n"
                                         "address = \":35354\"\n\n"
                                         "[[server]]\n"
                                         "name = \"charm1\"\n"
                                         "url = \"http://charm1:35354\"\n\n"
                                         "[[server]]\n"
                                         "name = \"charm2\"\n"
                                         "url = \"http://charm2:35354\"\n\n"
                                         "[[backup]]\n"
                                         "url = \"https://s3.example.org\"\n"
                                         "bucket = \"charm\"\n"
                                         "access_key = \"credential:cring.s3-access-key\"\n"
                                         "secret_key = \"credential:cring.s3-secret-key\"")) +
           roff::paragraph(QStringLiteral("`cring config sample` prints a file with every setting.")) +
           roff::section(QStringLiteral("See also")) +
           roff::paragraph(QStringLiteral("`cring`(1), `charmedring`(1), `systemd.exec`(5)"));
}

} // namespace

QString manualPage(const QString &version)
{
    QString out = beginning(version) + roff::section(QStringLiteral("Settings"));
    for (const Section &section : sections()) {
        if (qstrcmp(section.name, "server") == 0)
            out += entries(section, serverSettings());
        else if (qstrcmp(section.name, "backup") == 0)
            out += entries(section, backupSettings());
        else
            out += entries(section, settings());
    }
    return out + ending();
}

} // namespace cring::config
