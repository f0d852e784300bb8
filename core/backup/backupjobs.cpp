// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/backupjobs.h"

#include "core/backup/drilljob.h"
#include "core/backup/restorejob.h"
#include "core/backup/restoretofolder.h"
#include "core/backup/restoretoservers.h"
#include "core/backup/verifyjob.h"

#include <QDir>

namespace cring::backup {

using namespace std::chrono_literals;
using jobs::Job;

namespace {

constexpr auto kLookAgain = 60s;
/// Behind one that was done; the next one may be due as well.
constexpr auto kLookNext = 1s;
/// A service that has just been started has other things to do.
constexpr auto kFirstLook = 30s;
/// After a drill that could not be made.
constexpr std::chrono::milliseconds kDrillAgain = 1h;
/// After one that has failed: what it found is stored again by then.
constexpr std::chrono::milliseconds kFailedDrillAgain = 24h;
constexpr QLatin1String kBackup("backup");
constexpr QLatin1String kDeep("deep");
const QByteArray kEnded = QByteArrayLiteral("verify_ended");
const QByteArray kDrillEnded = QByteArrayLiteral("drill_ended");
const QByteArray kDeepEnded = QByteArrayLiteral("deep_verify_ended");

Result<Target *> targetOf(const BackupJobTools &tools, const QJsonObject &parameters)
{
    const QString name = parameters.value(kBackup).toString();
    if (Target *target = tools.backups.find(name))
        return target;
    QStringList names;
    for (const auto &target : tools.backups.all())
        names << target->config().name;
    if (names.isEmpty())
        return Error{Code::NotFound, QStringLiteral("no backup is configured ([[backup]])")};
    return Error{Code::NotFound,
                 (name.isEmpty() ? QStringLiteral("there is more than one backup: name it (%1)")
                                 : QStringLiteral("there is no such backup; there is %1"))
                     .arg(names.join(QStringLiteral(", ")))};
}

Result<std::unique_ptr<Job>> makeVerify(const BackupJobTools &tools, const QJsonObject &parameters)
{
    const auto target = targetOf(tools, parameters);
    if (!target)
        return target.error();
    return std::unique_ptr<Job>(std::make_unique<VerifyJob>(**target, tools.ledger, tools.environment(),
                                                            parameters.value(kDeep).toBool()));
}

Result<RestoreJob::Request> requestFrom(const QJsonObject &parameters)
{
    RestoreJob::Request request;
    for (const QJsonValue path : parameters.value(QLatin1String("paths")).toArray()) {
        QByteArray key = path.toString().toUtf8();
        while (key.endsWith('/'))
            key.chop(1);
        const QByteArray account = state::accountOf(key);
        const auto made = makeObjectName(account, key.mid(account.size() + 1), ObjectKind::Folder);
        if (!made)
            return made.error();
        request.tops << key;
    }
    if (const QJsonValue at = parameters.value(QLatin1String("atMs")); at.isDouble())
        request.at = std::chrono::milliseconds(at.toInteger());
    request.dryRun = parameters.value(QLatin1String("dryRun")).toBool();
    return request;
}

Result<std::unique_ptr<Job>> makeRestore(const BackupJobTools &tools, const QJsonObject &parameters)
{
    const auto target = targetOf(tools, parameters);
    if (!target)
        return target.error();
    auto request = requestFrom(parameters);
    if (!request)
        return request.error();
    const QString folder = parameters.value(QLatin1String("to")).toString();
    const bool toBackends = parameters.value(QLatin1String("toBackends")).toBool();
    if (folder.isEmpty() == !toBackends && !(request->dryRun && folder.isEmpty()))
        return Error{Code::ControlBadParams, QStringLiteral("say where to: a folder, or the servers")};
    std::unique_ptr<IRestoreDestination> destination;
    if (toBackends)
        destination = std::make_unique<RestoreToServers>(
            RestoreToServers::Means{**target, tools.ledger, tools.environment(), tools.tokens,
                                    tools.conflicts, tools.choose, tools.writes});
    else if (folder.isEmpty())
        destination = nullptr; // Nothing is brought anywhere.
    else if (QDir::isAbsolutePath(folder))
        destination = std::make_unique<RestoreToFolder>((*target)->client(), folder);
    else
        return Error{Code::ControlBadParams, QStringLiteral("the folder has to be an absolute path")};
    return std::unique_ptr<Job>(std::make_unique<RestoreJob>(
        **target, std::move(*request), std::move(destination), tools.environment().clock));
}

Result<std::unique_ptr<Job>> makeDrill(const BackupJobTools &tools, const QJsonObject &parameters)
{
    const auto target = targetOf(tools, parameters);
    if (!target)
        return target.error();
    if (tools.stateDirectory.isEmpty())
        return Error{Code::StateDirectory, QStringLiteral("there is no state directory to restore to")};
    return std::unique_ptr<Job>(std::make_unique<DrillJob>(
        DrillJob::Means{**target, tools.ledger, tools.environment(), DrillJob::folderIn(tools.stateDirectory),
                        tools.kit ? tools.kit() : std::nullopt}));
}

} // namespace

void addBackupJobs(jobs::Jobs &jobs, const BackupJobTools &tools)
{
    jobs.add(QLatin1String(VerifyJob::kKind),
             [tools](const QJsonObject &parameters) { return makeVerify(tools, parameters); });
    jobs.add(QLatin1String(RestoreJob::kKind),
             [tools](const QJsonObject &parameters) { return makeRestore(tools, parameters); });
    jobs.add(QLatin1String(DrillJob::kKind),
             [tools](const QJsonObject &parameters) { return makeDrill(tools, parameters); });
    if (!tools.stateDirectory.isEmpty())
        QDir(DrillJob::folderIn(tools.stateDirectory)).removeRecursively();
}

BackupSchedule::BackupSchedule(jobs::Jobs &jobs, Backups &backups, state::BucketLedger &ledger,
                               const IClock &clock)
    : m_jobs(jobs)
    , m_backups(backups)
    , m_ledger(ledger)
    , m_clock(clock)
{
    connect(&m_timer, &QTimer::timeout, this, &BackupSchedule::look);
    connect(&m_jobs, &jobs::Jobs::ended, this, &BackupSchedule::handleEnded);
    m_timer.start(kFirstLook);
}

BackupSchedule::~BackupSchedule() = default;

bool BackupSchedule::isDue(const Target &target, const QByteArray &fact,
                           std::chrono::milliseconds interval) const
{
    const QByteArray ended = m_ledger.fact(target.bucket(), fact);
    return ended.isEmpty() || m_clock.wall().count() - ended.toLongLong() >= interval.count();
}

void BackupSchedule::look()
{
    m_timer.start(kLookAgain);
    if (m_jobs.underWay(QLatin1String(VerifyJob::kKind)) || m_jobs.underWay(QLatin1String(DrillJob::kKind)))
        return;
    for (const auto &target : m_backups.all()) {
        // What is still being brought there needs no look, and a bucket with a problem would only fail it.
        if (target->mirror().state() != Mirror::State::Idle || m_ledger.objects(target->bucket()).empty())
            continue;
        if (startVerify(*target) || startDrill(*target))
            return;
    }
}

bool BackupSchedule::startVerify(const Target &target)
{
    const bool deep = isDue(target, kDeepEnded, target.config().deepVerifyInterval);
    if (!deep && !isDue(target, kEnded, target.config().verifyInterval))
        return false;
    QJsonObject parameters{{kBackup, target.config().name}};
    if (deep)
        parameters.insert(kDeep, true);
    return m_jobs.start(QLatin1String(VerifyJob::kKind), parameters).ok();
}

bool BackupSchedule::startDrill(const Target &target)
{
    std::chrono::milliseconds interval = target.config().drillInterval;
    const auto last = DrillRecord::parse(m_ledger.fact(target.bucket(), DrillRecord::kFact));
    if (last && !last->problem().isEmpty())
        interval = std::min(interval, kFailedDrillAgain);
    if (interval.count() == 0 || !isDue(target, kDrillEnded, interval) ||
        m_clock.wall().count() < m_drillAgain.value(target.bucket()))
        return false;
    return m_jobs.start(QLatin1String(DrillJob::kKind), {{kBackup, target.config().name}}).ok();
}

void BackupSchedule::handleEnded(qint64 id)
{
    const auto job = m_jobs.find(id);
    if (!job)
        return;
    const bool drill = job->kind == QLatin1String(DrillJob::kKind);
    const Target *target = m_backups.find(job->parameters.value(kBackup).toString());
    if (!target || (!drill && job->kind != QLatin1String(VerifyJob::kKind)))
        return;
    if (job->state == jobs::Jobs::State::Done)
        m_timer.start(kLookNext);
    const qint64 now = m_clock.wall().count();
    const QByteArray stamp = QByteArray::number(now);
    if (drill && job->state != jobs::Jobs::State::Done) {
        m_drillAgain.insert(target->bucket(), now + kDrillAgain.count());
    } else if (drill) {
        m_ledger.setFact(target->bucket(), kDrillEnded, stamp);
    } else if (job->state == jobs::Jobs::State::Done) {
        m_ledger.setFact(target->bucket(), kEnded, stamp);
        if (job->parameters.value(kDeep).toBool())
            m_ledger.setFact(target->bucket(), kDeepEnded, stamp);
    }
}

} // namespace cring::backup
