// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3walk.h"

#include <deque>

namespace cring::backup {

/// What a bucket held below a prefix at a moment, or holds now, page by page, in the order of the keys. For a
/// moment the bucket has to keep versions. What was stored after it by the server's clock is asked when it
/// was acknowledged, which may have been before; and some servers give a version another time when it is
/// replaced. Deletes count by the server's clock, by the second.
///
/// Lives on the event loop's thread. The client outlives it; destroying it calls off what is under way.
class MomentWalk final : public QObject
{
    Q_OBJECT

public:
    struct Held
    {
        QByteArray key;
        QByteArray versionId; ///< Empty: the current one.
        qint64 size = 0;
        QByteArray etag;
        std::chrono::milliseconds modified{0};
    };

    /// `at`: since 1970, UTC; nothing: now. `startAfter`: a key, for a walk that goes on.
    MomentWalk(S3Client &client, const QByteArray &prefix, std::optional<std::chrono::milliseconds> at,
               const QByteArray &startAfter = {}, QObject *parent = nullptr);

    bool atEnd() const;
    /// The key behind which another walk would go on: of what has come so far, all is told. Empty before
    /// that.
    const QByteArray &place() const { return m_place; }
    /// As ObjectWalk::next(). A page may be empty.
    void next(Done<QList<Held>> done);

private:
    void choose();
    void take(const ListedVersion &version);

    S3Client &m_client;
    const std::optional<std::chrono::milliseconds> m_at;
    std::unique_ptr<ObjectWalk> m_objects;
    std::unique_ptr<VersionWalk> m_versions;
    std::deque<ListedVersion> m_page; ///< Not looked at yet.
    QList<Held> m_held;
    Done<QList<Held>> m_done;
    QByteArray m_place;
    QByteArray m_key;       ///< Of the last version that was seen.
    bool m_decided = false; ///< Which of its versions held is known.
};

} // namespace cring::backup
