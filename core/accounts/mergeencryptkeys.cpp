// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/mergestate.h"

#include <algorithm>

namespace cring::accounts {

namespace {

/// The last that fillInTimes() gives.
constexpr char kLastFilledIn[] = "1970-01-01 00:00:59";

class EncryptKeyMerge
{
public:
    explicit EncryptKeyMerge(MergeState &state)
        : m_state(state)
    {
    }

    void run()
    {
        for (const bool own : {true, false}) {
            for (const MergeState::Server &server : m_state.servers)
                adoptEncryptKeys(server, own);
        }
        for (auto &[text, brought] : m_state.brought) {
            const auto owner = m_state.truth.find(m_state.owners.value(text));
            if (owner != m_state.truth.end())
                putAfter(*findKey(owner->second.keys, text), brought.encryptKeys);
        }
    }

private:
    /// own: of the rows of the accounts that keys open from now on, else of the others.
    void adoptEncryptKeys(const MergeState::Server &server, bool own)
    {
        for (const auto &[charmId, account] : server.now->accounts) {
            for (const PublicKey &key : account.keys) {
                const QByteArray owner = m_state.owners.value(key.text);
                if (owner.isEmpty() || (owner == charmId) != own || server.holds.keys.contains(key.text))
                    continue;
                PublicKey *known = findKey(m_state.truth[owner].keys, key.text);
                if (known->encryptKeys != key.encryptKeys && !m_state.isOther(server, charmId, key))
                    adoptEncryptKeys(*known, own ? *known : m_state.brought[key.text], key);
            }
        }
    }

    /// What is new goes into `added`.
    void adoptEncryptKeys(PublicKey &known, PublicKey &added, const PublicKey &key) const
    {
        const Account *base = accountIn(m_state.base.accounts, m_state.baseOwners.value(key.text));
        const PublicKey *baseKey = base ? findKey(base->keys, key.text) : nullptr;
        for (const EncryptKey &encryptKey : key.encryptKeys) {
            EncryptKey *same = findEncryptKey(known.encryptKeys, encryptKey.globalId);
            if (!same)
                same = findEncryptKey(added.encryptKeys, encryptKey.globalId);
            if (!same) {
                insertEncryptKey(added.encryptKeys, encryptKey);
                continue;
            }
            const EncryptKey *settled =
                baseKey ? findEncryptKey(baseKey->encryptKeys, same->globalId) : nullptr;
            const bool isSettled = settled && !settled->createdAt.isEmpty();
            if (!isSettled && !encryptKey.createdAt.isEmpty() &&
                (same->createdAt.isEmpty() || encryptKey.createdAt < same->createdAt))
                same->createdAt = encryptKey.createdAt;
        }
    }

    /// The first by time names files: what another account had must not become it.
    static void putAfter(PublicKey &known, QList<EncryptKey> brought)
    {
        QByteArray last = known.encryptKeys.isEmpty() ? QByteArray() : QByteArray(kLastFilledIn);
        for (const EncryptKey &own : std::as_const(known.encryptKeys))
            last = std::max(last, own.createdAt);
        std::stable_sort(brought.begin(), brought.end(),
                         [](const EncryptKey &a, const EncryptKey &b) { return a.createdAt < b.createdAt; });
        for (EncryptKey &key : brought) {
            if (findEncryptKey(std::as_const(known.encryptKeys), key.globalId))
                continue;
            if (!last.isEmpty() && key.createdAt <= last)
                key.createdAt = nextSecond(last);
            last = std::max(last, key.createdAt);
            insertEncryptKey(known.encryptKeys, key);
        }
    }

    MergeState &m_state;
};

/// Without a time a key is the first in the order by time, and names files: it has to stay the first.
void fillInTimes(AccountSet &accounts)
{
    for (auto &[charmId, account] : accounts) {
        for (qsizetype i = 0; i < account.keys.size(); ++i) {
            const auto lacksTime = [](const EncryptKey &key) {
                return key.createdAt.isEmpty();
            };
            const QList<EncryptKey> &known = std::as_const(account.keys).at(i).encryptKeys;
            if (std::none_of(known.begin(), known.end(), lacksTime))
                continue;
            int number = 0;
            for (EncryptKey &key : account.keys[i].encryptKeys) {
                if (lacksTime(key))
                    key.createdAt =
                        "1970-01-01 00:00:" + QByteArray::number(number++ % 60).rightJustified(2, '0');
            }
        }
    }
}

} // namespace

void mergeEncryptKeys(MergeState &state)
{
    EncryptKeyMerge(state).run();
    fillInTimes(state.truth);
}

} // namespace cring::accounts
