// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountsync.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <filesystem>

namespace cring::accounts {

namespace {

/// A server whose accounts were read.
struct Participant
{
    size_t index; ///< Among all.
    AccountsDatabase database;
};

bool anyHasFiles(const std::vector<SyncServer> &servers, const QByteArray &charmId)
{
    return std::any_of(servers.begin(), servers.end(), [&](const SyncServer &server) {
        return !server.hasFiles || server.hasFiles(charmId);
    });
}

} // namespace

FileProbe filesBeside(const QString &databasePath)
{
    const QString files =
        QDir::cleanPath(QFileInfo(databasePath).absolutePath() + QStringLiteral("/../files"));
    return [files](const QByteArray &charmId) {
        const QString folder = files + u'/' + QString::fromLatin1(charmId);
        std::error_code error;
        const std::filesystem::directory_iterator entry(QFile::encodeName(folder).toStdString(), error);
        if (error)
            return error != std::errc::no_such_file_or_directory || !QFileInfo(files).isDir();
        return entry != std::filesystem::directory_iterator();
    };
}

QString ServerOutcome::problem() const
{
    QString text = error ? error->detail : QString();
    for (const Error *inner = error ? error->cause.get() : nullptr; inner; inner = inner->cause.get())
        text += QStringLiteral(": ") + inner->detail;
    return text;
}

bool RoundOutcome::isComplete() const
{
    return !stopped && clashes.empty() && !servers.empty() &&
           std::all_of(servers.begin(), servers.end(), [](const ServerOutcome &server) {
               return !server.error && server.done == server.changes;
           });
}

bool RoundOutcome::anyTookPart() const
{
    return std::any_of(servers.begin(), servers.end(),
                       [](const ServerOutcome &server) { return !server.error.has_value(); });
}

Result<Reading> AccountSync::read(const SyncServer &server, AccountsDatabase &database,
                                  const AccountSet &shared, const std::stop_token &stop)
{
    const auto known = m_known.find(server.id);
    if (known != m_known.end()) {
        const auto counter = database.changeCounter(stop);
        if (counter.ok() && counter.value() != 0 && counter.value() == known->second.changeCounter)
            return Reading{known->second.accounts, counter.value(), known->second.warnings,
                           known->second.rows};
        m_known.erase(known);
    }
    auto reading = database.read(stop);
    if (reading.ok()) {
        share(reading->accounts, shared);
        m_known[server.id] = {reading->changeCounter, reading->accounts, reading->warnings, reading->rows};
    }
    return reading;
}

RoundOutcome AccountSync::round(Synchronised &state, const std::vector<SyncServer> &servers,
                                const std::stop_token &stop)
{
    RoundOutcome outcome;
    std::vector<Participant> participants;
    std::vector<ServerState> states;
    for (const SyncServer &server : servers) {
        ServerOutcome &said = outcome.servers.emplace_back();
        said.id = server.id;
        said.name = server.name;
        AccountsDatabase database(*server.sql, server.name, m_random, m_clock);
        auto reading = read(server, database, state.accounts, stop);
        if (!reading.ok()) {
            said.error = reading.error();
            continue;
        }
        said.warnings = reading->warnings;
        states.push_back(
            {server.id, std::move(reading->accounts), reading->changeCounter, std::move(reading->rows)});
        participants.push_back({outcome.servers.size() - 1, database});
    }

    const Merged merged =
        merge(state, states, [&](const QByteArray &charmId) { return anyHasFiles(servers, charmId); });
    std::vector<std::vector<bool>> done;
    for (size_t i = 0; i < participants.size(); ++i) {
        ServerOutcome &said = outcome.servers[participants[i].index];
        Applied applied = participants[i].database.apply(merged.plans[i].units, stop);
        said.trust = merged.plans[i].trust;
        said.changes = applied.done.size();
        said.done = static_cast<size_t>(std::count(applied.done.begin(), applied.done.end(), true));
        said.transactions = applied.transactions;
        said.refusals = applied.refusals;
        said.error = std::move(applied.error);
        done.push_back(std::move(applied.done));
    }
    state = settle(state, merged, states, done);
    outcome.clashes = merged.clashes;
    outcome.stopped = stop.stop_requested();
    return outcome;
}

} // namespace cring::accounts
