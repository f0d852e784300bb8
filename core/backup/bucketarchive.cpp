// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketarchive.h"

#include "core/backup/bucketreader.h"
#include "core/backup/folderlisting.h"
#include "core/backup/newestreader.h"

#include <algorithm>

namespace cring::backup {

using replica::ObjectKey;
using replica::Record;
using state::BucketLedger;

namespace {

/// Accounts whose hashed names are remembered.
constexpr size_t kRemembered = 64;
/// A client waits for a listing; one that takes longer is another bucket's, or an error.
constexpr std::chrono::milliseconds kListTime{30'000};

QString nameOf(const Target &target)
{
    return QStringLiteral("the bucket ") + target.config().name;
}

bool isVersion(const BucketLedger::Object &object, const Record &record)
{
    return !object.gone && object.version == record.version && object.folder == record.folder;
}

} // namespace

// ---- a listing ----

/// Asks all buckets, one after the other: each may have what the others have not got yet, and one that cannot
/// be asked leaves the listing incomplete.
class BucketArchive::Listing final : public QObject
{
public:
    Listing(BucketArchive &archive, const ObjectKey &folder, QObject *context, ListDone done)
        : QObject(context)
        , m_archive(archive)
        , m_folder(folder)
        , m_done(std::move(done))
    {
        for (Target *target : archive.targets(folder))
            m_targets.append(target);
        m_time.setSingleShot(true);
        connect(&m_time, &QTimer::timeout, this,
                [this] { giveUp(QStringLiteral("did not give the listing in time")); });
        QMetaObject::invokeMethod(this, &Listing::next, Qt::QueuedConnection);
    }

private:
    void next()
    {
        while (!m_targets.isEmpty() && !m_targets.front())
            m_targets.removeFirst();
        if (m_targets.isEmpty()) {
            if (m_reasons.isEmpty() && !m_found.empty())
                end(std::optional<charm::Listing>(charm::merge(m_found)));
            else if (m_reasons.isEmpty() && m_absent)
                end(std::optional<charm::Listing>());
            else
                end(Error{Code::BackupUnreachable, m_reasons.isEmpty()
                                                       ? QStringLiteral("no bucket can be asked")
                                                       : m_reasons.join(QStringLiteral(", "))});
            return;
        }
        Target &target = *m_targets.takeFirst();
        m_name = nameOf(target);
        connect(&target, &QObject::destroyed, this, [this] {
            m_run.reset(); // its client is gone
            giveUp(QStringLiteral("is no longer configured"));
        });
        m_target = &target;
        m_run = std::make_unique<FolderListing>(target.client(),
                                                m_archive.names(target, state::accountOf(m_folder)),
                                                m_archive.m_clock, m_folder);
        connect(m_run.get(), &FolderListing::finished, this, &Listing::handleFinished);
        m_time.start(kListTime);
        m_run->start();
    }

    void handleFinished(const FolderListing::Result &result)
    {
        if (!result) {
            giveUp(QStringLiteral("could not list the folder: ") + result.error().words());
        } else {
            m_absent = true;
            if (*result)
                m_found.push_back(**result);
            drop();
            next();
        }
    }

    void giveUp(const QString &reason)
    {
        m_reasons << m_name + u' ' + reason;
        drop();
        next();
    }

    void drop()
    {
        m_time.stop();
        if (m_target)
            m_target->disconnect(this);
        if (!m_run)
            return;
        m_run->disconnect(this);
        m_run.release()->deleteLater(); // this may be inside its signal
    }

    void end(const cring::Result<std::optional<charm::Listing>> &result)
    {
        drop();
        deleteLater();
        if (const ListDone done = std::exchange(m_done, nullptr))
            done(result);
    }

    BucketArchive &m_archive;
    const ObjectKey m_folder;
    ListDone m_done;
    QList<QPointer<Target>> m_targets;
    QPointer<Target> m_target; ///< That is asked now.
    QString m_name;
    std::unique_ptr<FolderListing> m_run;
    QTimer m_time;
    QStringList m_reasons;
    std::vector<charm::Listing> m_found;
    bool m_absent = false; ///< One has said what it has, or that it has not got it.
};

// ---- the archive ----

BucketArchive::BucketArchive(Backups &backups, const BucketLedger &ledger, const IClock &clock)
    : m_backups(backups)
    , m_ledger(ledger)
    , m_clock(clock)
{
}

BucketArchive::~BucketArchive() = default;

bool BucketArchive::covers(const QByteArray &account) const
{
    return std::ranges::any_of(m_backups.all(), [&](const std::unique_ptr<Target> &target) {
        return m_ledger.takes(target->bucket(), account);
    });
}

bool BucketArchive::has(const ObjectKey &key, const Record &record) const
{
    return std::ranges::any_of(m_backups.all(), [&](const std::unique_ptr<Target> &target) {
        const auto object = m_ledger.object(target->bucket(), key);
        return object && isVersion(*object, record) && target->mirror().problem().isEmpty();
    });
}

/// Those that take the key, the ones without a problem first.
std::vector<Target *> BucketArchive::targets(const ObjectKey &key) const
{
    std::vector<Target *> list;
    for (const auto &target : m_backups.all()) {
        if (m_ledger.takes(target->bucket(), key))
            list.push_back(target.get());
    }
    std::ranges::stable_sort(list, {}, [](const Target *target) {
        const bool locked = target->mirror().state() == Mirror::State::Locked;
        return locked ? 2 : target->mirror().problem().isEmpty() ? 0 : 1;
    });
    return list;
}

std::vector<std::unique_ptr<replica::IArchiveReader>>
BucketArchive::open(const ObjectKey &key, const std::optional<Record> &record, QStringList &reasons)
{
    std::vector<std::unique_ptr<replica::IArchiveReader>> certain;
    std::vector<std::unique_ptr<replica::IArchiveReader>> uncertain;
    const std::vector<Target *> all = targets(key);
    if (!record && all.size() > 1) {
        certain.push_back(std::make_unique<NewestReader>(all, key));
        return certain;
    }
    for (Target *target : all) {
        const auto object = m_ledger.object(target->bucket(), key);
        if (record && object && isVersion(*object, *record))
            certain.push_back(std::make_unique<BucketReader>(*target, key, object));
        // Nobody knows which version lies there: what comes is compared with the record's digest.
        else if (!record ||
                 (!record->digest.isEmpty() && (!object || (object->version == 0 && !object->gone))))
            uncertain.push_back(std::make_unique<BucketReader>(*target, key, std::nullopt));
        else
            reasons << nameOf(*target) + QStringLiteral(" has not got the last version");
    }
    std::ranges::move(uncertain, std::back_inserter(certain));
    return certain;
}

void BucketArchive::list(const ObjectKey &folder, QObject *context, ListDone done)
{
    new Listing(*this, folder, context, std::move(done));
}

HashedNames &BucketArchive::names(Target &target, const QByteArray &account)
{
    const QObject *const owner = &target;
    auto &names = m_names[{owner, account}];
    if (names)
        return *names;
    names = std::make_unique<HashedNames>(target.client(), m_clock, account);
    HashedNames &made = *names;
    if (!m_watched.contains(owner)) {
        m_watched.insert(owner);
        connect(&target, &QObject::destroyed, this, [this, owner] {
            m_watched.remove(owner);
            std::erase_if(m_names, [owner](const auto &entry) { return entry.first.first == owner; });
        });
    }
    if (m_names.size() > kRemembered) {
        auto oldest = m_names.end();
        for (auto it = m_names.begin(); it != m_names.end(); ++it) {
            const bool may = it->second.get() != &made && it->second->isIdle();
            if (may && (oldest == m_names.end() || it->second->lastUsed() < oldest->second->lastUsed()))
                oldest = it;
        }
        if (oldest != m_names.end())
            m_names.erase(oldest);
    }
    return made;
}

} // namespace cring::backup
