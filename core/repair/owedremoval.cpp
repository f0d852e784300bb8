// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/owedremoval.h"

#include "core/repair/conflictsaving.h"
#include "core/repair/copytimes.h"
#include "core/replica/answers.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"
#include "core/replica/serverchange.h"

namespace cring::repair {

using replica::describeAnswer;
using replica::fileRequest;
using replica::isMissingUser;
using replica::PathLocks;
using replica::ServerChange;

namespace {

/// Entries that are worked on at the same time.
constexpr int kAtOnce = 4;

bool isFolder(const http::Response &response)
{
    return response.status == 200 && response.headers.value("Content-Type").startsWith("application/json");
}

} // namespace

OwedRemoval::OwedRemoval(Environment &environment, health::Backend &target, const Credentials &credentials,
                         const QByteArray &path, quint64 version, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_target(target)
    , m_credentials(credentials)
    , m_version(version)
{
    m_items.push_back({path});
}

void OwedRemoval::keepYounger(std::chrono::milliseconds since, std::chrono::milliseconds modified)
{
    m_since = since;
    m_items.front().modified = modified;
}

void OwedRemoval::start()
{
    QMetaObject::invokeMethod(this, &OwedRemoval::next, Qt::QueuedConnection);
}

void OwedRemoval::next()
{
    while (m_problem.isEmpty() && m_underWay < kAtOnce && !m_items.empty()) {
        const Item item = std::move(m_items.front());
        m_items.pop_front();
        ++m_underWay;
        visit(item);
    }
    if (m_underWay > 0)
        return;
    if (m_problem.isEmpty() && !m_folders.empty()) {
        // What was in it comes first.
        const Item emptied{m_folders.back(), Kind::Emptied};
        m_folders.pop_back();
        ++m_underWay;
        remove(emptied);
        return;
    }
    Q_EMIT finished(m_problem);
}

void OwedRemoval::done(const QString &problem)
{
    if (m_problem.isEmpty())
        m_problem = problem;
    --m_underWay;
    QMetaObject::invokeMethod(this, &OwedRemoval::next, Qt::QueuedConnection);
}

/// The path itself, not what is below it, was acknowledged after the delete.
bool OwedRemoval::livesAt(const ObjectKey &key) const
{
    const auto record = m_environment.catalogue.find(key);
    return record && !record->deleted && record->version > m_version;
}

/// Something that the delete has not meant may lie there.
bool OwedRemoval::mayHoldOthers(const ObjectKey &key) const
{
    const state::Catalogue &catalogue = m_environment.catalogue;
    return m_since || catalogue.unseenSince(m_target.id()) || catalogue.remadeAbove(key);
}

bool OwedRemoval::isStray(const ObjectKey &key, const Item &item) const
{
    const auto made = m_environment.catalogue.remadeAbove(key);
    return made && !m_environment.catalogue.isRecorded(key) &&
           item.modified > std::chrono::milliseconds(*made) + kClockError;
}

bool OwedRemoval::isToBeKept(const ObjectKey &key, const Item &item) const
{
    const auto isOlder = [&](qint64 time) {
        return item.modified.count() > 0 && item.modified + kClockError < std::chrono::milliseconds(time);
    };
    const auto unseen = m_environment.catalogue.unseenSince(m_target.id());
    if (unseen && !isOlder(*unseen))
        return true;
    if (m_since && item.modified > *m_since + kClockError)
        return true;
    const auto record = m_environment.catalogue.find(key);
    return livesAt(key) && record->folder && !isOlder(record->changed);
}

void OwedRemoval::visit(const Item &item)
{
    const ObjectKey key = objectKey(m_credentials.account, item.path);
    const bool holdsNewer = m_environment.catalogue.livesBelow(key, m_version);
    if (!holdsNewer && !mayHoldOthers(key)) {
        remove(item);
        return;
    }
    switch (item.kind) {
    case Kind::Unknown:
        look(item);
        break;
    case Kind::Folder:
        list(item.path);
        break;
    case Kind::File:
    case Kind::Emptied:
        visitFile(item);
        break;
    }
}

void OwedRemoval::visitFile(const Item &item)
{
    const ObjectKey key = objectKey(m_credentials.account, item.path);
    const auto record = m_environment.catalogue.find(key);
    if ((livesAt(key) && !record->folder) || isStray(key, item))
        done();
    else if (isToBeKept(key, item))
        keepAside(item);
    else
        remove(item);
}

void OwedRemoval::keepAside(const Item &item)
{
    auto *saving = new ConflictSaving(m_environment, m_environment.conflicts, m_target,
                                      objectKey(m_credentials.account, item.path), m_credentials,
                                      ConflictSaving::Wanted::OtherVersion, this);
    connect(saving, &ConflictSaving::finished, this, [this, item, saving](const Status &status) {
        saving->deleteLater();
        if (status)
            remove(item);
        else
            done(status.error().detail);
    });
    saving->start();
}

void OwedRemoval::look(const Item &item)
{
    m_target.pool().exchange(fileRequest("HEAD", m_credentials, item.path),
                             m_environment.config.timing.answerTimeout, 0, this,
                             [this, item](const Result<http::Response> &result) {
                                 if (!result)
                                     done(result.error().detail);
                                 else if (isFolder(*result))
                                     list(item.path);
                                 else if (result->status == 200)
                                     visitFile({item.path, Kind::File, item.modified});
                                 else if (result->status == 404)
                                     list(item.path); // which says what is not there: the file or the account
                                 else
                                     done(QStringLiteral("answered %1").arg(result->status));
                             });
}

void OwedRemoval::list(const QByteArray &path)
{
    m_target.pool().exchange(
        fileRequest("GET", m_credentials, path), m_environment.config.timing.answerTimeout,
        charm::kMaxListing, this,
        [this, path](const Result<http::Response> &result) { handleEntries(path, result); });
}

void OwedRemoval::handleEntries(const QByteArray &path, const Result<http::Response> &result)
{
    if (!result) {
        done(result.error().detail);
        return;
    }
    if (result->status == 404) {
        done(isMissingUser(404, result->body) ? describeAnswer(404, {}, result->body) : QString());
        return;
    }
    if (!isFolder(*result)) {
        done(QStringLiteral("answered %1 instead of a listing").arg(result->status));
        return;
    }
    const auto listing = charm::parseListing(result->body);
    if (!listing) {
        done(listing.error().detail);
        return;
    }
    for (const charm::Entry &entry : listing->files) {
        const std::chrono::milliseconds modified(charm::millisecondsOf(entry.modTime));
        m_items.push_back({path.isEmpty() ? entry.name : path + '/' + entry.name,
                           entry.isDir ? Kind::Folder : Kind::File, byOurClock(m_target, modified)});
    }
    m_folders.push_back(path);
    done();
}

void OwedRemoval::remove(const Item &item)
{
    m_environment.locks.acquireBehind(
        objectKey(m_credentials.account, item.path), this, [this, item](PathLocks::Lease lease) {
            removeLocked(item, std::make_shared<PathLocks::Lease>(std::move(lease)));
        });
}

void OwedRemoval::removeLocked(const Item &item, const std::shared_ptr<PathLocks::Lease> &lease)
{
    const ObjectKey key = objectKey(m_credentials.account, item.path);
    if (item.kind == Kind::Emptied) {
        removeEmptied(item, lease);
        return;
    }
    // A write may have been acknowledged while the lock was waited for. A file in the way of a newer folder
    // has nothing below it.
    const auto record = m_environment.catalogue.find(key);
    const bool fileUnderFolder = item.kind == Kind::File && (!livesAt(key) || record->folder);
    if (m_environment.catalogue.livesBelow(key, m_version) && !fileUnderFolder) {
        m_items.push_back({item.path, Kind::Unknown, item.modified});
        done();
        return;
    }
    send(item, lease);
}

/// A folder whose entries have been seen to goes when nothing has stayed in it, unless it lives.
void OwedRemoval::removeEmptied(const Item &item, const std::shared_ptr<PathLocks::Lease> &lease)
{
    const ObjectKey key = objectKey(m_credentials.account, item.path);
    const auto record = m_environment.catalogue.find(key);
    const bool fileStandsThere = livesAt(key) && !record->folder;
    if (m_environment.catalogue.livesBelow(key, m_version) && !fileStandsThere) {
        lease->release();
        done();
        return;
    }
    m_target.pool().exchange(
        fileRequest("GET", m_credentials, item.path), m_environment.config.timing.answerTimeout,
        charm::kMaxListing, this, [this, item, lease](const Result<http::Response> &result) {
            const auto listing = result && isFolder(*result)
                                     ? charm::parseListing(result->body)
                                     : Result<charm::Listing>(Error{Code::ListingMalformed, {}});
            if (listing && listing->files.empty()) {
                send(item, lease);
                return;
            }
            lease->release();
            if (!result)
                done(result.error().detail);
            else if (!listing && result->status != 404)
                done(QStringLiteral("answered %1 instead of a listing").arg(result->status));
            else
                done();
        });
}

void OwedRemoval::send(const Item &item, const std::shared_ptr<PathLocks::Lease> &lease)
{
    const ObjectKey key = objectKey(m_credentials.account, item.path);
    m_environment.folders.forget(m_target.id(), key);
    ServerChange::send(
        m_environment, m_target, key, fileRequest("DELETE", m_credentials, item.path),
        m_environment.config.timing.answerTimeout, this, [this, lease](const Result<http::Response> &result) {
            lease->release();
            if (!result)
                done(result.error().detail);
            else if (result->status != 200)
                done(describeAnswer(result->status, result->headers.value("Content-Type"), result->body));
            else
                done();
        });
}

} // namespace cring::repair
