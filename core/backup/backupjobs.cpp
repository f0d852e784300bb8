// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/backupjobs.h"

#include "core/backup/drilljob.h"
#include "core/backup/restorejob.h"
#include "core/backup/restoretofolder.h"
#include "core/backup/restoretoservers.h"
#include "core/backup/verifyjob.h"

#include <QDir>

#include <algorithm>

namespace cring::backup {

using namespace std::chrono_literals;
using jobs::Job;

namespace {

/// After a verification, and after a drill, that could not be made to the end; each time twice as long.
constexpr std::chrono::milliseconds kVerifyAgain = 5min;
constexpr std::chrono::milliseconds kDrillAgain = 1h;
/// At most; and after one that a person has cancelled.
constexpr std::chrono::milliseconds kLongestPause = 24h;
/// What is on its way to the bucket is let through first, so long at most.
constexpr std::chrono::milliseconds kPatience = 24h;
/// A clock that is corrected by less makes nothing due.
constexpr std::chrono::milliseconds kClockSlack = 1h;
/// After one that has failed: what it found is stored again by then.
constexpr std::chrono::milliseconds kFailedDrillAgain = 24h;
constexpr QLatin1String kBackup("backup");
constexpr QLatin1String kDeep("deep");
/// Facts of a bucket begin with these; the times in them are ms since 1970.
const QByteArray kVerify = QByteArrayLiteral("verify");
const QByteArray kDeepVerify = QByteArrayLiteral("deep_verify");
const QByteArray kDrill = QByteArrayLiteral("drill");

/// When the last one was done.
QByteArray endedFact(const QByteArray &kind)
{
    return kind + "_ended";
}

/// "<not before> <failures in a row>"
QByteArray againFact(const QByteArray &kind)
{
    return kind + "_again";
}

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
    return std::unique_ptr<Job>(
        std::make_unique<RestoreJob>(**target, std::move(*request), std::move(destination)));
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
                               const IClock &clock, const SchedulePace &pace)
    : m_jobs(jobs)
    , m_backups(backups)
    , m_ledger(ledger)
    , m_clock(clock)
    , m_pace(pace)
{
    connect(&m_timer, &QTimer::timeout, this, &BackupSchedule::look);
    connect(&m_jobs, &jobs::Jobs::ended, this, &BackupSchedule::handleEnded);
    m_timer.start(m_pace.first);
}

BackupSchedule::~BackupSchedule() = default;

void BackupSchedule::look()
{
    m_timer.start(m_pace.again);
    if (m_jobs.underWay(QLatin1String(VerifyJob::kKind)) || m_jobs.underWay(QLatin1String(DrillJob::kKind)))
        return;
    QList<const Target *> targets;
    for (const auto &target : m_backups.all()) {
        if (isFree(*target) && !m_ledger.objects(target->bucket()).empty())
            targets << target.get();
    }
    std::ranges::stable_sort(targets, {},
                             [this](const Target *one) { return m_started.value(one->bucket()); });
    for (const Target *target : std::as_const(targets)) {
        if (startVerify(*target) || startDrill(*target)) {
            m_started.insert(target->bucket(), ++m_starts);
            return;
        }
    }
}

/// A bucket with a problem would only fail it. Objects that cannot be stored are no such problem, and are
/// owed for as long as that lasts.
bool BackupSchedule::isFree(const Target &target)
{
    const Mirror::State state = target.mirror().state();
    if (state == Mirror::State::Idle) {
        m_busySince.remove(target.bucket());
        return true;
    }
    if (state != Mirror::State::Working)
        return false;
    const auto now = m_clock.steady();
    if (!m_busySince.contains(target.bucket()))
        m_busySince.insert(target.bucket(), now);
    return target.mirror().underWay() == 0 || now - m_busySince.value(target.bucket()) >= kPatience;
}

bool BackupSchedule::isDue(const Target &target, const QByteArray &kind,
                           std::chrono::milliseconds interval) const
{
    const QByteArray ended = m_ledger.fact(target.bucket(), endedFact(kind));
    const std::chrono::milliseconds age = m_clock.wall() - std::chrono::milliseconds(ended.toLongLong());
    return ended.isEmpty() || age >= interval || age < -kClockSlack;
}

bool BackupSchedule::mayTry(const Target &target, const QByteArray &kind) const
{
    const QByteArray again = m_ledger.fact(target.bucket(), againFact(kind));
    const std::chrono::milliseconds left =
        std::chrono::milliseconds(again.left(again.indexOf(' ')).toLongLong()) - m_clock.wall();
    return left <= 0ms || left > kLongestPause; // The clock was ahead.
}

bool BackupSchedule::startVerify(const Target &target)
{
    const bool deep =
        isDue(target, kDeepVerify, target.config().deepVerifyInterval) && mayTry(target, kDeepVerify);
    if (!deep && (!isDue(target, kVerify, target.config().verifyInterval) || !mayTry(target, kVerify)))
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
    if (interval.count() == 0 || !isDue(target, kDrill, interval) || !mayTry(target, kDrill))
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
    m_timer.start(m_pace.next);
    const bool deep = job->parameters.value(kDeep).toBool();
    const QByteArray &kind = drill ? kDrill : deep ? kDeepVerify : kVerify;
    if (job->state != jobs::Jobs::State::Done) {
        const bool cancelled = job->state == jobs::Jobs::State::Cancelled;
        pause(target->bucket(), kind, cancelled);
        if (deep && cancelled)
            pause(target->bucket(), kVerify, true); // Whoever wants quiet wants no listing either.
        return;
    }
    // A deep one has compared the listing, too, unless it has gone on where one before it had done that.
    const bool isBoth = deep && !job->summary.value(QLatin1String(VerifyJob::kResumed)).toBool();
    const QList<QByteArray> ended = isBoth ? QList{kDeepVerify, kVerify} : QList{kind};
    for (const QByteArray &done : ended) {
        m_ledger.setFact(target->bucket(), endedFact(done), QByteArray::number(m_clock.wall().count()));
        m_ledger.setFact(target->bucket(), againFact(done), {});
    }
}

void BackupSchedule::pause(Bucket bucket, const QByteArray &kind, bool cancelled)
{
    const QList<QByteArray> before = m_ledger.fact(bucket, againFact(kind)).split(' ');
    const int failures = std::clamp(before.value(1).toInt(), 0, 20);
    const auto first = kind == kDrill ? kDrillAgain : kVerifyAgain;
    const auto time = cancelled ? kLongestPause : std::min(kLongestPause, first * (1 << failures));
    m_ledger.setFact(bucket, againFact(kind),
                     QByteArray::number((m_clock.wall() + time).count()) + ' ' +
                         QByteArray::number(cancelled ? 0 : failures + 1));
}

} // namespace cring::backup
