// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountkeeper.h"
#include "core/repair/delivery.h"
#include "core/repair/spoolkeeping.h"
#include "core/repair/survey.h"
#include "core/state/accounts.h"
#include "core/state/accountwork.h"

namespace cring::service {

/// What is owed of accounts that an operator has disabled. It rests until they are brought back, and counts
/// nowhere: nobody can do anything about it. Tells the parts that work with files when accounts are disabled
/// or come back; the files of those that are back are gone through once more. One thread.
class SetAside final : public QObject
{
    Q_OBJECT

public:
    /// What hears of it. All outlive this.
    struct Parts
    {
        state::Catalogue &catalogue;
        state::AccountWork &work;
        state::Accounts &accounts;
        repair::Delivery &delivery;
        repair::SpoolKeeping &spoolKeeping;
        repair::Survey &survey;
    };

    SetAside(accounts::AccountKeeper &keeper, const Parts &parts, QObject *parent = nullptr);

    /// How much of what a server, by its id, has not got yet rests.
    qint64 of(const QString &server) const;
    /// The rest of it.
    qint64 owed(const QString &server) const;

private:
    void handleChanged();

    accounts::AccountKeeper &m_keeper;
    const Parts m_parts;
    std::shared_ptr<const std::set<QByteArray>> m_disabled; ///< When handleChanged() was last called.
};

} // namespace cring::service
