// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/momentwalk.h"

#include "core/backup/objectname.h"

namespace cring::backup {

MomentWalk::MomentWalk(S3Client &client, const QByteArray &prefix,
                       std::optional<std::chrono::milliseconds> at, const QByteArray &startAfter,
                       QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_at(at)
    , m_place(startAfter)
{
    if (m_at)
        m_versions = std::make_unique<VersionWalk>(client, prefix, startAfter);
    else
        m_objects = std::make_unique<ObjectWalk>(client, prefix, startAfter);
}

bool MomentWalk::atEnd() const
{
    return m_at ? m_versions->atEnd() : m_objects->atEnd();
}

void MomentWalk::next(Done<QList<Held>> done)
{
    if (m_at) {
        m_done = std::move(done);
        m_versions->next([this](const S3Result<QList<ListedVersion>> &page) {
            if (!page) {
                m_done(page.error());
                return;
            }
            m_page.assign(page->begin(), page->end());
            choose();
        });
        return;
    }
    m_objects->next([this, done = std::move(done)](const S3Result<QList<ListedObject>> &page) {
        if (!page) {
            done(page.error());
            return;
        }
        QList<Held> held;
        for (const ListedObject &object : *page)
            held.append({object.key, {}, object.size, object.etag, object.modified});
        if (!held.isEmpty())
            m_place = held.last().key;
        done(held);
    });
}

/// Of each key the versions come from the newest on, over pages.
void MomentWalk::choose()
{
    while (!m_page.empty()) {
        const ListedVersion version = m_page.front();
        m_page.pop_front();
        if (version.key != m_key) {
            if (!m_key.isEmpty())
                m_place = m_key;
            m_key = version.key;
            m_decided = false;
        }
        if (m_decided)
            continue;
        if (version.modified <= *m_at) {
            take(version);
        } else if (!version.deleteMarker) {
            m_client.head(version.key, version.versionId, this,
                          [this, version](const S3Result<ObjectHead> &head) {
                              if (!head && head.error().kind == S3Error::Kind::ObjectMissing) {
                                  choose(); // A rule of the bucket has taken it meanwhile.
                                  return;
                              }
                              if (!head) {
                                  m_done(head.error());
                                  return;
                              }
                              const QByteArray changed = head->metadata.value(kChangedField);
                              if (!changed.isEmpty() && changed.toLongLong() <= m_at->count())
                                  take(version);
                              choose();
                          });
            return;
        }
    }
    if (m_decided)
        m_place = m_key;
    // The callback may destroy this, or ask for the next page.
    const auto done = std::exchange(m_done, {});
    done(std::exchange(m_held, {}));
}

void MomentWalk::take(const ListedVersion &version)
{
    m_decided = true;
    if (!version.deleteMarker)
        m_held.append({version.key, version.versionId, version.size, version.etag, version.modified});
}

} // namespace cring::backup
