// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/pagedcommand.h"

namespace cring::app {

/// `cring accounts list`
class AccountsListCommand : public PagedCommand
{
    Q_OBJECT

public:
    explicit AccountsListCommand(ServiceCommandContext context);

protected:
    void showEntries(const QJsonArray &entries) override;
    void showEnd(const QJsonObject &last) override;
    QJsonObject summary(const QJsonObject &last) const override;
};

/// `cring accounts sync`: a round now. Exit 3 when a server was left out, 6 with clashes.
class AccountsSyncCommand : public ServiceCommand
{
    Q_OBJECT

public:
    explicit AccountsSyncCommand(ServiceCommandContext context);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void show(const QJsonObject &answer);
};

/// A hundred thousand accounts on slow disks.
inline constexpr std::chrono::milliseconds kAccountsPatience{120'000};

/// What a round has come to: a line for each server, and for each clash.
QString roundWords(const QJsonObject &round);
/// PartlyDone when a server was left out, DoneWithFindings with clashes.
int roundExit(const QJsonObject &round);

} // namespace cring::app
