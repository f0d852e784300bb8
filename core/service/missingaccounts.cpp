// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/missingaccounts.h"

#include "core/replica/answers.h"

#include <set>

namespace cring::service {

namespace {

/// Of each account: what lies below a folder that the server refused is not tried.
constexpr qsizetype kLooks = 4;
constexpr int kMostAccounts = 200;
constexpr char kAfterSlash = '/' + 1;

bool saysUnknown(const QString &problem)
{
    static const QString kWords = replica::describeAnswer(404, {}, "missing user");
    return problem == kWords;
}

} // namespace

qint64 missingAccounts(const QString &server, const repair::Delivery &delivery,
                       const state::AccountWork &work, const repair::AccountDelivery &accountDelivery,
                       const std::function<bool(const QByteArray &account)> &isDisabled)
{
    std::set<QByteArray> missing;
    state::ObjectKey after;
    for (int i = 0; i < kMostAccounts; ++i) {
        const QList<repair::Delivery::Item> items = delivery.items(server, after, kLooks);
        if (items.isEmpty())
            break;
        const QByteArray account = state::accountOf(items.first().key);
        for (const repair::Delivery::Item &item : items) {
            if (state::accountOf(item.key) == account && saysUnknown(item.problem))
                missing.insert(account);
        }
        after = account + kAfterSlash;
    }
    for (const auto &[id, item] : work.items()) {
        const auto tried = item.server == server ? accountDelivery.tried(id) : std::nullopt;
        if (tried && saysUnknown(tried->problem))
            missing.insert(item.account);
    }
    std::erase_if(missing, isDisabled);
    return static_cast<qint64>(missing.size());
}

} // namespace cring::service
