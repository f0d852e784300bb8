// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/edittext.h"
#include "core/config/settings.h"

namespace cring::config {

// The lists of a configuration file, for edits of it; for edit.cpp and editlist.cpp alone.

template <typename Owner>
struct ListOf;

template <>
struct ListOf<Server>
{
    static constexpr QLatin1String name{"server"};
    static constexpr QLatin1String nameComesFrom{"url"};
    static constexpr auto entries = &Config::servers;

    static std::span<const Setting<Server>> rows() { return serverSettings(); }
};

template <>
struct ListOf<Backup>
{
    static constexpr QLatin1String name{"backup"};
    static constexpr QLatin1String nameComesFrom{"bucket"};
    static constexpr auto entries = &Config::backups;

    static std::span<const Setting<Backup>> rows() { return backupSettings(); }
};

/// "server[1]"
template <typename Owner>
QString sectionOf(qsizetype index)
{
    return QStringLiteral("%1[%2]").arg(ListOf<Owner>::name).arg(index);
}

template <typename Owner>
const Setting<Owner> *rowOf(const QString &field)
{
    const auto rows = ListOf<Owner>::rows();
    const auto row = std::ranges::find_if(
        rows, [&](const Setting<Owner> &setting) { return field == QLatin1String(setting.name); });
    return row == rows.end() ? nullptr : &*row;
}

/// A name before an id: what is shown to people is what they mean. −1: none of them.
template <typename Owner>
qsizetype indexOf(const QList<Owner> &entries, const QString &name)
{
    auto entry = std::ranges::find(entries, name, &Owner::name);
    if (entry == entries.end())
        entry = std::ranges::find(entries, name, &Owner::id);
    return entry == entries.end() ? -1 : entry - entries.begin();
}

template <typename Owner>
Error noSuchEntry(const QList<Owner> &entries, const QString &name)
{
    QStringList names;
    for (const Owner &entry : entries)
        names.append(entry.name);
    return {Code::NotFound,
            QStringLiteral("no %1 is called \"%2\"; there are: %3")
                .arg(ListOf<Owner>::name, name,
                     names.isEmpty() ? QStringLiteral("none") : names.join(QStringLiteral(", ")))};
}

} // namespace cring::config
