// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountedit.h"

#include <QDateTime>
#include <QRegularExpression>
#include <QUuid>

#include <algorithm>

namespace cring::accounts::edit {

namespace {

Error taken(const QString &words)
{
    return {Code::AccountTaken, words};
}

QString idOf(const QByteArray &charmId)
{
    return QString::fromLatin1(charmId);
}

const Account *ownerOfName(const Synchronised &state, const QByteArray &name)
{
    const QByteArray wanted = name.toLower();
    const auto found = std::find_if(state.accounts.begin(), state.accounts.end(), [&](const auto &entry) {
        return !wanted.isEmpty() && entry.second.name.toLower() == wanted;
    });
    return found == state.accounts.end() ? nullptr : &found->second;
}

const Account *ownerOfKey(const Synchronised &state, const QByteArray &keyText)
{
    const auto found = std::find_if(state.accounts.begin(), state.accounts.end(), [&](const auto &entry) {
        return findKey(entry.second.keys, keyText) != nullptr;
    });
    return found == state.accounts.end() ? nullptr : &found->second;
}

Status checkFree(const Synchronised &state, const Account &account)
{
    if (state.accounts.contains(account.charmId))
        return taken(QStringLiteral("account %1 is there already").arg(idOf(account.charmId)));
    for (const PublicKey &key : account.keys) {
        if (const Account *owner = ownerOfKey(state, key.text))
            return taken(QStringLiteral("the key %1 opens account %2: a key opens one account. `cring "
                                        "accounts show %2` shows whose that is")
                             .arg(QString::fromLatin1(fingerprint(key.text)), idOf(owner->charmId)));
    }
    if (const Account *owner = ownerOfName(state, account.name))
        return taken(QStringLiteral("the name %1 is that of account %2: take another one with --name")
                         .arg(QString::fromUtf8(account.name), idOf(owner->charmId)));
    return {};
}

/// When that row of a key was unlinked or taken away, under whichever account; "" when it was not.
QByteArray goneTime(const Gone &gone, const PublicKey &key)
{
    QByteArray latest;
    for (const auto &[place, time] : gone.keys) {
        if (place.key == key.text && key.createdAt <= time)
            latest = std::max(latest, time);
    }
    return latest;
}

/// What a person unlinked, often because it was stolen, an older file must not bring back.
QByteArrayList takeUnlinkedOut(const Gone &gone, Account &account)
{
    const auto disabled = gone.disabled.find(account.charmId);
    QByteArrayList unlinked;
    if (disabled == gone.disabled.end())
        return unlinked;
    for (const PublicKey &key : std::as_const(account.keys)) {
        if (!disabled->second.contains(key.text) && !goneTime(gone, key).isEmpty())
            unlinked << key.text;
    }
    account.keys.removeIf([&](const PublicKey &key) { return unlinked.contains(key.text); });
    return unlinked;
}

} // namespace

Result<QByteArray> find(const Synchronised &state, const QString &word)
{
    const QByteArray wanted = word.toUtf8();
    if (state.accounts.contains(wanted.toLower()))
        return wanted.toLower();
    if (const Account *named = ownerOfName(state, wanted))
        return named->charmId;
    if (wanted.startsWith("SHA256:")) {
        for (const auto &[charmId, account] : state.accounts) {
            if (std::ranges::any_of(account.keys,
                                    [&](const PublicKey &key) { return fingerprint(key.text) == wanted; }))
                return charmId;
        }
    }
    const bool disabled = state.gone.disabled.contains(wanted.toLower());
    return Error{Code::NotFound,
                 disabled
                     ? QStringLiteral("account %1 is disabled, and no server has it any more: `cring "
                                      "accounts create --from FILE` brings back what `disable --export "
                                      "FILE` has written")
                           .arg(word.left(100))
                     : QStringLiteral("there is no account with the id, name or key \"%1\"; `cring accounts "
                                      "list` shows all of them")
                           .arg(word.left(100))};
}

bool isValidName(const QByteArray &name)
{
    static const QRegularExpression pattern(QStringLiteral("\\A[a-zA-Z0-9]{1,50}\\z"));
    return pattern.match(QString::fromUtf8(name)).hasMatch();
}

QByteArray newCharmId(IRandom &random)
{
    constexpr quint64 kVersion = 0x4000;
    constexpr quint64 kVariant = 0x8000'0000'0000'0000;
    const quint64 high = (random.next() & ~quint64(0xF000)) | kVersion;
    const quint64 low = (random.next() & ~(quint64(3) << 62)) | kVariant;
    const QByteArray hex = QByteArray::number(high, 16).rightJustified(16, '0') +
                           QByteArray::number(low, 16).rightJustified(16, '0');
    return hex.mid(0, 8) + '-' + hex.mid(8, 4) + '-' + hex.mid(12, 4) + '-' + hex.mid(16, 4) + '-' +
           hex.mid(20);
}

QByteArray timestamp(std::chrono::milliseconds wall)
{
    return QDateTime::fromMSecsSinceEpoch(wall.count(), Qt::UTC)
        .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"))
        .toLatin1();
}

Status create(Synchronised &state, const QByteArray &charmId, const QByteArray &keyText,
              const QByteArray &name, const QByteArray &createdAt)
{
    if (!name.isEmpty() && !isValidName(name))
        return Error{Code::ControlBadParams,
                     QStringLiteral("a name has 1 to 50 letters and digits (a to z, A to Z, 0 to 9)")};
    Account account;
    account.charmId = charmId;
    account.name = name;
    account.createdAt = createdAt;
    account.keys.append({keyText, createdAt, {}});
    if (const Status free = checkFree(state, account); !free)
        return free;
    state.accounts[charmId] = std::move(account);
    return {};
}

Result<QByteArrayList> restore(Synchronised &state, const Account &account, const QByteArray &now)
{
    Account again = account;
    const QByteArrayList unlinked = takeUnlinkedOut(state.gone, again);
    if (again.keys.isEmpty())
        return Error{Code::KeyUnusable, QStringLiteral("each key in the file was unlinked before account %1 "
                                                       "was disabled: export it anew, or make a new one")
                                            .arg(idOf(account.charmId))};
    if (const Status free = checkFree(state, again); !free)
        return free.error();
    const auto merged = state.gone.accounts.find(account.charmId);
    if (merged != state.gone.accounts.end()) {
        for (const auto &[name, value] : merged->second.sequences)
            again.sequences[name] = std::max(again.sequences[name], value);
        state.gone.accounts.erase(merged);
    }
    state.gone.disabled.erase(account.charmId);
    for (PublicKey &key : again.keys) {
        const QByteArray gone = goneTime(state.gone, key);
        if (gone.isEmpty())
            continue;
        key.createdAt = std::max(nextSecond(gone), now);
        state.gone.returned.insert({again.charmId, key.text});
    }
    state.accounts[account.charmId] = std::move(again);
    return unlinked;
}

Status unlink(Synchronised &state, const QByteArray &charmId, const QByteArray &keyText)
{
    const auto found = state.accounts.find(charmId);
    const PublicKey *key = found == state.accounts.end() ? nullptr : findKey(found->second.keys, keyText);
    if (!key)
        return {};
    if (found->second.keys.size() == 1)
        return Error{Code::LoginRefused,
                     QStringLiteral("this is the last key of its account, which goes with it: unlink it when "
                                    "a server is back")};
    state.gone.keys[{charmId, keyText}] = key->createdAt;
    state.gone.returned.erase({charmId, keyText});
    found->second.keys.removeIf([&](const PublicKey &one) { return one.text == keyText; });
    return {};
}

Status disable(Synchronised &state, const QByteArray &charmId)
{
    if (!state.takeAway(charmId))
        return Error{Code::NotFound, QStringLiteral("there is no account %1").arg(idOf(charmId))};
    return {};
}

ServerView viewOf(const Synchronised &state, const QByteArray &server, const QByteArray &charmId)
{
    using State = ServerView::State;
    const auto seen = state.servers.find(server);
    if (seen == state.servers.end())
        return {};
    const auto there = seen->second.accounts.find(charmId);
    if (there == seen->second.accounts.end())
        return {State::Lacks, {}};
    const Account &has = there->second;
    const Account &wanted = state.accounts.at(charmId);
    QStringList words;
    const auto differs = [&](bool same, const QString &what) {
        if (!same)
            words << what;
    };
    differs(has.name == wanted.name, has.name.isEmpty()
                                         ? QStringLiteral("has no name for it")
                                         : QStringLiteral("calls it %1").arg(QString::fromUtf8(has.name)));
    differs(has.email == wanted.email && has.bio == wanted.bio, QStringLiteral("has another email or bio"));
    for (const PublicKey &key : wanted.keys) {
        const PublicKey *same = findKey(has.keys, key.text);
        const QString print = QString::fromLatin1(fingerprint(key.text));
        differs(same, QStringLiteral("lacks the key %1").arg(print));
        differs(!same || *same == key, QStringLiteral("has other encrypt keys with %1").arg(print));
    }
    for (const PublicKey &key : has.keys)
        differs(findKey(wanted.keys, key.text),
                QStringLiteral("has the key %1 more").arg(QString::fromLatin1(fingerprint(key.text))));
    differs(has.sequences == wanted.sequences, QStringLiteral("has other sequences"));
    return {words.isEmpty() ? State::Same : State::Differs, words};
}

} // namespace cring::accounts::edit
