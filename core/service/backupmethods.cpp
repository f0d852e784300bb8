// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/backupmethods.h"

#include "core/backup/bucketcheck.h"
#include "core/backup/s3walk.h"
#include "core/control/server.h"
#include "core/service/backupstatus.h"
#include "core/service/parameters.h"

#include <QJsonArray>

namespace cring::service {

using backup::Target;
using control::CallPtr;

namespace {

/// Of one path that are told.
constexpr qsizetype kVersions = 1'000;

/// What an answer may be long.
constexpr qsizetype kGrowthRows = 4'000;
constexpr qint64 kGrowthDays = 30;

/// The one that is named, or the only one. Fails the call when there is none.
Target *targetFor(const CallPtr &call, const backup::Backups &backups)
{
    Parameters params(call->params());
    const QString name = params.text(QStringLiteral("backup"));
    if (params.problem()) {
        call->fail(*params.problem());
        return nullptr;
    }
    if (Target *target = backups.find(name))
        return target;
    QStringList names;
    for (const auto &target : backups.all())
        names << target->config().name;
    if (names.isEmpty())
        call->fail({Code::NotFound, QStringLiteral("no backup is configured ([[backup]])")});
    else if (name.isEmpty())
        call->fail({Code::ControlBadParams, QStringLiteral("there is more than one backup: name it (%1)")
                                                .arg(names.join(QStringLiteral(", ")))});
    else
        call->fail({Code::NotFound, QStringLiteral("there is no backup \"%1\"; there is %2")
                                        .arg(name.left(100), names.join(QStringLiteral(", ")))});
    return nullptr;
}

QJsonObject owedJson(const Target &target, const state::BucketLedger &ledger)
{
    const state::BucketLedger::Sum sum = ledger.sum(target.bucket());
    return {{QStringLiteral("backup"), target.config().name},
            {QStringLiteral("owed"), sum.stores},
            {QStringLiteral("owedDeletes"), sum.removals},
            {QStringLiteral("owedBytes"), sum.bytes}};
}

void run(const CallPtr &call, const backup::Backups &backups, const state::BucketLedger &ledger)
{
    Parameters params(call->params());
    if (!params.text(QStringLiteral("backup")).isEmpty() || backups.all().size() <= 1) {
        Target *target = targetFor(call, backups);
        if (!target)
            return;
        target->hurry();
        call->reply({{QStringLiteral("backups"), QJsonArray{owedJson(*target, ledger)}}});
        return;
    }
    QJsonArray all;
    for (const auto &target : backups.all()) {
        target->hurry();
        all.append(owedJson(*target, ledger));
    }
    call->reply({{QStringLiteral("backups"), all}});
}

void release(const CallPtr &call, const backup::Backups &backups, bool carryOut)
{
    Target *target = targetFor(call, backups);
    if (!target)
        return;
    const qint64 held = target->mirror().heldDeletes();
    if (held > 0 && carryOut)
        target->mirror().release();
    else if (held > 0)
        target->mirror().discard();
    call->reply({{QStringLiteral("backup"), target->config().name}, {QStringLiteral("deletes"), held}});
}

QJsonObject versionJson(const backup::ListedVersion &version)
{
    QJsonObject object{{QStringLiteral("version"), QString::fromUtf8(version.versionId)},
                       {QStringLiteral("current"), version.latest},
                       {QStringLiteral("deleted"), version.deleteMarker},
                       {QStringLiteral("modifiedMs"), static_cast<qint64>(version.modified.count())}};
    if (!version.deleteMarker)
        object.insert(QStringLiteral("size"), version.size);
    return object;
}

/// Of one path: the newest first, and no more than a person reads and a message holds.
class VersionsOfPath final : public QObject
{
public:
    VersionsOfPath(const CallPtr &call, Target &target, const QByteArray &objectKey)
        : QObject(&target)
        , m_call(call)
        , m_key(objectKey)
        , m_walk(target.client(), objectKey)
    {
    }

    void next()
    {
        m_walk.next([this](const backup::S3Result<QList<backup::ListedVersion>> &page) {
            if (!page) {
                m_call->fail(page.error().toError());
                deleteLater();
                return;
            }
            bool past = m_walk.atEnd();
            for (const backup::ListedVersion &version : *page) {
                past = past || version.key != m_key;
                if (version.key != m_key)
                    continue;
                if (m_versions.size() < kVersions)
                    m_versions.append(versionJson(version));
                else
                    m_more = true;
            }
            if (!past && !m_more) {
                next();
                return;
            }
            m_call->reply({{QStringLiteral("versions"), m_versions}, {QStringLiteral("more"), m_more}});
            deleteLater();
        });
    }

private:
    const CallPtr m_call;
    const QByteArray m_key;
    backup::VersionWalk m_walk;
    QJsonArray m_versions;
    bool m_more = false;
};

void versions(const CallPtr &call, const backup::Backups &backups, const state::BucketLedger &ledger)
{
    Parameters params(call->params());
    const QByteArray key =
        params.needed(QStringLiteral("path"), QStringLiteral("a path, <charm id>/<path>")).toUtf8();
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    Target *target = targetFor(call, backups);
    if (!target)
        return;
    const QByteArray account = state::accountOf(key);
    if (key.size() <= account.size() + 1) {
        call->fail({Code::ControlBadParams,
                    QStringLiteral("the path of a file or folder is wanted, <charm id>/<path>: `cring blobs "
                                   "list` has them")});
        return;
    }
    const auto object = ledger.object(target->bucket(), key);
    const auto name = backup::makeObjectName(account, key.mid(account.size() + 1),
                                             object && object->folder ? backup::ObjectKind::Folder
                                                                      : backup::ObjectKind::File);
    if (!name) {
        call->fail(name.error());
        return;
    }
    (new VersionsOfPath(call, *target, name->key))->next();
}

QJsonObject toJson(const backup::BucketFinding &finding)
{
    return {{QStringLiteral("step"), finding.step},
            {QStringLiteral("level"), backup::levelName(finding.level)},
            {QStringLiteral("ok"), finding.isGood()},
            {QStringLiteral("text"), finding.text},
            {QStringLiteral("ms"), finding.ms}};
}

Result<backup::BucketWishes> wishesOf(const CallPtr &call)
{
    Parameters params(call->params());
    const auto days = [&params](const char *name) {
        const qint64 number = params.number(QLatin1String(name), 0, 1, backup::BucketWishes::kMostDays);
        return number > 0 ? std::optional(static_cast<int>(number)) : std::nullopt;
    };
    backup::BucketWishes wishes;
    wishes.versioning = call->params().value(QLatin1String("enableVersioning")).toBool();
    wishes.keepDays = days("keepDays");
    wishes.lockDays = days("lockDays");
    if (params.problem())
        return *params.problem();
    return wishes;
}

/// A person's look, which ends with the target: the call then answers by itself.
void check(const CallPtr &call, const backup::Backups &backups)
{
    Target *target = targetFor(call, backups);
    if (!target)
        return;
    const Result<backup::BucketWishes> wishes = wishesOf(call);
    if (!wishes) {
        call->fail(wishes.error());
        return;
    }
    backup::BucketCheck *check = target->check(*wishes);
    QObject::connect(check, &backup::BucketCheck::found, check, [call](const backup::BucketFinding &finding) {
        call->progress(QStringLiteral("backup.check.step"), toJson(finding));
    });
    QObject::connect(check, &backup::BucketCheck::finished, check,
                     [call, check, name = target->config().name] {
                         QJsonArray steps;
                         for (const backup::BucketFinding &finding : check->findings())
                             steps.append(toJson(finding));
                         call->reply({{QStringLiteral("backup"), name},
                                      {QStringLiteral("ok"), check->passed()},
                                      {QStringLiteral("steps"), steps}});
                     });
    check->start();
}

QJsonObject toJson(const QByteArray &account, const backup::GrowthRow &row)
{
    return {{QStringLiteral("account"), QString::fromLatin1(account)},
            {QStringLiteral("stored"), row.stored},
            {QStringLiteral("storedBytes"), row.storedBytes},
            {QStringLiteral("removed"), row.removed},
            {QStringLiteral("objects"), row.objects},
            {QStringLiteral("bytes"), row.bytes}};
}

/// As many days as an answer holds, the newest first.
QJsonArray daysJson(const QList<backup::GrowthDay> &days)
{
    QJsonArray array;
    qsizetype rows = 0;
    for (const backup::GrowthDay &day : days) {
        rows += day.accounts.size();
        if (rows > kGrowthRows && !array.isEmpty())
            break;
        QJsonArray accounts;
        for (auto it = day.accounts.begin(); it != day.accounts.end(); ++it)
            accounts.append(toJson(it.key(), it.value()));
        array.append(QJsonObject{{QStringLiteral("day"), day.day.toString(Qt::ISODate)},
                                 {QStringLiteral("accounts"), accounts}});
    }
    return array;
}

QJsonObject versionsJson(const QByteArray &fact)
{
    const auto versions = backup::OldVersions::parse(fact);
    if (!versions)
        return {};
    QJsonArray accounts;
    for (auto it = versions->accounts.begin(); it != versions->accounts.end(); ++it)
        accounts.append(QJsonObject{{QStringLiteral("account"), QString::fromLatin1(it.key())},
                                    {QStringLiteral("versions"), it->versions},
                                    {QStringLiteral("bytes"), it->bytes}});
    return {{QStringLiteral("atMs"), versions->atMs}, {QStringLiteral("accounts"), accounts}};
}

void growth(const CallPtr &call, const backup::Backups &backups, const state::BucketLedger &ledger)
{
    Parameters params(call->params());
    const auto days = static_cast<int>(
        params.number(QStringLiteral("days"), kGrowthDays, 1, backup::GrowthBook::kKeptDays));
    if (params.problem()) {
        call->fail(*params.problem());
        return;
    }
    Target *target = targetFor(call, backups);
    if (!target)
        return;
    target->growth().count(target, [call, target, days, &ledger] {
        const auto odd = target->growth().odd();
        call->reply({{QStringLiteral("backup"), target->config().name},
                     {QStringLiteral("days"), daysJson(target->growth().days(days))},
                     {QStringLiteral("versions"),
                      versionsJson(ledger.fact(target->bucket(), backup::OldVersions::kFact))},
                     {QStringLiteral("warning"), odd ? odd->words() : QString()}});
    });
}

} // namespace

void addBackupMethods(control::Server &server, backup::Backups &backups, state::BucketLedger &ledger,
                      backup::SnapshotKeeper *snapshots)
{
    server.addMethod(QStringLiteral("backup.run"), [&, snapshots](const CallPtr &call) {
        if (snapshots)
            snapshots->hurry();
        run(call, backups, ledger);
    });
    server.addMethod(QStringLiteral("backup.release"),
                     [&](const CallPtr &call) { release(call, backups, true); });
    server.addMethod(QStringLiteral("backup.discard"),
                     [&](const CallPtr &call) { release(call, backups, false); });
    server.addMethod(QStringLiteral("backup.check"), [&](const CallPtr &call) { check(call, backups); });
    server.addMethod(QStringLiteral("backup.growth"),
                     [&](const CallPtr &call) { growth(call, backups, ledger); });
    server.addMethod(QStringLiteral("backup.versions"),
                     [&](const CallPtr &call) { versions(call, backups, ledger); });
}

} // namespace cring::service
