// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/filenames.h"

#include "core/charm/sealed.h"

#include <algorithm>

namespace cring::service {

FileNames::FileNames(ssh::Tokens &tokens, config::ISecretStore &secrets, const IClock &clock)
    : m_tokens(tokens)
    , m_secrets(secrets)
    , m_clock(clock)
{
    connect(&tokens, &ssh::Tokens::available, this, [this] {
        if (m_asked)
            readKeys();
    });
}

void FileNames::want()
{
    if (!m_asked)
        ask();
}

void FileNames::ask()
{
    m_asked = m_clock.steady();
    if (const Status status = m_tokens.askForSealedKeys(); !status) {
        m_problem = status.error().detail;
        return;
    }
    // With the login that is under way; good news come by readKeys().
    m_tokens.obtainOwn(this, [this](const Result<replica::Credentials> &token) {
        if (!token && std::exchange(m_problem, token.error().detail) != token.error().detail)
            Q_EMIT changed();
    });
}

void FileNames::askAgainFor(const QByteArray &account)
{
    if (!m_asked || m_clock.steady() - *m_asked < kAskAgain)
        return;
    const QList<ssh::SealedKeys> own = m_tokens.sealedKeys();
    const bool mayBeOwn = own.isEmpty() || std::ranges::any_of(own, [&](const ssh::SealedKeys &keys) {
                              return keys.account == account;
                          });
    if (mayBeOwn)
        ask();
}

void FileNames::readKeys()
{
    const QList<ssh::SealedKeys> all = m_tokens.sealedKeys();
    for (const ssh::SealedKeys &own : all) {
        if (m_read.contains(own.account) && m_read.value(own.account) == own.keys)
            continue;
        m_read.insert(own.account, own.keys);
        m_secrets.read({own.place, QStringLiteral("identity.key")}, this,
                       [this, own](const Result<Secret> &key) { open(own, key); });
    }
}

void FileNames::open(const ssh::SealedKeys &own, const Result<Secret> &privateKey)
{
    charm::Names names;
    m_problem = privateKey ? QString() : privateKey.error().detail;
    for (const ssh::SealedKey &sealed : own.keys) {
        const Result<Secret> key =
            privateKey ? charm::openSealed(sealed.bytes(), privateKey->view()) : privateKey.error();
        if (key)
            names.add(*key);
        else if (privateKey)
            m_problem = QStringLiteral("%1 %2").arg(own.place, key.error().detail);
    }
    if (own.keys.isEmpty())
        m_problem = QStringLiteral("nobody has stored a file with your Charm identity yet");
    m_names.erase(own.account);
    if (!names.isEmpty())
        m_names.emplace(own.account, std::move(names));
    Q_EMIT changed();
}

std::optional<QByteArray> FileNames::plain(const state::ObjectKey &key)
{
    const QByteArray account = state::accountOf(key);
    if (account.size() == key.size())
        return std::nullopt;
    const auto names = m_names.find(account);
    auto plain = names == m_names.end() ? std::nullopt : names->second.plain(key.mid(account.size() + 1));
    if (!plain)
        askAgainFor(account);
    return plain;
}

QStringList FileNames::accounts() const
{
    QStringList accounts;
    for (const auto &[account, names] : m_names)
        accounts.append(QString::fromUtf8(account));
    return accounts;
}

} // namespace cring::service
