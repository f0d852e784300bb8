// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/document.h"

#include "core/config/settings.h"

#include <algorithm>

namespace cring::config {

namespace {

constexpr qsizetype kColumns = 100;

/// Paragraph of comment lines.
QString comment(const QString &text)
{
    QString out;
    QString line = QStringLiteral("#");
    for (const QString &word : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        if (line.size() + 1 + word.size() > kColumns) {
            out += line + QLatin1Char('\n');
            line = QStringLiteral("#");
        }
        line += QLatin1Char(' ') + word;
    }
    return out + line + QLatin1Char('\n');
}

QString header(const Section &section)
{
    const QString name = QLatin1String(section.name);
    return section.list ? QStringLiteral("[[%1]]").arg(name) : QStringLiteral("[%1]").arg(name);
}

QString kindAndRange(const SettingInfo &info)
{
    const QString range = info.range();
    return range.isEmpty() ? info.typeName() : info.typeName() + QStringLiteral(", ") + range;
}

template <typename Owner>
QString assignment(const Setting<Owner> &row, const Owner &owner)
{
    return QStringLiteral("%1 = %2\n").arg(QLatin1String(row.name), toToml(row.read(owner)));
}

QString sampleSection(const Section &section)
{
    QString out;
    for (const Setting<Config> &row : settings()) {
        if (qstrcmp(row.section, section.name) != 0)
            continue;
        out += comment(QStringLiteral("%1 (%2)").arg(QLatin1String(row.help), kindAndRange(row)));
        out += QLatin1Char('#') + assignment(row, Config{});
    }
    return out;
}

QString sampleServers(const Section &section)
{
    QString out;
    for (const Setting<Server> &row : serverSettings())
        out += comment(QStringLiteral("%1: %2").arg(QLatin1String(row.name), QLatin1String(row.help)));
    for (int i = 1; i <= 2; ++i) {
        Server server;
        server.name = QStringLiteral("charm%1").arg(i);
        server.url = QUrl(QStringLiteral("http://charm%1:35354").arg(i));
        out += QLatin1Char('\n') + header(section) + QLatin1Char('\n');
        for (const Setting<Server> &row : serverSettings()) {
            const QString name = QLatin1String(row.name);
            const bool needed = name == QLatin1String("name") || name == QLatin1String("url");
            if (name != QLatin1String("id"))
                out += (needed ? QString() : QStringLiteral("#")) + assignment(row, server);
        }
    }
    return out;
}

QString sampleBackup(const Section &section)
{
    Backup backup;
    backup.url = QStringLiteral("https://s3.example.org");
    backup.bucket = QStringLiteral("charm");
    backup.name = QStringLiteral("offsite");
    backup.id = backup.name;
    QString out;
    for (const Setting<Backup> &row : backupSettings())
        out += comment(QStringLiteral("%1: %2").arg(QLatin1String(row.name), QLatin1String(row.help)));
    out += QLatin1Char('#') + header(section) + QLatin1Char('\n');
    for (const Setting<Backup> &row : backupSettings())
        out += QLatin1Char('#') + assignment(row, backup);
    return out;
}

QString cell(QString text)
{
    return text.replace(QLatin1Char('|'), QLatin1String("\\|"));
}

QString code(const QString &text)
{
    return text.isEmpty() ? QString() : QStringLiteral("`%1`").arg(cell(text));
}

template <typename Owner>
QString referenceTable(const Section &section, std::span<const Setting<Owner>> rows)
{
    QString out = section.list ? QStringLiteral("| key | type | default | meaning |\n|---|---|---|---|\n")
                               : QStringLiteral("| key | type | default | flag, environment | meaning |\n"
                                                "|---|---|---|---|---|\n");
    for (const Setting<Owner> &row : rows) {
        if (qstrcmp(row.section, section.name) != 0)
            continue;
        QString fallback = toToml(row.read(Owner{}));
        if (fallback == QLatin1String("\"\""))
            fallback.clear();
        out += QStringLiteral("| %1 | %2 | %3 |")
                   .arg(code(QLatin1String(row.name)), cell(kindAndRange(row)), code(fallback));
        if (!section.list) {
            const QString flag = code(QLatin1String(row.flag));
            out += QStringLiteral(" %1%2 |").arg(flag.isEmpty() ? QString() : flag + QStringLiteral(", "),
                                                 code(row.environment()));
        }
        out += QStringLiteral(" %1 |\n").arg(cell(QLatin1String(row.help)));
    }
    return out;
}

} // namespace

QString sampleFile()
{
    QString out = comment(QStringLiteral(
                      "Charmed Ring's configuration: $XDG_CONFIG_HOME/charmedring/config.toml, or the file "
                      "given with --config. Lines that begin with # show the defaults.")) +
                  comment(QStringLiteral("Check it with: cring config validate --file FILE"));
    for (const Section &section : sections()) {
        out += QLatin1Char('\n') + comment(QLatin1String(section.help));
        if (qstrcmp(section.name, "server") == 0)
            out += sampleServers(section);
        else if (qstrcmp(section.name, "backup") == 0)
            out += sampleBackup(section);
        else
            out += header(section) + QLatin1Char('\n') + sampleSection(section);
    }
    return out;
}

QString referencePage()
{
    QString out = QStringLiteral(
        "<!-- Made by `cring config reference` from core/config/settings.cpp; a test compares. -->\n"
        "# Configuration\n\n"
        "A setting comes from its flag, else from its environment variable, else from the file, else it has "
        "its "
        "default. The file is `$XDG_CONFIG_HOME/charmedring/config.toml` (by default "
        "`~/.config/charmedring/config.toml`), or the one given with `--config FILE`. "
        "[config.sample.toml](config.sample.toml) holds every setting.\n\n"
        "- `cring config validate [--file FILE]` reports everything that is wrong, with line and column; "
        "exit 4.\n"
        "- `cring config show` prints each value and where it comes from; `cring config get KEY` prints "
        "one.\n"
        "- `cring config set KEY VALUE` changes one line of the file and leaves the rest as it is. A "
        "server's keys are "
        "`server.NAME.weight` and the like.\n\n"
        "Durations are text with a unit (`\"1500ms\"`, `\"2s\"`, `\"10m\"`, `\"1h30m\"`), sizes are a number "
        "of bytes or text "
        "(`\"16KiB\"`, `\"1GiB\"`). Reloading is by SIGHUP; a bad file leaves the old configuration in "
        "force.\n");
    for (const Section &section : sections()) {
        out += QStringLiteral("\n## %1\n\n%2\n\n").arg(header(section), QLatin1String(section.help));
        if (qstrcmp(section.name, "server") == 0)
            out += referenceTable(section, serverSettings());
        else if (qstrcmp(section.name, "backup") == 0)
            out += referenceTable(section, backupSettings());
        else
            out += referenceTable(section, settings());
    }
    out += QStringLiteral("\n## Only on the command line\n\n"
                          "As the Go original has them; they hold for one start and are not saved.\n\n"
                          "| flag | environment | meaning |\n|---|---|---|\n");
    for (const Shorthand &shorthand : shorthands()) {
        const QString value = QLatin1String(shorthand.value);
        const QString flag =
            QLatin1String(shorthand.flag) + (value.isEmpty() ? QString() : QLatin1Char(' ') + value);
        out += QStringLiteral("| %1 | %2 | %3 |\n")
                   .arg(code(flag), code(shorthand.environment()), cell(QLatin1String(shorthand.help)));
    }
    return out;
}

} // namespace cring::config
