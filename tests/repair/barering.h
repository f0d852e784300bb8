// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/repair/copyplaces.h"
#include "core/service/core.h"

namespace cring::test {

/// What the service is made of, without its fronts. By default in front of servers that are never asked
/// anything: for what the catalogue and the placement decide alone; a test says what a delivery would have
/// done.
struct BareRing
{
    /// `stateDirectory`: "" keeps nothing of what is kept aside.
    explicit BareRing(const QList<config::Server> &servers, const QString &stateDirectory = {})
        : store(std::move(service::Store::open(stateDirectory, clock, random)).value())
    {
        config.servers = servers;
        build();
    }

    explicit BareRing(int servers, int replicas = 3)
        : store(std::move(service::Store::open({}, clock, random)).value())
    {
        config.replicas = replicas;
        for (int i = 1; i <= servers; ++i)
            addServer(i);
        build();
    }

    static QString name(int number) { return QStringLiteral("charm%1").arg(number); }

    void addServer(int number)
    {
        config::Server server;
        server.id = server.name = name(number);
        server.url = QUrl(QStringLiteral("http://127.0.0.1:9"));
        config.servers.append(server);
    }
    /// With what config and the members' states are now.
    void build()
    {
        auto next = std::make_unique<service::Core>(config, shared, core.get());
        retired.push_back(std::exchange(core, std::move(next)));
    }
    void setState(int number, state::Members::State state)
    {
        store->members.setState(store->members.number(name(number)), state);
        build();
    }

    replica::Environment &environment() { return core->environment(); }
    state::Catalogue &catalogue() { return store->catalogue; }
    QList<QString> owners(const state::ObjectKey &key)
    {
        QList<QString> ids;
        const auto all = environment().owners(key);
        for (const health::Backend *owner : all)
            ids << owner->id();
        return ids;
    }
    static state::ObjectKey key(int number) { return "account/file" + QByteArray::number(number); }
    /// A file of 10 bytes on these servers.
    void put(const state::ObjectKey &key, const QList<QString> &holders)
    {
        state::Record record;
        record.size = 10;
        record.digest = QByteArray(16, 'd');
        record.mode = 0644;
        (void)catalogue().acknowledge(key, record, holders);
    }
    /// Works off at most `limit` of what is owed, as if every server had done it.
    qsizetype deliver(qsizetype limit = std::numeric_limits<qsizetype>::max())
    {
        qsizetype done = 0;
        for (const config::Server &server : std::as_const(config.servers)) {
            const state::Catalogue::Debts debts = catalogue().debts(server.id);
            for (const auto &[key, owed] : debts) {
                if (done++ == limit)
                    return limit;
                if (owed.debt == state::Debt::Extra)
                    catalogue().dropCopy(key, server.id);
                else
                    catalogue().clear(key, server.id);
            }
        }
        return done;
    }
    qsizetype owed()
    {
        qsizetype count = 0;
        for (const config::Server &server : std::as_const(config.servers))
            count += static_cast<qsizetype>(catalogue().debts(server.id).size());
        return count;
    }

    SystemClock clock;
    SystemRandom random;
    telemetry::ActivityLog activity{clock};
    config::Config config;
    std::unique_ptr<service::Store> store;
    service::Shared shared{clock, random, activity, *store, {}};
    std::vector<std::unique_ptr<service::Core>> retired;
    std::unique_ptr<service::Core> core;
};

} // namespace cring::test
