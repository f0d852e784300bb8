// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/accountmethods.h"

#include "core/accounts/accountkeeper.h"
#include "core/control/server.h"
#include "core/service/page.h"
#include "core/service/parameters.h"

namespace cring::service {

using accounts::Account;
using accounts::AccountKeeper;
using control::CallPtr;

namespace {

QJsonObject toJson(const Account &account)
{
    QJsonArray fingerprints;
    for (const accounts::PublicKey &key : account.keys)
        fingerprints.append(QString::fromLatin1(accounts::fingerprint(key.text)));
    return {{QStringLiteral("id"), QString::fromLatin1(account.charmId)},
            {QStringLiteral("name"), QString::fromUtf8(account.name)},
            {QStringLiteral("keys"), fingerprints},
            {QStringLiteral("sequences"), static_cast<qint64>(account.sequences.size())}};
}

/// What the last round has come to: who took part, and what a person has to decide.
QJsonObject toJson(const std::optional<AccountKeeper::Report> &report)
{
    QJsonObject object;
    if (!report)
        return object;
    QJsonArray servers;
    for (const accounts::ServerOutcome &server : report->outcome.servers) {
        QJsonObject one{{QStringLiteral("name"), server.name},
                        {QStringLiteral("changes"), static_cast<qint64>(server.done)}};
        if (server.error)
            one.insert(QStringLiteral("problem"), server.problem());
        if (!server.warnings.isEmpty())
            one.insert(QStringLiteral("warnings"), QJsonArray::fromStringList(server.warnings));
        servers.append(one);
    }
    QJsonArray clashes;
    for (const accounts::Clash &clash : report->outcome.clashes)
        clashes.append(clash.toString());
    object.insert(QStringLiteral("atMs"), static_cast<qint64>(report->at.count()));
    object.insert(QStringLiteral("servers"), servers);
    object.insert(QStringLiteral("clashes"), clashes);
    return object;
}

void list(const CallPtr &call, const AccountKeeper &keeper)
{
    Parameters params(call->params());
    const QByteArray after = params.place();
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    const auto all = keeper.accounts();
    Page page;
    QByteArray next;
    QByteArray last;
    for (auto it = all->upper_bound(after); it != all->end(); ++it) {
        if (page.isFull()) {
            next = last;
            break;
        }
        page.add(toJson(it->second));
        last = it->first;
    }
    QJsonObject answer = page.answer(QStringLiteral("accounts"), next);
    answer.insert(QStringLiteral("round"), toJson(keeper.report()));
    call->reply(answer);
}

} // namespace

void addAccountMethods(control::Server &server, AccountKeeper &keeper, QObject *owner)
{
    server.addMethod(QStringLiteral("accounts.list"), [&keeper](const CallPtr &call) { list(call, keeper); });
    server.addMethod(QStringLiteral("accounts.sync"), [&keeper, owner](const CallPtr &call) {
        keeper.sync(owner, [call](const Result<AccountKeeper::Report> &report) {
            if (report)
                call->reply({{QStringLiteral("round"), toJson(*report)}});
            else
                call->fail(report.error());
        });
    });
}

} // namespace cring::service
