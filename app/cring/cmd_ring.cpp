// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"
#include "core/base/result.h"
#include "core/ring/ring.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>

namespace cring::app {

namespace {

using ring::Member;
using ring::Ring;

/// The configured ring; ids are for placement, names for people.
struct Placement
{
    QList<Member> members;
    QStringList names; ///< By member index.
    int copies = 0;    ///< As configured, however few members there are.
};

/// Placement needs the servers and nothing else: a certificate that is missing here is no reason to refuse.
std::optional<Placement> placementOf(const Context &context, const Output &out)
{
    const config::Loaded loaded = config::load(context.sources());
    if (!isReadable(loaded)) {
        report(loaded, out);
        return std::nullopt;
    }
    if (loaded.config.servers.isEmpty()) {
        out.error(QStringLiteral(
            "no server is configured: add [[server]] sections to the configuration file, or set "
            "CRING_HOST=URL,URL"));
        return std::nullopt;
    }
    if (loaded.config.servers.size() > Ring::kMaxMembers) {
        out.error(QStringLiteral("a ring has at most %1 servers").arg(Ring::kMaxMembers));
        return std::nullopt;
    }
    Placement placement;
    placement.copies = loaded.config.replicas;
    for (const config::Server &server : loaded.config.servers) {
        placement.members.append(Member{server.id, server.weight});
        placement.names.append(server.name);
    }
    return placement;
}

QString percent(double share)
{
    return QString::number(share * 100, 'f', 1) + QStringLiteral(" %");
}

void locateOne(const Placement &placement, const Ring &ring, const QByteArray &path, const Output &out)
{
    const int partition = Ring::partitionOf(path);
    QStringList owners;
    QStringList handoffs;
    const auto order = ring.order(partition);
    for (size_t i = 0; i < order.size(); ++i)
        (i < static_cast<size_t>(ring.copies()) ? owners : handoffs).append(placement.names[order[i]]);
    if (out.isJson())
        out.jsonLine({{QStringLiteral("path"), QString::fromUtf8(path)},
                      {QStringLiteral("partition"), partition},
                      {QStringLiteral("owners"), QJsonArray::fromStringList(owners)},
                      {QStringLiteral("handoffs"), QJsonArray::fromStringList(handoffs)}});
    else
        out.line(QStringLiteral("%1\t%2").arg(QString::fromUtf8(path), owners.join(QLatin1Char(' '))));
}

/// Under a server's files/ folder: "<charm id>/<escaped path>", with or without a leading "./" or "/".
QByteArray normalised(std::string path)
{
    if (path.starts_with("./"))
        path.erase(0, 1);
    path.erase(0, path.find_first_not_of('/'));
    return QByteArray::fromStdString(path);
}

int locate(const Context &context, const std::vector<std::string> &paths)
{
    const Output out = context.output();
    const auto placement = placementOf(context, out);
    if (!placement)
        return BadConfiguration;
    const Ring ring(placement->members, placement->copies);
    int skipped = 0;
    std::ios::sync_with_stdio(false);
    const auto one = [&](const std::string &path) {
        const QByteArray key = normalised(path);
        if (key.indexOf('/') > 0) {
            locateOne(*placement, ring, key, out);
            return;
        }
        out.error(QStringLiteral("\"%1\" is not <charm id>/<escaped path>, as under a server's files/ folder")
                      .arg(QString::fromStdString(path)));
        ++skipped;
    };
    for (const std::string &path : paths) {
        if (path != "-") {
            one(path);
            continue;
        }
        for (std::string line; std::getline(std::cin, line);) {
            if (!line.empty())
                one(line);
            // Whoever feeds one path and waits for its answer gets it; a file is written in large pieces.
            if (std::cin.rdbuf()->in_avail() <= 0)
                out.flush();
        }
    }
    return skipped == 0 ? Ok : Usage;
}

int show(const Context &context)
{
    const Output out = context.output();
    const auto placement = placementOf(context, out);
    if (!placement)
        return BadConfiguration;
    const Ring ring(placement->members, placement->copies);
    std::vector<int> first(static_cast<size_t>(placement->names.size()));
    std::vector<int> any(first.size());
    for (int partition = 0; partition < Ring::kPartitions; ++partition) {
        const auto owners = ring.owners(partition);
        ++first[owners.front()];
        for (const quint16 owner : owners)
            ++any[owner];
    }
    const double allCopies = double(Ring::kPartitions) * ring.copies();
    PaintedTable table;
    QList<PaintedTable::Cell> heading{{QStringLiteral("server"), Tone::Strong}};
    for (const char *title : {"weight", "first", "copies", "share", "wanted"})
        heading.append({QString::fromLatin1(title), Tone::Strong, true});
    table.addRow(heading);
    QJsonArray members;
    for (qsizetype i = 0; i < placement->names.size(); ++i) {
        const auto at = static_cast<size_t>(i);
        const double share = any[at] / allCopies;
        const double wanted = ring.targets()[at] / ring.copies();
        QList<PaintedTable::Cell> row{{placement->names[i]}};
        for (const QString &figure :
             {QString::number(placement->members[i].weight), QString::number(first[at]),
              QString::number(any[at]), percent(share), percent(wanted)})
            row.append({figure, Tone::Plain, true});
        table.addRow(row);
        members.append(QJsonObject{{QStringLiteral("name"), placement->names[i]},
                                   {QStringLiteral("id"), placement->members[i].id},
                                   {QStringLiteral("weight"), placement->members[i].weight},
                                   {QStringLiteral("first"), first[at]},
                                   {QStringLiteral("copies"), any[at]},
                                   {QStringLiteral("share"), share},
                                   {QStringLiteral("wanted"), wanted}});
    }
    if (out.isJson()) {
        out.json({{QStringLiteral("partitions"), Ring::kPartitions},
                  {QStringLiteral("copies"), ring.copies()},
                  {QStringLiteral("members"), members}});
        return Ok;
    }
    out.table(table);
    out.note(QStringLiteral("%1 partitions, %2 copies of each.").arg(Ring::kPartitions).arg(ring.copies()));
    return Ok;
}

struct Change
{
    std::vector<std::string> add;   ///< NAME or NAME=WEIGHT.
    std::vector<std::string> drain; ///< NAME.
};

/// The placement after the change; on an error the message.
Result<Placement> changed(Placement placement, const Change &change)
{
    for (const std::string &text : change.drain) {
        const QString name = QString::fromStdString(text);
        const qsizetype at = placement.names.indexOf(name);
        if (at < 0)
            return Error{Code::NotFound, QStringLiteral("no server is called \"%1\"; there are: %2")
                                             .arg(name, placement.names.join(QStringLiteral(", ")))};
        placement.names.removeAt(at);
        placement.members.removeAt(at);
    }
    for (const std::string &text : change.add) {
        const QString argument = QString::fromStdString(text);
        const qsizetype equals = argument.lastIndexOf(QLatin1Char('='));
        const QString name = argument.left(equals < 0 ? argument.size() : equals);
        bool ok = true;
        const double weight = equals < 0 ? 1.0 : argument.mid(equals + 1).toDouble(&ok);
        if (!ok || name.isEmpty() || !(weight >= 1e-6 && weight <= 1e9))
            return Error{Code::ConfigBadValue,
                         QStringLiteral("expected --add NAME or NAME=WEIGHT, not \"%1\"").arg(argument)};
        const bool taken =
            std::ranges::any_of(placement.members, [&](const Member &m) { return m.id == name; });
        if (taken || placement.names.contains(name))
            return Error{Code::ConfigBadValue, QStringLiteral("a server is called \"%1\" already").arg(name)};
        placement.names.append(name);
        placement.members.append(Member{name, weight});
    }
    if (placement.members.isEmpty() || placement.members.size() > Ring::kMaxMembers)
        return Error{Code::ConfigBadValue,
                     QStringLiteral("a ring has 1 to %1 servers").arg(Ring::kMaxMembers)};
    return placement;
}

int simulate(const Context &context, const Change &change)
{
    const Output out = context.output();
    const auto placement = placementOf(context, out);
    if (!placement)
        return BadConfiguration;
    const auto after = changed(*placement, change);
    if (!after) {
        out.error(after.error().detail);
        return after.error().code == Code::NotFound ? NotFound : Usage;
    }
    const Ring from(placement->members, placement->copies);
    const Ring to(after.value().members, after.value().copies);
    const double copies = double(Ring::kPartitions) * to.copies();
    const double moved = ring::movedCopies(from, to) / copies;
    const double least = ring::leastMovedCopies(from, to) / copies;
    if (out.isJson()) {
        out.json({{QStringLiteral("members"), QJsonArray::fromStringList(after.value().names)},
                  {QStringLiteral("copies"), to.copies()},
                  {QStringLiteral("moved"), moved},
                  {QStringLiteral("least"), least}});
        return Ok;
    }
    // By the servers' weights; what a placement by hashes moves may also be a little less.
    const QString verdict = moved <= least ? QStringLiteral("no plan moves less")
                                           : QStringLiteral("the least possible is %1").arg(percent(least));
    out.line(QStringLiteral("%1 of all copies move; %2.").arg(percent(moved), verdict));
    out.note(QStringLiteral("From %1 to %2 servers, %3 copies of each file. Nothing was changed.")
                 .arg(from.members().size())
                 .arg(to.members().size())
                 .arg(to.copies()));
    return Ok;
}

} // namespace

void addRing(CLI::App &app, Context &context)
{
    CLI::App *family = app.add_subcommand("ring", "See which servers keep which files");
    family->require_subcommand(1);

    const auto paths = std::make_shared<std::vector<std::string>>();
    CLI::App *locateCommand = family->add_subcommand("locate", "Print the servers that own a path");
    locateCommand
        ->add_option(
            "PATH", *paths,
            "<charm id>/<escaped path>, as under a server's files/ folder; - reads them from standard "
            "input, one a line")
        ->required();
    locateCommand->callback([&context, paths] {
        context.run = [&context, paths] {
            return locate(context, *paths);
        };
    });

    family->add_subcommand("show", "Print each server's share of the files")->callback([&context] {
        context.run = [&context] {
            return show(context);
        };
    });

    const auto change = std::make_shared<Change>();
    CLI::App *simulateCommand =
        family->add_subcommand("simulate", "Print what a change of servers would move");
    auto *what = simulateCommand->add_option_group("Change", "At least one; each may be repeated");
    what->add_option("--add", change->add, "A server that joins, by default with weight 1")
        ->type_name("NAME[=WEIGHT]")
        ->allow_extra_args(false);
    what->add_option("--drain", change->drain, "A server that leaves")
        ->type_name("NAME")
        ->allow_extra_args(false);
    what->require_option(1, 0);
    simulateCommand->callback([&context, change] {
        context.run = [&context, change] {
            return simulate(context, *change);
        };
    });
}

} // namespace cring::app
