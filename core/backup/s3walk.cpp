// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3walk.h"

#include "core/backup/s3answers.h"

namespace cring::backup {

namespace {

/// A server may skip over much that was deleted, a page at a time, but not for ever.
constexpr int kMaxEmptyPages = 100;

template <typename T>
S3Result<T> lying(S3Client &client, const QString &operation, const QString &words)
{
    S3Error error = senseless(words);
    const S3Endpoint &endpoint = client.session().endpoint();
    error.operation = operation;
    error.host = endpoint.name();
    error.bucket = endpoint.bucket();
    return error;
}

} // namespace

ObjectWalk::ObjectWalk(S3Client &client, const QByteArray &prefix, const QByteArray &startAfter,
                       QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_request{prefix, startAfter}
    , m_last(startAfter)
{
}

void ObjectWalk::next(Done<QList<ListedObject>> done)
{
    m_client.list(m_request, this, [this, done = std::move(done)](S3Result<ObjectPage> page) {
        if (page)
            done(accept(*page));
        else
            done(page.error());
    });
}

S3Result<QList<ListedObject>> ObjectWalk::accept(const ObjectPage &page)
{
    const auto refuse = [this](const QString &words) {
        return lying<QList<ListedObject>>(m_client, QStringLiteral("ListObjectsV2"), words);
    };
    // Within the page their order has been looked at.
    if (!page.objects.isEmpty() && page.objects.first().key <= m_last)
        return refuse(QStringLiteral("the listing goes back to what it had already"));
    if (!page.next.isEmpty() && page.next == m_request.token)
        return refuse(QStringLiteral("the listing does not advance"));
    m_emptyPages = page.objects.isEmpty() ? m_emptyPages + 1 : 0;
    if (!page.next.isEmpty() && m_emptyPages >= kMaxEmptyPages)
        return refuse(QStringLiteral("the listing has one empty page after the other"));
    if (!page.objects.isEmpty())
        m_last = page.objects.last().key;
    m_request.token = page.next;
    m_atEnd = page.next.isEmpty();
    return page.objects;
}

VersionWalk::VersionWalk(S3Client &client, const QByteArray &prefix, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_prefix(prefix)
{
}

void VersionWalk::next(Done<QList<ListedVersion>> done)
{
    m_client.listVersions(m_prefix, m_keyMarker, m_versionMarker, this,
                          [this, done = std::move(done)](S3Result<VersionPage> page) {
                              if (page)
                                  done(accept(*page));
                              else
                                  done(page.error());
                          });
}

S3Result<QList<ListedVersion>> VersionWalk::accept(const VersionPage &page)
{
    const auto refuse = [this](const QString &words) {
        return lying<QList<ListedVersion>>(m_client, QStringLiteral("ListObjectVersions"), words);
    };
    if (!page.versions.isEmpty() && page.versions.first().key < m_keyMarker)
        return refuse(QStringLiteral("the listing goes back to what it had already"));
    if (!page.nextKey.isEmpty()) {
        // The markers name the last entry, so that a page which advances has at least that one.
        const bool advances = page.nextKey > m_keyMarker ||
                              (page.nextKey == m_keyMarker && page.nextVersion != m_versionMarker);
        if (!advances || page.versions.isEmpty())
            return refuse(QStringLiteral("the listing does not advance"));
    }
    m_keyMarker = page.nextKey;
    m_versionMarker = page.nextVersion;
    m_atEnd = page.nextKey.isEmpty();
    return page.versions;
}

} // namespace cring::backup
