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

} // namespace cring::app
