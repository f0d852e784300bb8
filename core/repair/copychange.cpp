// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/copychange.h"

#include "core/replica/answers.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"
#include "core/replica/serverchange.h"

namespace cring::repair {

using replica::PathLocks;

quint64 versionOf(const replica::Environment &environment, const replica::ObjectKey &key)
{
    const auto record = environment.catalogue.find(key);
    return record ? record->version : 0;
}

void lockVersion(replica::Environment &environment, const replica::ObjectKey &key, quint64 version,
                 QObject *context, std::function<void(Result<PathLocks::Lease>)> then,
                 std::function<void()> wanted)
{
    environment.locks.acquireBehind(
        key, context,
        [&environment, key, version, then = std::move(then)](PathLocks::Lease lease) {
            if (versionOf(environment, key) == version)
                then(std::move(lease));
            else
                then(Error{Code::FileChanged, QStringLiteral("the file was changed meanwhile")});
        },
        std::move(wanted));
}

void deleteCopy(replica::Environment &environment, health::Backend &target, const replica::ObjectKey &key,
                const replica::Credentials &credentials, QObject *context,
                std::function<void(int status, const QString &problem)> done)
{
    const QByteArray path = key.sliced(qMin(key.size(), credentials.account.size() + 1));
    environment.folders.forget(target.id(), key);
    replica::ServerChange::send(environment, target, key, replica::fileRequest("DELETE", credentials, path),
                                environment.config.timing.answerTimeout, context,
                                [done = std::move(done)](const Result<http::Response> &result) {
                                    if (!result)
                                        done(0, result.error().detail);
                                    else if (result->status != 200)
                                        done(result->status,
                                             replica::describeAnswer(result->status,
                                                                     result->headers.value("Content-Type"),
                                                                     result->body));
                                    else
                                        done(200, {});
                                });
}

} // namespace cring::repair
