// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/effectivetoml.h"

#include "core/config/notifysettings.h"
#include "core/config/settings.h"

namespace cring::app {

namespace {

constexpr int kOriginColumn = 44;

using Paint = std::function<QString(Tone, const QString &)>;

QString line(const char *name, const config::Value &value)
{
    return QStringLiteral("%1 = %2").arg(QLatin1String(name), config::toToml(value));
}

/// Others may get to see it.
config::Value shown(const config::Setting<config::Config> &row, const config::Config &config)
{
    const config::Value value = row.read(config);
    const auto *text = std::get_if<QString>(&value);
    return row.type == config::Type::Web && text ? config::shownWebAddress(*text) : value;
}

template <typename Owner>
QString listed(const QList<Owner> &owners, std::span<const config::Setting<Owner>> rows, const QString &name,
               config::Origin origin, const Paint &paint)
{
    QString text;
    for (const Owner &owner : owners) {
        text += u'\n' + paint(Tone::Strong, QStringLiteral("[[%1]]").arg(name)) +
                paint(Tone::Faint, QStringLiteral("  # ") + originName(origin)) + u'\n';
        for (const auto &row : rows)
            text += line(row.name, row.read(owner)) + u'\n';
    }
    return text;
}

} // namespace

QString originName(config::Origin origin)
{
    switch (origin) {
    case config::Origin::Default:
        return QStringLiteral("default");
    case config::Origin::File:
        return QStringLiteral("file");
    case config::Origin::Environment:
        return QStringLiteral("environment");
    case config::Origin::Flag:
        return QStringLiteral("flag");
    }
    Q_UNREACHABLE();
}

QString effectiveToml(const config::Loaded &loaded, const Paint &paint)
{
    QString text = paint(Tone::Faint, loaded.file.isEmpty() ? QStringLiteral("# no configuration file")
                                                            : QStringLiteral("# ") + loaded.file) +
                   u'\n';
    const char *section = "";
    for (const auto &row : config::settings()) {
        if (qstrcmp(section, row.section) != 0) {
            section = row.section;
            text += u'\n' + paint(Tone::Strong, QStringLiteral("[%1]").arg(QLatin1String(section))) + u'\n';
        }
        text += line(row.name, shown(row, loaded.config)).leftJustified(kOriginColumn) +
                paint(Tone::Faint, QStringLiteral("  # ") + originName(loaded.originOf(row.key()))) + u'\n';
    }
    return text +
           listed(loaded.config.servers, config::serverSettings(), QStringLiteral("server"),
                  loaded.originOf(QStringLiteral("server")), paint) +
           listed(loaded.config.backups, config::backupSettings(), QStringLiteral("backup"),
                  loaded.originOf(QStringLiteral("backup")), paint);
}

} // namespace cring::app
