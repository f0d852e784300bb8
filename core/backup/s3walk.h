// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3client.h"

#include <QSet>

namespace cring::backup {

/// All objects below a prefix, page by page, each when it is asked for. A server that repeats itself, goes
/// back, or gives one empty page after the other gets Kind::Protocol: a walk ends, whatever the server does.
///
/// Lives on the event loop's thread. The client outlives it; destroying it calls off what is under way.
class ObjectWalk final : public QObject
{
    Q_OBJECT

public:
    /// `startAfter`: a key, for a walk that goes on.
    ObjectWalk(S3Client &client, const QByteArray &prefix, const QByteArray &startAfter = {},
               QObject *parent = nullptr);

    /// One level: what lies below the next delimiter is summed up in prefixes(). Before the first page.
    void setDelimiter(const QByteArray &delimiter) { m_request.delimiter = delimiter; }

    bool atEnd() const { return m_atEnd; }

    /// Not at the end, and not while another page is under way. After an error it may be asked again.
    void next(Done<QList<ListedObject>> done);
    /// Of the last page.
    const QList<QByteArray> &prefixes() const { return m_prefixes; }

private:
    S3Result<QList<ListedObject>> accept(const ObjectPage &page);

    S3Client &m_client;
    ListRequest m_request;
    QByteArray m_last;
    QList<QByteArray> m_prefixes;
    int m_emptyPages = 0;
    bool m_atEnd = false;
};

/// A place in a listing that goes on behind a pair of markers.
struct WalkPlace
{
    QByteArray key = {};
    QByteArray second = {}; ///< Version or upload.
    bool atEnd = false;
    QSet<QByteArray> seen = {}; ///< Of the key: every second there was. A MB at most.

    /// To the next page, empty for none; or what is wrong with the page, whose first key this is.
    const char *advance(const QByteArray &firstKey, const QByteArray &nextKey, const QByteArray &nextSecond);
};

/// The same of all versions and delete markers.
class VersionWalk final : public QObject
{
    Q_OBJECT

public:
    /// `startAfter`: a key; the walk begins behind all of its versions.
    VersionWalk(S3Client &client, const QByteArray &prefix, const QByteArray &startAfter = {},
                QObject *parent = nullptr);

    bool atEnd() const { return m_place.atEnd; }

    void next(Done<QList<ListedVersion>> done);

private:
    S3Client &m_client;
    QByteArray m_prefix;
    WalkPlace m_place;
};

/// The same of all multipart uploads that have not ended.
class UploadWalk final : public QObject
{
    Q_OBJECT

public:
    UploadWalk(S3Client &client, const QByteArray &prefix, QObject *parent = nullptr);

    bool atEnd() const { return m_place.atEnd; }

    void next(Done<QList<ListedUpload>> done);

private:
    S3Client &m_client;
    QByteArray m_prefix;
    WalkPlace m_place;
};

} // namespace cring::backup
