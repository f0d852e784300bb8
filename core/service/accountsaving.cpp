// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accountsaving.h"

namespace cring::service {

namespace {

/// Of the event loop's side.
Result<backup::AccountSnapshot> begin(const AccountSources &sources)
{
    if (!sources.keeper.synchronisedAt() || sources.keeper.accounts()->empty()) {
        const bool access = std::ranges::any_of(sources.keeper.servers(),
                                                [](const auto &server) { return server.data.has_value(); });
        return Error{Code::NotFound,
                     access
                         ? QStringLiteral("no accounts have been read from the servers yet")
                         : QStringLiteral("the accounts are not known here: name a server's data directory "
                                          "with `data` in the configuration")};
    }
    backup::AccountSnapshot snapshot;
    const Result<ssh::Signer> signer = sources.tokens.signer();
    if (signer) {
        snapshot.serverKey = std::make_shared<const Secret>(signer->key.openSsh());
        snapshot.issuer = signer->issuer;
    } else if (sources.tokens.hasServerKey()) {
        return signer.error();
    } else {
        snapshot.issuer = sources.tokens.issuer();
        if (snapshot.issuer.isEmpty())
            return Error{Code::TokenUnavailable,
                         QStringLiteral("no server has said yet who issues its tokens")};
    }
    const auto &floors = sources.floors.all();
    for (auto floor = floors.begin(); floor != floors.end(); ++floor)
        snapshot.floors.emplace(floor.key(), floor.value());
    snapshot.synchronisedMs = sources.keeper.synchronisedAt()->count();
    return snapshot;
}

void gather(const AccountSources &sources, QObject *context, const backup::SnapshotKeeper::Taken &taken)
{
    const auto begun = begin(sources);
    if (!begun) {
        taken(begun.error());
        return;
    }
    const auto snapshot = std::make_shared<backup::AccountSnapshot>(*begun);
    sources.keeper.inspect(
        [snapshot](const accounts::Synchronised &state) {
            accounts::Synchronised kept = state;
            // Servers that come after a fire are others, whatever they are called; and a time that moves
            // with every round would make each of them a change.
            kept.servers.clear();
            kept.disputedNames.clear();
            kept.lastTime = 0;
            snapshot->accountCount = static_cast<qint64>(kept.accounts.size());
            snapshot->accounts = kept.toBytes();
        },
        context, [snapshot, taken] { taken(*snapshot); });
}

} // namespace

void gatherAccounts(const AccountSources &sources, bool fresh, QObject *context,
                    const backup::SnapshotKeeper::Taken &taken)
{
    if (!fresh) {
        gather(sources, context, taken);
        return;
    }
    // What a round could not reach, it says itself; what is known is saved in any case.
    sources.keeper.sync(context,
                        [sources, context, taken](const auto &) { gather(sources, context, taken); });
}

Result<accounts::Synchronised> accountsIn(const backup::AccountSnapshot &snapshot)
{
    auto state = accounts::Synchronised::fromBytes(snapshot.accounts);
    if (!state)
        return Error{
            Code::SnapshotInvalid,
            QStringLiteral("the accounts in the snapshot cannot be read: %1").arg(state.error().detail)};
    state->lastTime = std::max<qint64>(snapshot.synchronisedMs, 1);
    return state;
}

} // namespace cring::service
