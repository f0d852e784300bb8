// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/setaside.h"

namespace cring::service {

SetAside::SetAside(accounts::AccountKeeper &keeper, const Parts &parts, QObject *parent)
    : QObject(parent)
    , m_keeper(keeper)
    , m_parts(parts)
    , m_disabled(keeper.disabledAccounts())
{
    connect(&m_keeper, &accounts::AccountKeeper::disabledChanged, this, &SetAside::handleChanged);
}

qint64 SetAside::of(const QString &server) const
{
    const auto disabled = m_keeper.disabledAccounts();
    qint64 count = 0;
    for (const QByteArray &account : *disabled)
        count += m_parts.catalogue.owedOf(account, server);
    if (disabled->empty())
        return count;
    for (const auto &[id, item] : m_parts.work.items())
        count += item.server == server && disabled->contains(item.account) ? 1 : 0;
    return count;
}

qint64 SetAside::owed(const QString &server) const
{
    return static_cast<qint64>(m_parts.catalogue.debts(server).size()) + m_parts.work.count(server) -
           of(server);
}

void SetAside::handleChanged()
{
    const auto before = std::exchange(m_disabled, m_keeper.disabledAccounts());
    for (const QByteArray &account : *before) {
        if (!m_disabled->contains(account))
            m_parts.accounts.goThroughAgain(account);
    }
    m_parts.delivery.hurry();
    m_parts.spoolKeeping.lookAgain();
    m_parts.survey.refresh();
}

} // namespace cring::service
