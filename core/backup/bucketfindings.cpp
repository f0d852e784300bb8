// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketfindings.h"

#include "core/backup/objectname.h"
#include "core/base/words.h"

#include <QStringList>

#include <algorithm>

namespace cring::backup {

namespace {

using Kind = S3Error::Kind;
using Level = BucketFinding::Level;

const QString kVersioning = QStringLiteral("versioning");
const QString kLifecycle = QStringLiteral("lifecycle");
const QString kLock = QStringLiteral("lock");

/// Some stores take a question that they do not know for a listing, and answer with one.
bool isNotTold(Kind kind)
{
    return kind == Kind::Unsupported || kind == Kind::Protocol || kind == Kind::NothingSet;
}

/// `what`: "whether it keeps versions"; `right`: of the keys, to ask.
BucketFinding unanswered(const QString &step, const S3Error &error, const char *what, const char *right)
{
    if (isNotTold(error.kind))
        return {step, Level::Unknown, QStringLiteral("the server does not tell %1").arg(QLatin1String(what))};
    if (error.kind == Kind::Denied)
        return {step, Level::Unknown,
                QStringLiteral("these keys may not ask %1: give them the right %2")
                    .arg(QLatin1String(what), QLatin1String(right))};
    return {step, Level::Failed, error.words()};
}

/// Accounts are UUIDs: a rule for "logs/" concerns none of them.
bool concernsBackup(const LifecycleRule &rule)
{
    if (!rule.enabled || rule.tagged)
        return false;
    const QByteArrayView own(kOwnPrefix);
    if (own.startsWith(rule.prefix) || rule.prefix.startsWith(own))
        return true;
    const auto end = std::ranges::find_if(rule.prefix, [](char c) { return c == '/' || c == '.'; });
    return std::all_of(rule.prefix.begin(), end,
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; });
}

/// From which nothing is to be had at once.
bool isArchive(const QString &storageClass)
{
    return storageClass == QLatin1String("GLACIER") || storageClass == QLatin1String("DEEP_ARCHIVE");
}

QString nameOf(const LifecycleRule &rule)
{
    return rule.id.isEmpty() ? QStringLiteral("a rule")
                             : QStringLiteral("the rule “%1”").arg(rule.id.left(60));
}

QString after(int days)
{
    return days < 0 ? QStringLiteral("at a date")
                    : QStringLiteral("after %1").arg(words::counted(days, "day"));
}

/// What the rule does to what is needed; "" when nothing.
QString dangerOf(const LifecycleRule &rule, bool versioned)
{
    const bool deletes = rule.expirationDays || !rule.expirationDate.isEmpty();
    if (deletes)
        return QStringLiteral(
                   "%1 deletes objects %2, current ones too: files vanish from the backup. Take it "
                   "out, or have it expire non-current versions alone")
            .arg(nameOf(rule), rule.expirationDays ? after(*rule.expirationDays)
                                                   : QStringLiteral("on ") + rule.expirationDate);
    for (const auto &[storageClass, days] : rule.moves) {
        if (isArchive(storageClass))
            return QStringLiteral(
                       "%1 moves objects to %2 %3, where nothing can be read at once: comparing and "
                       "restoring them would fail. Use another storage class")
                .arg(nameOf(rule), storageClass, after(days));
    }
    for (const auto &[storageClass, days] : rule.oldMoves) {
        if (versioned && isArchive(storageClass))
            return QStringLiteral("%1 moves old versions to %2 %3, where nothing can be read at once: `cring "
                                  "backup restore --at` would not get them. Use another storage class")
                .arg(nameOf(rule), storageClass, after(days));
    }
    return {};
}

} // namespace

QString levelName(Level level)
{
    switch (level) {
    case Level::Well:
        return QStringLiteral("well");
    case Level::Hint:
        return QStringLiteral("hint");
    case Level::Unknown:
        return QStringLiteral("unknown");
    case Level::Danger:
        return QStringLiteral("danger");
    case Level::Failed:
        break;
    }
    return QStringLiteral("failed");
}

std::optional<Versioning> knownVersioning(const S3Result<Versioning> &answer)
{
    if (answer)
        return *answer;
    const Kind kind = answer.error().kind;
    return isNotTold(kind) || kind == Kind::Denied ? std::optional(Versioning::Never) : std::nullopt;
}

BucketFinding judgeVersioning(const S3Result<Versioning> &answer)
{
    if (!answer)
        return unanswered(kVersioning, answer.error(), "whether it keeps versions", "s3:GetBucketVersioning");
    if (*answer == Versioning::Enabled)
        return {kVersioning, Level::Well,
                QStringLiteral("on: what is overwritten or deleted can be brought back")};
    return {kVersioning, Level::Danger,
            QStringLiteral(
                "%1: what is overwritten or deleted is gone for good, in the bucket too. `cring backup "
                "check --enable-versioning` switches it on")
                .arg(*answer == Versioning::Suspended ? QStringLiteral("suspended") : QStringLiteral("off"))};
}

BucketFinding judgeLifecycle(const S3Result<QList<LifecycleRule>> &answer, bool versioned)
{
    if (!answer)
        return unanswered(kLifecycle, answer.error(), "which rules delete by themselves",
                          "s3:GetLifecycleConfiguration");
    QStringList dangers;
    std::optional<int> kept; ///< The rule that deletes soonest counts.
    for (const LifecycleRule &rule : *answer) {
        if (!concernsBackup(rule))
            continue;
        if (const QString danger = dangerOf(rule, versioned); !danger.isEmpty())
            dangers << danger;
        if (rule.noncurrentDays)
            kept = std::min(kept.value_or(*rule.noncurrentDays), *rule.noncurrentDays);
    }
    if (!dangers.isEmpty())
        return {kLifecycle, Level::Danger, dangers.join(QStringLiteral("; "))};
    if (!versioned)
        return {kLifecycle, Level::Well, QStringLiteral("no rule deletes or moves what is current")};
    if (!kept)
        return {
            kLifecycle, Level::Hint,
            QStringLiteral(
                "no rule takes old versions away: the bucket grows with every change. `cring backup check "
                "--keep-versions 90` sets one that does after 90 days")};
    return {kLifecycle, Level::Well,
            QStringLiteral("old versions go %1: `cring backup restore --at` reaches back that far")
                .arg(after(*kept))};
}

BucketFinding judgeLock(const S3Result<ObjectLock> &answer)
{
    if (!answer)
        return unanswered(kLock, answer.error(), "whether objects are locked",
                          "s3:GetBucketObjectLockConfiguration");
    if (!answer->enabled)
        return {
            kLock, Level::Well,
            QStringLiteral("off: whoever has these keys can delete old versions, too. `cring backup check "
                           "--lock 30` keeps each for 30 days")};
    if (answer->mode.isEmpty())
        return {kLock, Level::Well,
                QStringLiteral(
                    "on, without a time for new objects: versions can be deleted unless each is locked")};
    const QString time =
        answer->years > 0 ? words::counted(answer->years, "year") : words::counted(answer->days, "day");
    return {kLock, Level::Well,
            QStringLiteral("on: deletes keep versions, for %1 each (%2: %3)")
                .arg(time, QString::fromLatin1(answer->mode.left(40)),
                     answer->mode == "COMPLIANCE"
                         ? QStringLiteral("nobody can take them away before")
                         : QStringLiteral("a special right can take them away before"))};
}

} // namespace cring::backup
