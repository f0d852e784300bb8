// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accountsaving.h"

#include <QDateTime>

#include <algorithm>

namespace cring::service {

namespace {

/// "2026-01-31T12:00:00Z" as SQLite's current_timestamp writes it; another text as it is.
QByteArray databaseTime(const QByteArray &text)
{
    const QDateTime time = QDateTime::fromString(QString::fromUtf8(text), Qt::ISODate);
    return time.isValid() ? time.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")).toLatin1() : text;
}

/// Of one key each: a server tells nobody more by SSH.
accounts::Synchronised ownAccounts(const QList<ssh::SealedKeys> &all, const state::Floors &floors)
{
    accounts::Synchronised state;
    for (const ssh::SealedKeys &own : all) {
        if (own.publicKey.isEmpty())
            continue;
        accounts::PublicKey key;
        key.text = own.publicKey;
        for (const ssh::SealedKey &sealed : own.keys) {
            accounts::insertEncryptKey(key.encryptKeys,
                                       {sealed.id, sealed.text, databaseTime(sealed.createdAt)});
            // Nobody tells when the key was linked: not after its first encrypt key.
            if (key.createdAt.isEmpty() || key.encryptKeys.last().createdAt < key.createdAt)
                key.createdAt = key.encryptKeys.last().createdAt;
        }
        accounts::Account &account = state.accounts[own.account];
        account.charmId = own.account;
        account.createdAt = key.createdAt;
        accounts::insertKey(account.keys, std::move(key));
        const QByteArray prefix = own.account + '/';
        const auto &numbers = floors.all();
        for (auto floor = numbers.begin(); floor != numbers.end(); ++floor) {
            if (floor.key().startsWith(prefix))
                account.sequences[floor.key().mid(prefix.size())] = floor.value();
        }
    }
    return state;
}

bool hasAccess(const accounts::AccountKeeper &keeper)
{
    return std::ranges::any_of(keeper.servers(), [](const auto &server) { return server.data.has_value(); });
}

/// Of the event loop's side, without the accounts.
Result<backup::AccountSnapshot> begin(const AccountSources &sources)
{
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
    if (sources.keeper.synchronisedAt())
        snapshot.synchronisedMs = sources.keeper.synchronisedAt()->count();
    return snapshot;
}

void gatherOwn(const AccountSources &sources, bool fresh, const backup::SnapshotKeeper::Taken &taken)
{
    // Its answer makes for another snapshot.
    if (fresh)
        (void)sources.tokens.askForSealedKeys();
    auto snapshot = begin(sources);
    const accounts::Synchronised state = ownAccounts(sources.tokens.sealedKeys(), sources.floors);
    if (!snapshot) {
        taken(snapshot.error());
        return;
    }
    if (state.accounts.empty()) {
        const Status asked = sources.tokens.askForSealedKeys();
        taken(Error{
            Code::NotFound,
            QStringLiteral("the accounts are not known here: name a server's data directory with `data` in "
                           "the configuration (your own account: %1)")
                .arg(asked ? QStringLiteral("a server is being asked") : asked.error().detail)});
        return;
    }
    snapshot->isOwnOnly = true;
    snapshot->accountCount = static_cast<qint64>(state.accounts.size());
    snapshot->accounts = state.toBytes();
    taken(*snapshot);
}

void gather(const AccountSources &sources, bool fresh, QObject *context,
            const backup::SnapshotKeeper::Taken &taken)
{
    if (!sources.keeper.synchronisedAt() || sources.keeper.accounts()->empty()) {
        if (hasAccess(sources.keeper))
            taken(Error{Code::NotFound, QStringLiteral("no accounts have been read from the servers yet")});
        else
            gatherOwn(sources, fresh, taken);
        return;
    }
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
        gather(sources, false, context, taken);
        return;
    }
    // What a round could not reach, it says itself; what is known is saved in any case.
    sources.keeper.sync(context,
                        [sources, context, taken](const auto &) { gather(sources, true, context, taken); });
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
