// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accountmethods.h"

#include "core/control/server.h"
#include "core/service/accountjson.h"
#include "core/service/page.h"
#include "core/service/parameters.h"

namespace cring::service {

using accounts::AccountKeeper;
using control::CallPtr;

namespace {

void list(const CallPtr &call, const AccountKeeper &keeper)
{
    Parameters params(call->params());
    const QByteArray after = params.place();
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    const auto all = keeper.accounts();
    const auto gone = keeper.gone();
    auto account = all->upper_bound(after);
    auto disabled = gone->disabled.upper_bound(after);
    Page page;
    QByteArray next;
    QByteArray last;
    while (account != all->end() || disabled != gone->disabled.end()) {
        if (page.isFull()) {
            next = last;
            break;
        }
        const bool isDisabled =
            account == all->end() || (disabled != gone->disabled.end() && disabled->first < account->first);
        page.add(isDisabled ? disabledLine(disabled->first, *gone) : accountLine(account->second));
        last = isDisabled ? (disabled++)->first : (account++)->first;
    }
    QJsonObject answer = page.answer(QStringLiteral("accounts"), next);
    answer.insert(QStringLiteral("round"), roundJson(keeper));
    call->reply(answer);
}

} // namespace

void addAccountMethods(control::Server &server, const AccountHooks &hooks, QObject *owner)
{
    AccountKeeper *keeper = hooks.keeper;
    if (!keeper)
        return;
    server.addMethod(QStringLiteral("accounts.list"), [keeper](const CallPtr &call) { list(call, *keeper); });
    server.addMethod(QStringLiteral("accounts.sync"), [keeper, owner](const CallPtr &call) {
        keeper->sync(owner, [call, keeper](const Result<AccountKeeper::Report> &report) {
            if (report)
                call->reply({{QStringLiteral("round"), roundJson(*keeper)}});
            else
                call->fail(report.error());
        });
    });
    addAccountChanges(server, hooks, owner);
}

} // namespace cring::service
