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
    connect(&tokens, &ssh::Tokens::available, this, &FileNames::handleAvailable);
    connect(&tokens, &ssh::Tokens::identitiesChanged, this, &FileNames::dropOthers);
}

void FileNames::handleAvailable()
{
    dropOthers(); // An account was disabled, too.
    if (!m_asked)
        return;
    // An identity of a new configuration has shown nothing yet.
    if (m_opened.empty() && m_tokens.sealedKeys().isEmpty())
        ask();
    else
        readKeys();
}

/// Names are told as long as the person's key of now opens them.
void FileNames::dropOthers()
{
    const auto dropped = std::erase_if(
        m_opened, [this](const auto &entry) { return !m_tokens.mayOpen(entry.first, entry.second.digest); });
    if (dropped > 0)
        Q_EMIT changed();
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
        const auto opened = m_opened.find(own.account);
        if (opened != m_opened.end() && opened->second.digest == own.digest &&
            opened->second.sealed == own.keys)
            continue;
        m_secrets.read({own.place, QStringLiteral("identity.key")}, this,
                       [this, own](const Result<Secret> &key) { open(own, key); });
    }
}

void FileNames::open(const ssh::SealedKeys &own, const Result<Secret> &privateKey)
{
    if (!m_tokens.mayOpen(own.account, own.digest))
        return; // Since it was asked for.
    if (!privateKey) {
        m_problem = privateKey.error().detail; // The next login tries again.
        Q_EMIT changed();
        return;
    }
    m_problem.clear();
    Opened opened{own.digest, own.keys, {}};
    for (const ssh::SealedKey &sealed : own.keys) {
        if (const auto key = charm::openSealed(sealed.bytes(), privateKey->view()))
            opened.names.add(*key);
        else
            m_problem = QStringLiteral("%1 %2").arg(own.place, key.error().detail);
    }
    if (own.keys.isEmpty())
        m_problem = QStringLiteral("nobody has stored a file with your Charm identity yet");
    m_opened.insert_or_assign(own.account, std::move(opened));
    Q_EMIT changed();
}

std::optional<QByteArray> FileNames::plain(const state::ObjectKey &key)
{
    const QByteArray account = state::accountOf(key);
    if (account.size() == key.size())
        return std::nullopt;
    const auto opened = m_opened.find(account);
    auto plain =
        opened == m_opened.end() ? std::nullopt : opened->second.names.plain(key.mid(account.size() + 1));
    if (!plain)
        askAgainFor(account);
    return plain;
}

QStringList FileNames::accounts() const
{
    QStringList accounts;
    for (const auto &[account, opened] : m_opened) {
        if (!opened.names.isEmpty())
            accounts.append(QString::fromUtf8(account));
    }
    return accounts;
}

} // namespace cring::service
