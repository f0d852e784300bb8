// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/wayclearing.h"

#include "core/repair/conflictsaving.h"
#include "core/repair/copychange.h"
#include "core/repair/heldback.h"
#include "core/repair/owedremoval.h"
#include "core/replica/requests.h"

namespace cring::repair {

using replica::fileRequest;

WayClearing::WayClearing(replica::Environment &environment, health::Backend &target,
                         const replica::ObjectKey &key, const replica::Credentials &credentials,
                         Wanted wanted, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_use(environment.use)
    , m_target(target)
    , m_key(key)
    , m_path(key.sliced(qMin(key.size(), credentials.account.size() + 1)))
    , m_credentials(credentials)
    , m_wanted(wanted)
    , m_version(versionOf(environment, key))
{
}

void WayClearing::start()
{
    // Something older may lie in a folder that was made again.
    if (m_wanted == Wanted::Folder && mayRemove())
        removeDeleted();
    else
        look();
}

/// After a power cut, what lies there may be newer than the delete, without its record: a scrub judges it.
bool WayClearing::mayRemove() const
{
    const quint64 deleted = m_environment.catalogue.tombstone(m_key);
    return deleted > 0 && !isHeldBack(m_environment.catalogue, deleted);
}

void WayClearing::removeDeleted()
{
    m_removed = true;
    auto *removal = new OwedRemoval(m_environment, m_target, m_credentials, m_path,
                                    m_environment.catalogue.tombstone(m_key), this);
    if (const auto since = m_environment.catalogue.inheritedSince(m_key, m_target.id()))
        removal->keepYounger(std::chrono::milliseconds(*since), {});
    connect(removal, &OwedRemoval::finished, this, [this](const QString &problem) {
        if (problem.isEmpty())
            look();
        else
            end(problem);
    });
    removal->start();
}

void WayClearing::look()
{
    m_target.pool().exchange(fileRequest("HEAD", m_credentials, m_path),
                             m_environment.config.timing.answerTimeout, 0, this,
                             [this](const Result<http::Response> &result) { handleLooked(result); });
}

void WayClearing::handleLooked(const Result<http::Response> &result)
{
    if (!result) {
        end(result.error().detail);
        return;
    }
    const bool isThere = result->status == 200;
    const bool isFolder = isThere && result->headers.value("Content-Type").startsWith("application/json");
    m_blockedAbove = m_wanted == Wanted::Folder && result->status / 100 == 5;
    if (m_blockedAbove)
        end(QStringLiteral("has something else above the folder"));
    else if (m_wanted == Wanted::Folder && isThere && !isFolder)
        keepAside();
    else if (m_wanted == Wanted::Folder || !isFolder)
        end({});
    else if (!m_removed && mayRemove())
        removeDeleted();
    else if (!m_removed && m_environment.catalogue.tombstone(m_key) > 0)
        end(heldBackReason());
    else
        end(QStringLiteral("has a folder where the others have a file, and something in it that nobody has "
                           "deleted: look into it, and remove it"));
}

/// Charm says 200 to a folder where a file stands, and does nothing.
void WayClearing::keepAside()
{
    auto *saving = new ConflictSaving(m_environment, m_environment.conflicts, m_target, m_key, m_credentials,
                                      ConflictSaving::Wanted::OtherVersion, this);
    connect(saving, &ConflictSaving::finished, this, [this](const Status &status) {
        if (status)
            removeFile();
        else
            end(status.error().detail);
    });
    saving->start();
}

void WayClearing::removeFile()
{
    lockVersion(m_environment, m_key, m_version, this, [this](Result<replica::PathLocks::Lease> lease) {
        if (!lease) {
            end(lease.error().detail);
            return;
        }
        m_lease = std::move(*lease);
        deleteCopy(m_environment, m_target, m_key, m_credentials, this,
                   [this](int, const QString &problem) { end(problem); });
    });
}

void WayClearing::end(const QString &problem)
{
    m_lease.release();
    QMetaObject::invokeMethod(
        this, [this, problem] { Q_EMIT finished(problem); }, Qt::QueuedConnection);
}

} // namespace cring::repair
