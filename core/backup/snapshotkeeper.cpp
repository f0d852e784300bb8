// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/snapshotkeeper.h"

#include "core/backup/snapshotupload.h"

namespace cring::backup {

using namespace std::chrono_literals;
using telemetry::Category;
using telemetry::Level;

namespace {

constexpr auto kFirstLook = 2s;
/// What cannot be saved yet (servers that have not answered, a bucket that is away).
constexpr auto kAgain = 5s;
constexpr auto kRest = 1h;
const QByteArray kAt(SnapshotKeeper::kSavedFact);
const QByteArray kDigest = QByteArrayLiteral("snapshot_digest");

} // namespace

SnapshotKeeper::SnapshotKeeper(Means means)
    : m_means(std::move(means))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &SnapshotKeeper::look);
    connect(&m_means.backups, &Backups::changed, this, &SnapshotKeeper::handleBackupsChanged);
    if (!m_means.stateDirectory.isEmpty()) {
        auto read = KitRecord::read(m_means.stateDirectory);
        if (read)
            m_kit = std::move(*read);
        else
            m_kitProblem = read.error().detail;
    }
    m_timer.start(kFirstLook);
}

SnapshotKeeper::~SnapshotKeeper() = default;

// ---- the kit ----

Status SnapshotKeeper::setKit(const QByteArray &publicHalf, bool replace)
{
    if (const auto tried = sealTo(publicHalf, {}); !tried)
        return tried.error();
    if (m_kit && m_kit->publicHalf == publicHalf)
        return {};
    if ((m_kit || !m_kitProblem.isEmpty()) && !replace)
        return Error{Code::KeyExists, m_kit ? QStringLiteral("there is a recovery kit already, %1")
                                                  .arg(QString::fromLatin1(kitName(m_kit->publicHalf)))
                                            : m_kitProblem};
    const KitRecord next{publicHalf, m_means.clock.wall().count(), 0};
    if (!m_means.stateDirectory.isEmpty()) {
        if (const Status written = next.write(m_means.stateDirectory); !written)
            return written;
    }
    m_kit = next;
    m_kitProblem.clear();
    m_means.activity.record(
        Level::Info, Category::Backup,
        QStringLiteral("snapshots of the accounts are sealed to the recovery kit %1 from now on")
            .arg(QString::fromLatin1(kitName(publicHalf))));
    hurry();
    return {};
}

Status SnapshotKeeper::confirmKit(const QByteArray &publicHalf)
{
    if (const Status same = checkKit(m_kit, publicHalf); !same)
        return same;
    KitRecord next = *m_kit;
    next.confirmedMs = m_means.clock.wall().count();
    if (!m_means.stateDirectory.isEmpty()) {
        if (const Status written = next.write(m_means.stateDirectory); !written)
            return written;
    }
    m_kit = next;
    return {};
}

// ---- when ----

void SnapshotKeeper::touch()
{
    m_touched = true;
    if (m_busy || m_stopped)
        return;
    const auto pause = m_size > kLong ? kLongPause : kPause;
    const auto waited = m_last ? m_means.clock.steady() - *m_last : pause;
    const auto rest = std::max<std::chrono::milliseconds>(pause - waited, 0ms);
    if (!m_timer.isActive() || m_timer.remainingTimeAsDuration() > rest)
        m_timer.start(rest);
}

void SnapshotKeeper::hurry()
{
    m_last.reset();
    m_fresh = true;
    touch();
}

void SnapshotKeeper::setPaused(bool paused)
{
    m_paused = paused;
    if (!paused)
        touch();
}

void SnapshotKeeper::stop()
{
    m_stopped = true;
    m_timer.stop();
    m_sending.clear();
}

/// A target that is new, or has its keys only now, need not wait for the next hour.
void SnapshotKeeper::handleBackupsChanged()
{
    QSet<const Target *> known;
    QSet<const Target *> all;
    for (const auto &target : m_means.backups.all()) {
        all.insert(target.get());
        if (target->mirror().state() != Mirror::State::Locked)
            known.insert(target.get());
    }
    std::erase_if(m_sending, [&](const auto &entry) { return !all.contains(entry.first); });
    const bool more = !(known - m_known).isEmpty();
    m_known = known;
    if (m_isSending)
        settle();
    if (more)
        hurry();
}

// ---- what ----

void SnapshotKeeper::look()
{
    if (m_busy || m_stopped)
        return;
    m_touched = false;
    if (m_paused || !m_kit || m_means.backups.all().empty())
        return;
    m_busy = true;
    m_means.take(this, std::exchange(m_fresh, false),
                 [this](const Result<AccountSnapshot> &snapshot) { take(snapshot); });
}

void SnapshotKeeper::take(const Result<AccountSnapshot> &snapshot)
{
    m_problem = snapshot ? QString() : snapshot.error().detail;
    if (snapshot && !snapshot->serverKey)
        m_problem = QStringLiteral("without the servers' key, which new servers would need: name it in "
                                   "identity.server_key");
    if (snapshot && snapshot->isOwnOnly)
        m_problem =
            QStringLiteral("your own account alone, and only for the key at hand: for all of them name a "
                           "server's data directory with `data` in the configuration");
    if (!snapshot || m_stopped) {
        m_busy = false;
        m_timer.start(kAgain);
        return;
    }
    struct Work
    {
        AccountSnapshot snapshot;
        Result<Sealed> sealed = Sealed();
    };
    auto work = std::make_shared<Work>();
    work->snapshot = *snapshot;
    work->snapshot.madeMs = m_means.clock.wall().count();
    m_workers.run(
        [work, kit = m_kit->publicHalf] {
            auto bytes = work->snapshot.seal(kit);
            if (bytes)
                work->sealed = Sealed{kit, work->snapshot.digest() + kit.toHex(), std::move(*bytes)};
            else
                work->sealed = bytes.error();
        },
        this,
        [this, work] {
            if (work->sealed) {
                send(*work->sealed);
                return;
            }
            m_problem = work->sealed.error().detail;
            m_busy = false;
            m_timer.start(kRest);
        });
}

bool SnapshotKeeper::isDue(const Target &target, const QByteArray &digest) const
{
    const qint64 at = m_means.ledger.fact(target.bucket(), kAt).toLongLong();
    const qint64 age = m_means.clock.wall().count() - at;
    return m_means.ledger.fact(target.bucket(), kDigest) != digest || age >= kAnyway.count() || age < 0;
}

void SnapshotKeeper::send(const Sealed &sealed)
{
    m_isSending = true;
    m_size = sealed.bytes.size();
    for (const auto &target : m_means.backups.all()) {
        if (target->mirror().state() != Mirror::State::Locked && isDue(*target, sealed.digest))
            sendTo(*target, sealed);
    }
    settle();
}

void SnapshotKeeper::sendTo(Target &target, const Sealed &sealed)
{
    m_last = m_means.clock.steady();
    const qint64 now = m_means.clock.wall().count();
    Sending &sending = m_sending[&target];
    // By the server's clock: a snapshot of a machine whose own is wrong would be the newest for too long.
    const qint64 there = target.client().session().serverTime().count();
    sending.upload = std::make_unique<SnapshotUpload>(
        target.client(), AccountSnapshot::keyFor(there, sealed.kit, m_means.random.next()), sealed.bytes,
        there);
    const auto *upload = sending.upload.get();
    const auto end = [this, at = &target] {
        // It is telling us: it goes in a later turn.
        if (const auto found = m_sending.find(at); found != m_sending.end() && found->second.upload)
            found->second.upload.release()->deleteLater();
        settle();
    };
    connect(upload, &SnapshotUpload::stored, this, [this, at = &target, now, digest = sealed.digest] {
        m_means.ledger.setFact(at->bucket(), kAt, QByteArray::number(now));
        m_means.ledger.setFact(at->bucket(), kDigest, digest);
        m_sending[at].problem.clear();
    });
    connect(upload, &SnapshotUpload::ended, this, end);
    connect(upload, &SnapshotUpload::failed, this, [this, at = &target, end](const Error &error) {
        if (std::exchange(m_sending[at].problem, error.detail) != error.detail)
            m_means.activity.record(Level::Warning, Category::Backup,
                                    QStringLiteral("the accounts could not be saved in %1: %2")
                                        .arg(at->config().name, error.detail));
        end();
    });
}

/// When nothing is under way any more.
void SnapshotKeeper::settle()
{
    if (m_stopped ||
        std::ranges::any_of(m_sending, [](const auto &entry) { return entry.second.upload != nullptr; }))
        return;
    m_busy = m_isSending = false;
    const bool failed =
        std::ranges::any_of(m_sending, [](const auto &entry) { return !entry.second.problem.isEmpty(); });
    if (std::exchange(m_touched, false))
        touch();
    else if (!m_timer.isActive())
        m_timer.start(failed ? std::chrono::milliseconds(kLongPause) : std::chrono::milliseconds(kRest));
}

SnapshotKeeper::Standing SnapshotKeeper::standing(const Target &target) const
{
    Standing standing;
    if (const qint64 at = m_means.ledger.fact(target.bucket(), kAt).toLongLong(); at > 0)
        standing.savedMs = at;
    standing.pending = m_kit && (m_fresh || m_busy);
    const auto sending = m_sending.find(&target);
    if (!m_kit)
        standing.problem = m_kitProblem.isEmpty() ? QStringLiteral("no recovery kit") : m_kitProblem;
    else if (!m_problem.isEmpty())
        standing.problem = m_problem;
    else if (sending != m_sending.end())
        standing.problem = sending->second.problem;
    return standing;
}

} // namespace cring::backup
