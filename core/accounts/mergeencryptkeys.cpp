// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/mergestate.h"

namespace cring::accounts {

namespace {

class EncryptKeyMerge
{
public:
    explicit EncryptKeyMerge(MergeState &state)
        : m_state(state)
    {
    }

    void run()
    {
        for (const MergeState::Server &server : m_state.servers)
            adoptEncryptKeys(server);
    }

private:
    void adoptEncryptKeys(const MergeState::Server &server)
    {
        for (const auto &[charmId, account] : server.now->accounts) {
            for (const PublicKey &key : account.keys) {
                const QByteArray owner = m_state.owners.value(key.text);
                if (owner.isEmpty() || server.holds.keys.contains(key.text))
                    continue;
                PublicKey *known = findKey(m_state.truth[owner].keys, key.text);
                if (known->encryptKeys != key.encryptKeys && !m_state.isOther(server, charmId, key))
                    adoptEncryptKeys(*known, key);
            }
        }
    }

    void adoptEncryptKeys(PublicKey &known, const PublicKey &key) const
    {
        const Account *base = accountIn(m_state.base.accounts, m_state.baseOwners.value(key.text));
        const PublicKey *baseKey = base ? findKey(base->keys, key.text) : nullptr;
        for (const EncryptKey &encryptKey : key.encryptKeys) {
            EncryptKey *same = findEncryptKey(known.encryptKeys, encryptKey.globalId);
            if (!same) {
                insertEncryptKey(known.encryptKeys, encryptKey);
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
