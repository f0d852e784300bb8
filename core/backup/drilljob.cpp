// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/drilljob.h"

#include "core/backup/restoretofolder.h"
#include "core/backup/snapshotkeeper.h"
#include "core/base/words.h"
#include "core/replica/digest.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QStorageInfo>

namespace cring::backup {

namespace {

constexpr qsizetype kStep = 500;
constexpr qint64 kPiece = 256 * 1024;
/// What the disk has to have free: the state directory is where uploads are acknowledged from.
constexpr qint64 kRoom = 2 * DrillSample::Limits().bytes;
/// Under which it comes back: the name that it has may be longer than a path may be.
const QByteArray kName = QByteArrayLiteral("restored");

/// The bucket is there, and has not got this file as it should be; otherwise nothing was learnt.
bool isOfTheFile(Code code)
{
    return code == Code::BackupDigest || code == Code::BackupMissing || code == Code::BackupProtocol ||
           code == Code::BackupDenied || code == Code::BackupUnsupported || code == Code::BackupRefused;
}

/// As Qt has them: a hexadecimal digit for each of owner, group and others.
QFileDevice::Permissions permissionsOf(quint32 mode)
{
    return static_cast<QFileDevice::Permissions>(
        static_cast<int>((mode & 0700U) << 6 | (mode & 070U) << 1 | (mode & 07U)));
}

/// On a worker.
Status makeFolders(const QString &folder, const QString &own)
{
    QDir(folder).removeRecursively(); // of a drill that was killed
    constexpr auto kMine = QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner;
    if (!QDir().mkdir(folder) || !QFile::setPermissions(folder, kMine) || !QDir().mkdir(own))
        return Error{Code::RestoreFailed, QStringLiteral("the folder %1 cannot be made").arg(folder)};
    const QStorageInfo disk(folder);
    if (disk.isValid() && disk.bytesAvailable() < kRoom)
        return Error{Code::RestoreFailed,
                     QStringLiteral("the disk of %1 has %2 free, and a drill leaves uploads at least %3")
                         .arg(folder, words::bytes(disk.bytesAvailable()), words::bytes(kRoom))};
    return {};
}

/// On a worker. Removes it afterwards.
Status compareFile(const QString &path, const DrillSample::Item &item, quint64 seed)
{
    QFile file(path);
    const QFileDevice::Permissions found = file.permissions() & permissionsOf(0777);
    // Some cannot be read by their owner.
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    if (!file.open(QIODevice::ReadOnly))
        return Error{Code::RestoreFailed,
                     QStringLiteral("what was restored cannot be read: ") + file.errorString()};
    replica::PayloadDigest digest(seed);
    for (QByteArray piece = file.read(kPiece); !piece.isEmpty(); piece = file.read(kPiece))
        digest.add(piece);
    const QFileDevice::FileError problem = file.error();
    file.close();
    QFile::remove(path);
    if (problem != QFileDevice::NoError)
        return Error{Code::RestoreFailed,
                     QStringLiteral("what was restored cannot be read: ") + file.errorString()};
    if (digest.size() != item.size)
        return Error{Code::BackupDigest,
                     QStringLiteral("%1 bytes came back of %2").arg(digest.size()).arg(item.size)};
    if (!item.digest.isEmpty() && digest.value() != item.digest)
        return Error{Code::BackupDigest, QStringLiteral("other bytes came back than were stored")};
    if (found != permissionsOf(item.mode))
        return Error{Code::BackupDigest, QStringLiteral("it came back with another mode")};
    return {};
}

} // namespace

QString DrillJob::folderIn(const QString &stateDirectory)
{
    return stateDirectory + QStringLiteral("/drill");
}

DrillJob::DrillJob(Means means)
    : m_means(std::move(means))
    , m_use(m_means.environment.use)
    , m_folder(m_means.folder + u'/' + QString::number(m_means.environment.random.next(), 16))
    , m_sample(m_means.environment.random, {})
    , m_destination(std::make_unique<RestoreToFolder>(m_means.target.client(), m_folder))
{
}

/// The end of the service, or a new configuration: one file at most, at once.
DrillJob::~DrillJob()
{
    m_task.reset();
    if (m_started && m_phase != Phase::Ended)
        QDir(m_folder).removeRecursively();
}

void DrillJob::start(const QByteArray &)
{
    m_started = true;
    m_busy = true;
    m_record.atMs = m_means.environment.clock.wall().count();
    const auto made = std::make_shared<Status>();
    m_means.target.client().session().workers().run(
        [folder = m_means.folder, own = m_folder, made] { *made = makeFolders(folder, own); }, this,
        [this, made] {
            m_busy = false;
            if (*made)
                proceed();
            else
                fail(made->error());
        });
}

void DrillJob::setPaused(bool paused)
{
    m_paused = paused;
    if (m_started)
        proceed();
}

void DrillJob::cancel()
{
    m_cancelled = true;
    if (m_task) {
        m_task->disconnect(this);
        m_task.release()->deleteLater();
        m_busy = false;
    } else if (m_search) {
        dropSearch();
        m_busy = false;
    }
    if (m_started)
        proceed();
}

jobs::JobProgress DrillJob::progress() const
{
    jobs::JobProgress progress;
    progress.phase = m_phase == Phase::Choosing    ? QStringLiteral("choosing files")
                     : m_phase == Phase::Restoring ? QStringLiteral("bringing back")
                                                   : QStringLiteral("looking at the accounts");
    progress.done = m_record.files + m_record.failed + m_moved;
    progress.total = m_total;
    progress.bytes = m_record.bytes;
    return progress;
}

void DrillJob::step()
{
    Q_EMIT progressed({});
    QMetaObject::invokeMethod(this, &DrillJob::proceed, Qt::QueuedConnection);
}

void DrillJob::proceed()
{
    if (m_busy || m_phase == Phase::Ended)
        return;
    if (m_cancelled) {
        end();
        return;
    }
    if (m_paused)
        return;
    switch (m_phase) {
    case Phase::Choosing:
        choose();
        break;
    case Phase::Restoring:
        restore();
        break;
    case Phase::Accounts:
        lookAtAccounts();
        break;
    case Phase::Ended:
        break;
    }
}

// ---- files ----

void DrillJob::choose()
{
    const state::BucketLedger::Objects &objects = m_means.ledger.objects(m_means.target.bucket());
    auto it = objects.upper_bound(m_after);
    for (qsizetype i = 0; i < kStep && it != objects.end(); ++i, ++it) {
        m_after = it->first;
        const state::BucketLedger::Object &object = it->second;
        const auto record = m_means.environment.catalogue.find(it->first);
        if (object.gone || object.kept || object.doubtful || object.folder || !record || record->deleted ||
            record->version != object.version || m_means.target.mirror().isUnderWay(it->first))
            continue;
        m_sample.consider({it->first, record->version, object.size, record->digest, record->mode});
    }
    if (it == objects.end()) {
        m_items = m_sample.take();
        m_total = m_items.size();
        m_phase = Phase::Restoring;
    }
    step();
}

void DrillJob::restore()
{
    if (m_items.isEmpty()) {
        m_phase = Phase::Accounts;
        step();
        return;
    }
    m_item = m_items.takeFirst();
    const QByteArray account = state::accountOf(m_item.key);
    const auto name = makeObjectName(account, m_item.key.mid(account.size() + 1), ObjectKind::File);
    if (!name || hasMoved()) {
        ++m_moved;
        step();
        return;
    }
    m_busy = true;
    RestoreItem item;
    item.key = kName;
    item.object.key = name->key;
    item.object.size = m_item.size;
    m_task = m_destination->task(item, 0);
    connect(m_task.get(), &RestoreTask::finished, this, &DrillJob::handleRestored);
    m_task->start();
}

void DrillJob::handleRestored(const Result<Restored> &outcome)
{
    m_task.release()->deleteLater();
    if (outcome)
        compare();
    else
        handleCompared(outcome.error());
}

void DrillJob::compare()
{
    const auto same = std::make_shared<Status>();
    const QString path = m_folder + u'/' + QString::fromLatin1(kName);
    m_means.target.client().session().workers().run(
        [same, path, item = m_item, seed = m_means.environment.database.digestSeed()] {
            *same = compareFile(path, item, seed);
        },
        this, [this, same] { handleCompared(*same); });
}

void DrillJob::handleCompared(const Status &same)
{
    m_busy = false;
    if (hasMoved()) {
        ++m_moved;
    } else if (same) {
        ++m_record.files;
        m_record.bytes += m_item.size;
    } else if (isOfTheFile(same.error().code)) {
        noteFailure(same.error());
    } else {
        fail(same.error());
        return;
    }
    step();
}

/// Since it was chosen: what is in the bucket may be of before or after.
bool DrillJob::hasMoved() const
{
    const auto record = m_means.environment.catalogue.find(m_item.key);
    return !record || record->version != m_item.version || m_means.target.mirror().isUnderWay(m_item.key);
}

void DrillJob::noteFailure(const Error &error)
{
    ++m_record.failed;
    if (m_record.failures.size() < DrillRecord::kNamed)
        m_record.failures << QString::fromUtf8(m_item.key) + QStringLiteral(": ") + error.detail;
    if (error.code == Code::BackupDigest || error.code == Code::BackupMissing)
        m_means.ledger.distrust(m_means.target.bucket(), m_item.key);
}

// ---- the accounts ----

void DrillJob::lookAtAccounts()
{
    if (!m_means.kit) {
        noteAccounts(false, QStringLiteral("not looked at: there is no recovery kit"));
        return;
    }
    m_busy = true;
    m_search =
        std::make_unique<SnapshotSearch>(m_means.target.client(), m_means.kit->publicHalf,
                                         [this](const QByteArray &sealed) { return judgeSnapshot(sealed); });
    connect(m_search.get(), &SnapshotSearch::found, this, [this] { noteAccounts(false, {}); });
    connect(m_search.get(), &SnapshotSearch::passedOver, this, &DrillJob::handlePassedOver);
    connect(m_search.get(), &SnapshotSearch::failed, this, &DrillJob::handleNoSnapshot);
    m_search->start();
}

Status DrillJob::judgeSnapshot(const QByteArray &sealed) const
{
    const QByteArray owner = AccountSnapshot::sealedFor(sealed);
    if (owner == m_means.kit->publicHalf)
        return {};
    return Error{Code::SnapshotInvalid,
                 owner.isEmpty() ? QStringLiteral("it is no snapshot of accounts, or was cut off")
                                 : QStringLiteral("the recovery kit %1 opens it, and %2 is in use")
                                       .arg(QString::fromLatin1(kitName(owner)),
                                            QString::fromLatin1(kitName(m_means.kit->publicHalf)))};
}

/// The newest one is what would be opened: older ones do not count.
void DrillJob::handlePassedOver(const QByteArray &key, const QString &why)
{
    const bool before = AccountSnapshot::timeOf(key) < m_means.kit->madeMs;
    noteAccounts(!before, before ? QStringLiteral("nothing has been saved for this recovery kit yet")
                                 : QStringLiteral("the newest snapshot is of no use: ") + why);
}

void DrillJob::handleNoSnapshot(const Error &error)
{
    if (error.code != Code::SnapshotInvalid) {
        dropSearch();
        fail(error);
        return;
    }
    const bool saved = !m_means.ledger.fact(m_means.target.bucket(), SnapshotKeeper::kSavedFact).isEmpty();
    noteAccounts(saved, saved ? QStringLiteral("snapshots were saved, and none is there any more")
                              : QStringLiteral("nothing has been saved yet"));
}

void DrillJob::noteAccounts(bool failed, const QString &words)
{
    m_record.accountsFailed = failed;
    m_record.accounts = words;
    if (m_search)
        dropSearch();
    end();
}

/// Later: it may be telling us.
void DrillJob::dropSearch()
{
    m_search->disconnect(this);
    m_search.release()->deleteLater();
}

// ---- the end ----

/// Nothing was learnt about the bucket: the outcome of the drill before stays.
void DrillJob::fail(const Error &error)
{
    clear([this, error] { Q_EMIT finished(error); });
}

void DrillJob::end()
{
    m_record.tookMs = m_means.environment.clock.wall().count() - m_record.atMs;
    if (!m_cancelled)
        m_means.ledger.setFact(m_means.target.bucket(), DrillRecord::kFact,
                               QJsonDocument(m_record.toJson()).toJson(QJsonDocument::Compact));
    clear([this] {
        QJsonObject summary = m_record.toJson();
        summary.insert(QStringLiteral("changed"), m_moved);
        Q_EMIT finished(summary);
    });
}

void DrillJob::clear(const std::function<void()> &then)
{
    m_phase = Phase::Ended;
    m_means.target.client().session().workers().run(
        [folder = m_means.folder] { QDir(folder).removeRecursively(); }, this, then);
}

} // namespace cring::backup
