// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3walk.h"

#include "core/backup/s3document.h"

namespace cring::backup {

namespace {

/// A server may skip over much that was deleted, a page at a time, but not for ever.
constexpr int kMaxEmptyPages = 100;
/// Of one key, ten million versions: a server that has more makes them up.
constexpr qsizetype kMaxPagesOfAKey = 10'000;

S3Error lying(S3Client &client, const char *operation, const QString &words)
{
    return client.session().named(senseless(words), QString::fromLatin1(operation));
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
        return lying(m_client, "ListObjectsV2", words);
    };
    // Within the page their order has been looked at.
    if (!page.objects.isEmpty() && page.objects.first().key <= m_last)
        return refuse(QStringLiteral("the listing goes back to what it had already"));
    if (!page.next.isEmpty() && page.next == m_request.token)
        return refuse(QStringLiteral("the listing does not advance"));
    m_emptyPages = page.objects.isEmpty() && page.prefixes.isEmpty() ? m_emptyPages + 1 : 0;
    if (!page.next.isEmpty() && m_emptyPages >= kMaxEmptyPages)
        return refuse(QStringLiteral("the listing has one empty page after the other"));
    if (!page.objects.isEmpty())
        m_last = page.objects.last().key;
    // A page of nothing but prefixes has no order that was looked at; each comes once, though.
    if (!page.prefixes.isEmpty() && page.prefixes == m_prefixes)
        return refuse(QStringLiteral("the listing goes back to what it had already"));
    m_prefixes = page.prefixes;
    m_request.token = page.next;
    m_atEnd = page.next.isEmpty();
    return page.objects;
}

const char *WalkPlace::advance(const QByteArray &firstKey, const QByteArray &nextKey,
                               const QByteArray &nextSecond)
{
    if (!firstKey.isEmpty() && firstKey < key)
        return "the listing goes back to what it had already";
    // The markers name the last entry, so that a page which advances has at least that one.
    const bool advances = nextKey > key || (nextKey == key && !seen.contains(nextSecond));
    if (!nextKey.isEmpty() && (!advances || firstKey.isEmpty()))
        return "the listing does not advance";
    if (nextKey != key)
        seen.clear();
    if (seen.size() >= kMaxPagesOfAKey)
        return "the listing of one object does not end";
    seen.insert(nextSecond);
    key = nextKey;
    second = nextSecond;
    atEnd = nextKey.isEmpty();
    return nullptr;
}

VersionWalk::VersionWalk(S3Client &client, const QByteArray &prefix, const QByteArray &startAfter,
                         QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_prefix(prefix)
    , m_place{startAfter}
{
}

void VersionWalk::next(Done<QList<ListedVersion>> done)
{
    m_client.listVersions(
        m_prefix, m_place.key, m_place.second, this,
        [this, done = std::move(done)](S3Result<VersionPage> page) {
            if (!page) {
                done(page.error());
                return;
            }
            const QByteArray first = page->versions.isEmpty() ? QByteArray() : page->versions.first().key;
            if (const char *wrong = m_place.advance(first, page->nextKey, page->nextVersion))
                done(lying(m_client, "ListObjectVersions", QString::fromLatin1(wrong)));
            else
                done(std::move(page->versions));
        });
}

UploadWalk::UploadWalk(S3Client &client, const QByteArray &prefix, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_prefix(prefix)
{
}

void UploadWalk::next(Done<QList<ListedUpload>> done)
{
    m_client.listUploads(m_prefix, m_place.key, m_place.second, this,
                         [this, done = std::move(done)](S3Result<UploadPage> page) {
                             if (!page) {
                                 done(page.error());
                                 return;
                             }
                             const QByteArray first =
                                 page->uploads.isEmpty() ? QByteArray() : page->uploads.first().key;
                             if (const char *wrong = m_place.advance(first, page->nextKey, page->nextUpload))
                                 done(lying(m_client, "ListMultipartUploads", QString::fromLatin1(wrong)));
                             else
                                 done(std::move(page->uploads));
                         });
}

} // namespace cring::backup
