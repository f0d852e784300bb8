// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/store.h"

#include "core/telemetry/activitylog.h"

namespace cring::service {

Store::Store(std::unique_ptr<state::Database> opened_, const QString &stateDirectory, const IClock &clock)
    : database(std::move(opened_))
    , members(*database, clock)
    , catalogue(*database, members, clock)
    , bucketLedger(*database, catalogue, clock)
    , backupUploads(*database)
    , intents(*database, catalogue, clock)
    , spool(clock, stateDirectory)
    , accounts(*database, clock)
    , accountWork(*database, members, clock)
    , floors(*database)
    , conflicts(*database, members, clock, stateDirectory)
    , findings(*database, members, clock)
    , jobs(*database, clock)
    , events(*database, telemetry::ActivityLog::defaultCapacity)
    , notices(*database, "notices")
{
    catalogue.setHeld([this](const state::ObjectKey &key) { return bucketLedger.hasAtOrBelow(key); });
}

Result<std::unique_ptr<Store>> Store::open(const QString &stateDirectory, const IClock &clock,
                                           IRandom &random)
{
    auto store = attempt(stateDirectory, clock, random);
    // Damage that shows only when all of it is read; the next attempt sets it aside.
    if (!store && store.error().code == Code::StateDamaged)
        store = attempt(stateDirectory, clock, random);
    return store;
}

Result<std::unique_ptr<Store>> Store::attempt(const QString &stateDirectory, const IClock &clock,
                                              IRandom &random)
{
    state::Database::Opened opened;
    std::unique_ptr<state::Database> database;
    if (stateDirectory.isEmpty()) {
        database = state::Database::inMemory(random);
    } else {
        auto result = state::Database::open(stateDirectory, clock, random, &opened);
        if (!result)
            return result.error();
        database = std::move(result).value();
    }
    auto store = std::make_unique<Store>(std::move(database), stateDirectory, clock);
    store->opened = opened;
    if (const Status loaded = store->load(stateDirectory); !loaded)
        return loaded.error();
    return store;
}

Status Store::load(const QString &stateDirectory)
{
    if (const Status claimed = claim(stateDirectory); !claimed)
        return claimed;
    spool.load();
    if (const Status status = members.load(); !status)
        return status;
    if (const Status status = catalogue.load(); !status)
        return status;
    if (const Status status = bucketLedger.load(); !status)
        return status;
    if (const Status status = backupUploads.load(); !status)
        return status;
    if (const Status status = intents.load(); !status)
        return status;
    if (const Status status = accounts.load(); !status)
        return status;
    if (const Status status = accountWork.load(); !status)
        return status;
    if (const Status status = floors.load(); !status)
        return status;
    if (const Status status = conflicts.load(); !status)
        return status;
    if (const Status status = findings.load(); !status)
        return status;
    if (const Status status = jobs.load(); !status)
        return status;
    if (const Status status = events.load(); !status)
        return status;
    if (const Status status = notices.load(); !status)
        return status;
    if (!opened.closed && !opened.powerCut)
        catalogue.doubtAll();
    // What was not written down any more when the service died.
    for (const auto &[number, member] : members.all()) {
        if (member.state == state::Members::State::Returned)
            catalogue.oweSince(member.id, member.leftAt);
    }
    intents.takeUp();
    if (opened.powerCut) {
        catalogue.doubtAfterPowerCut();
        database->noticePowerCut(catalogue.powerCutAt());
    } else {
        catalogue.resumePowerCut(opened.powerCutAt);
    }
    return {};
}

/// Of the spool of a database that is lost.
Status Store::claim(const QString &stateDirectory)
{
    if (!opened.unclaimed || stateDirectory.isEmpty())
        return {};
    if (const Status given = state::Spool::giveToConflicts(stateDirectory); !given)
        return given;
    return database->claimed();
}

qint64 Store::lastAlive() const
{
    qint64 last = catalogue.lastChange();
    const QList<jobs::Jobs::Info> known = jobs.list();
    for (const jobs::Jobs::Info &job : known)
        last = std::max(last, job.changed);
    return last;
}

config::Config Store::applied(config::Config config) const
{
    for (config::Server &server : config.servers) {
        const auto member = members.find(server.id);
        server.draining = member && members.at(*member).state == state::Members::State::Draining;
    }
    return config;
}

void Store::configure(const QList<config::Server> &servers)
{
    QList<state::Members::Configured> configured;
    for (const config::Server &server : servers)
        configured.append({server.id, server.name});
    const QList<state::Members::Number> returned = members.configure(configured, catalogue.version());
    for (const state::Members::Number number : returned)
        catalogue.oweSince(members.id(number), members.at(number).leftAt);
}

} // namespace cring::service
