// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/recoverykitmethods.h"

#include "core/control/server.h"
#include "core/service/parameters.h"

namespace cring::service {

using control::CallPtr;

namespace {

std::optional<qint64> time(qint64 ms)
{
    return ms > 0 ? std::optional(ms) : std::nullopt;
}

/// 32 bytes as base64; empty when the call has been failed.
QByteArray publicHalfOf(const CallPtr &call)
{
    Parameters params(call->params());
    const QString text =
        params.needed(QStringLiteral("publicKey"), QStringLiteral("a kit's public half, in base64"));
    if (params.problem()) {
        call->fail(*params.problem());
        return {};
    }
    QByteArray key = QByteArray::fromBase64(text.toLatin1());
    if (key.size() == backup::RecoveryKit::kKeyBytes)
        return key;
    call->fail({Code::ControlBadParams, QStringLiteral("publicKey must be 32 bytes in base64")});
    return {};
}

void answer(const CallPtr &call, const Status &status, const backup::SnapshotKeeper &keeper)
{
    if (!status)
        call->fail(status.error());
    else
        call->reply({{QStringLiteral("kit"), recoveryKitStatus(keeper.kit()).name}});
}

} // namespace

void addRecoveryKitMethods(control::Server &server, backup::SnapshotKeeper &keeper)
{
    server.addMethod(QStringLiteral("recoverykit.show"), [&keeper](const CallPtr &call) {
        QJsonObject shown;
        if (const auto &kit = keeper.kit())
            shown = {{QStringLiteral("kit"), recoveryKitStatus(kit).name},
                     {QStringLiteral("publicKey"), QString::fromLatin1(kit->publicHalf.toBase64())},
                     {QStringLiteral("madeMs"), kit->madeMs},
                     {QStringLiteral("checkedMs"), kit->confirmedMs}};
        call->reply(shown);
    });
    server.addMethod(QStringLiteral("recoverykit.set"), [&keeper](const CallPtr &call) {
        const bool replace = call->params().value(QLatin1String("replace")).toBool();
        if (const QByteArray key = publicHalfOf(call); !key.isEmpty())
            answer(call, keeper.setKit(key, replace), keeper);
    });
    server.addMethod(QStringLiteral("recoverykit.confirm"), [&keeper](const CallPtr &call) {
        if (const QByteArray key = publicHalfOf(call); !key.isEmpty())
            answer(call, keeper.confirmKit(key), keeper);
    });
}

control::RecoveryKitStatus recoveryKitStatus(const std::optional<backup::KitRecord> &record)
{
    if (!record)
        return {};
    return {QString::fromLatin1(backup::kitName(record->publicHalf)), time(record->madeMs),
            time(record->confirmedMs)};
}

QString kitReminder(const control::RecoveryKitStatus &status)
{
    if (status.name.isEmpty())
        return QStringLiteral(
            "there is no recovery kit: without one, the backup's files cannot be read any more when "
            "the servers are lost. Make it with `cring identity recovery-kit create`");
    if (!status.checkedMs)
        return QStringLiteral(
                   "the recovery kit %1 was never checked: see that you can read it with `cring identity "
                   "recovery-kit check FILE`")
            .arg(status.name);
    return {};
}

} // namespace cring::service
