// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketcheck.h"

#include <algorithm>

namespace cring::backup {

using namespace std::chrono_literals;
using Kind = S3Error::Kind;

namespace {

constexpr qsizetype kBodySize = 256;
/// What a look has left that was cut off; another one may be under way.
constexpr auto kOld = 1h;
/// Of what earlier looks have left, in one look.
constexpr int kTidiedPages = 10;

QByteArray randomBytes(IRandom &random, qsizetype size)
{
    QByteArray bytes;
    while (bytes.size() < size)
        bytes.append(static_cast<char>(random.next() & 0xff));
    return bytes;
}

/// Somebody has answered, and it is this request, or these keys, that are refused.
bool hasAnswered(Kind kind)
{
    return kind == Kind::Denied || kind == Kind::Credentials || kind == Kind::TokenExpired ||
           kind == Kind::Refused || kind == Kind::Unsupported;
}

bool isOfTheKeys(Kind kind)
{
    return kind == Kind::Credentials || kind == Kind::TokenExpired;
}

} // namespace

BucketCheck::BucketCheck(S3Client &client, const IClock &clock, Request request, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_clock(clock)
    , m_request(std::move(request))
    , m_steps(clock, [this](const BucketFinding &finding) { Q_EMIT found(finding); })
{
}

BucketCheck::~BucketCheck() = default;

void BucketCheck::start()
{
    if (!m_request.locked.isEmpty()) {
        m_steps.begin("keys");
        m_steps.end(Level::Failed, m_request.locked);
        QMetaObject::invokeMethod(this, &BucketCheck::finished, Qt::QueuedConnection);
    } else if (m_request.scope == BucketSettings::Scope::Versioning) {
        lookAtSettings();
    } else {
        reach();
    }
}

bool BucketCheck::passed() const
{
    return std::ranges::all_of(findings(), &BucketFinding::isGood);
}

// ---- is it there ----

void BucketCheck::reach()
{
    m_steps.begin("reachable");
    m_client.headBucket(this, [this](const S3Result<Nothing> &answer) { handleHead(answer); });
}

void BucketCheck::handleHead(const S3Result<Nothing> &answer)
{
    const bool known = answer || answer.error().kind == Kind::BucketMissing ||
                       answer.error().kind == Kind::Region || hasAnswered(answer.error().kind);
    if (!known) {
        m_steps.end(Level::Failed, answer.error().words());
        Q_EMIT finished();
        return;
    }
    m_steps.end(Level::Well, QStringLiteral("%1 answers").arg(m_client.session().endpoint().name()));
    m_steps.begin("bucket");
    if (!answer && !hasAnswered(answer.error().kind)) {
        m_steps.end(Level::Failed, answer.error().words());
        Q_EMIT finished();
        return;
    }
    if (answer)
        m_steps.end(Level::Well, QStringLiteral("“%1” is there").arg(m_client.session().endpoint().bucket()));
    // An answer to HEAD has no words: those to a listing say what is wrong.
    list();
}

void BucketCheck::list()
{
    m_steps.begin("list");
    m_client.list({{}, {}, {}, {}, 1}, this,
                  [this](const S3Result<ObjectPage> &page) { handleListed(page); });
}

void BucketCheck::handleListed(const S3Result<ObjectPage> &page)
{
    if (page) {
        m_steps.end(Level::Well, QStringLiteral("what is in it can be listed"));
        write();
        return;
    }
    const Kind kind = page.error().kind;
    if (isOfTheKeys(kind))
        m_steps.begin("keys");
    else if (kind == Kind::BucketMissing)
        m_steps.begin("bucket");
    m_steps.end(Level::Failed, page.error().words());
    // Keys that may not list may write all the same.
    if (kind == Kind::Denied)
        write();
    else
        Q_EMIT finished();
}

// ---- an object ----

void BucketCheck::write()
{
    m_steps.begin("write");
    m_body = randomBytes(m_client.session().random(), kBodySize);
    m_key = kPrefix + QByteArray::number(m_client.session().random().next(), 16);
    PutRequest request;
    request.key = m_key;
    request.body = std::make_shared<BytesSource>(m_body);
    m_client.put(request, this, [this](const S3Result<Stored> &answer) {
        if (!answer) {
            m_steps.end(Level::Failed, answer.error().words());
            lookAtSettings();
            return;
        }
        m_stored = *answer;
        m_steps.end(Level::Well, QStringLiteral("an object of %1 bytes is stored").arg(m_body.size()));
        read();
    });
}

void BucketCheck::read()
{
    m_steps.begin("read");
    GetRequest request;
    request.key = m_key;
    m_download = std::make_unique<ObjectDownload>(m_client, request);
    connect(m_download.get(), &ObjectDownload::bodyReceived, this, [this](const QByteArray &data) {
        if (m_read.size() <= kBodySize)
            m_read += data;
    });
    connect(m_download.get(), &ObjectDownload::finished, this, &BucketCheck::handleRead);
    connect(m_download.get(), &ObjectDownload::failed, this, [this](const S3Error &error) {
        m_steps.end(Level::Failed, error.words());
        remove();
    });
}

void BucketCheck::handleRead()
{
    if (m_read == m_body)
        m_steps.end(Level::Well, QStringLiteral("it is read as it was written"));
    else
        m_steps.end(Level::Failed,
                    QStringLiteral("other bytes are read than were written a moment ago: something stands "
                                   "between, or the store is damaged"));
    remove();
}

void BucketCheck::remove()
{
    m_steps.begin("delete");
    m_client.remove({m_key}, this, [this](const S3Result<Nothing> &answer) {
        if (answer)
            m_steps.end(Level::Well, QStringLiteral("it is deleted again"));
        else
            m_steps.end(Level::Failed, answer.error().words());
        m_stored.versionId.isEmpty() ? tidyObjects() : tidyVersions();
    });
}

bool BucketCheck::isOld(std::chrono::milliseconds modified) const
{
    return m_client.session().serverTime() - modified > kOld;
}

/// Nobody needs the versions; where they are locked, they stay.
void BucketCheck::tidyVersions()
{
    m_client.listVersions(m_key, {}, {}, this, [this](const S3Result<VersionPage> &page) {
        QList<ObjectId> objects;
        for (const ListedVersion &version : page ? page->versions : QList<ListedVersion>()) {
            if (version.key == m_key)
                objects.append({version.key, version.versionId});
        }
        m_versions = std::make_unique<VersionWalk>(m_client, kPrefix);
        tidy(objects, [this] { tidyOldVersions(); });
    });
}

/// Page by page: all of one may be locked.
void BucketCheck::tidyOldVersions()
{
    if (m_versions->atEnd() || m_pages++ >= kTidiedPages) {
        lookAtSettings();
        return;
    }
    m_versions->next([this](const S3Result<QList<ListedVersion>> &page) {
        if (!page) {
            lookAtSettings();
            return;
        }
        QList<ObjectId> objects;
        for (const ListedVersion &version : *page) {
            if (isOld(version.modified))
                objects.append({version.key, version.versionId});
        }
        tidy(objects, [this] { tidyOldVersions(); });
    });
}

void BucketCheck::tidyObjects()
{
    m_client.list({kPrefix}, this, [this](const S3Result<ObjectPage> &page) {
        QList<ObjectId> objects;
        if (page) {
            for (const ListedObject &object : page->objects) {
                if (isOld(object.modified))
                    objects.append({object.key});
            }
        }
        tidy(objects, [this] { lookAtSettings(); });
    });
}

void BucketCheck::tidy(const QList<ObjectId> &objects, const std::function<void()> &then)
{
    if (objects.isEmpty())
        then();
    else
        m_client.removeAll(objects, this, [then](const S3Result<QList<DeleteFailure>> &) { then(); });
}

// ---- what is set ----

void BucketCheck::lookAtSettings()
{
    m_settings = std::make_unique<BucketSettings>(m_client, m_steps, m_request.scope, m_request.wishes);
    connect(m_settings.get(), &BucketSettings::finished, this, &BucketCheck::finished);
    m_settings->start();
}

} // namespace cring::backup
