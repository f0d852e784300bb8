// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/drillrecord.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace cring::backup {

namespace {

constexpr QLatin1String kAt("atMs");
constexpr QLatin1String kTook("tookMs");
constexpr QLatin1String kRestored("restored");
constexpr QLatin1String kBytes("bytes");
constexpr QLatin1String kFailed("unrestored");
constexpr QLatin1String kFailures("failures");
constexpr QLatin1String kAccountsFailed("accountsFailed");
constexpr QLatin1String kAccounts("accounts");

} // namespace

std::optional<DrillRecord> DrillRecord::parse(const QByteArray &bytes)
{
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    DrillRecord record;
    record.atMs = object.value(kAt).toInteger();
    record.tookMs = object.value(kTook).toInteger();
    record.files = object.value(kRestored).toInteger();
    record.bytes = object.value(kBytes).toInteger();
    record.failed = object.value(kFailed).toInteger();
    for (const QJsonValue failure : object.value(kFailures).toArray())
        record.failures << failure.toString();
    record.accountsFailed = object.value(kAccountsFailed).toBool();
    record.accounts = object.value(kAccounts).toString();
    return record.atMs > 0 ? std::optional(record) : std::nullopt;
}

QJsonObject DrillRecord::toJson() const
{
    return {{kAt, atMs},
            {kTook, tookMs},
            {kRestored, files},
            {kBytes, bytes},
            {kFailed, failed},
            {kFailures, QJsonArray::fromStringList(failures)},
            {kAccountsFailed, accountsFailed},
            {kAccounts, accounts}};
}

QString DrillRecord::problem() const
{
    QString text;
    if (failed > 0)
        text =
            QStringLiteral("%1 of %2 files did not come back as they were").arg(failed).arg(files + failed);
    if (accountsFailed)
        text +=
            (text.isEmpty() ? QString() : QStringLiteral("; ")) + QStringLiteral("the accounts: ") + accounts;
    return text;
}

} // namespace cring::backup
