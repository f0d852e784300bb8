// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/objectupload.h"

#include "core/backup/partsending.h"

#include <QCryptographicHash>
#include <QLoggingCategory>

namespace cring::backup {

Q_LOGGING_CATEGORY(lcUpload, "cring.backup.upload", QtInfoMsg)

namespace {

using Kind = S3Error::Kind;

/// A server that forgets more uploads than this, one after the other, keeps none.
constexpr int kMaxBegun = 3;

QByteArray sha256(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
}

QByteArray digestOf(const Metadata &metadata)
{
    QByteArray all;
    for (auto at = metadata.begin(); at != metadata.end(); ++at)
        all += at.key() + '=' + at.value() + '\n';
    return sha256(all);
}

} // namespace

ObjectUpload::ObjectUpload(S3Client &client, UploadMemory &memory, UploadRequest request, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_memory(memory)
    , m_request(std::move(request))
    , m_scope(std::make_unique<QObject>())
    , m_metadata(m_request.metadata)
{
    if (!m_request.name.pathField.isEmpty())
        m_metadata.insert(kPathField, m_request.name.pathField);
    // Whoever made it has yet to connect.
    QMetaObject::invokeMethod(this, &ObjectUpload::start, Qt::QueuedConnection);
}

ObjectUpload::~ObjectUpload() = default;

void ObjectUpload::setState(State state)
{
    qCDebug(lcUpload) << m_state << "->" << state;
    m_state = state;
}

void ObjectUpload::start()
{
    if (m_state == State::Ended)
        return;
    if (m_request.name.nameKey.isEmpty())
        bring();
    else
        storeName();
}

void ObjectUpload::storeName()
{
    const ObjectName &name = m_request.name;
    m_client.head(name.nameKey, {}, m_scope.get(), [this, name](const S3Result<ObjectHead> &head) {
        if (head && head->sha256 == sha256(name.nameBody)) {
            bring();
            return;
        }
        // Why it is not to be had, some servers say in other words than others: storing it tells.
        m_client.put({name.nameKey, std::make_shared<BytesSource>(name.nameBody)}, m_scope.get(),
                     [this](const S3Result<Stored> &stored) {
                         if (stored)
                             bring();
                         else
                             fail(stored.error());
                     });
    });
}

void ObjectUpload::bring()
{
    const qint64 size = m_request.body->size();
    if (size <= kSinglePut) {
        clearAway([this] { put(); });
    } else if (PartSet::partSizeFor(size) > 0) {
        digest();
    } else {
        S3Error error;
        error.kind = Kind::Full;
        error.message = QStringLiteral("%1 bytes are more than an object can have").arg(size);
        fail(m_client.session().named(error, QStringLiteral("CreateMultipartUpload")));
    }
}

void ObjectUpload::put()
{
    setState(State::Sending);
    PutRequest request{m_request.name.key, m_request.body};
    request.metadata = m_metadata;
    const auto call = std::make_shared<QPointer<S3Call>>();
    *call = m_client.put(request, m_scope.get(), [this, call](const S3Result<Stored> &stored) {
        m_retried = *call && (*call)->attempts() > 1;
        if (stored)
            succeed(*stored);
        else
            fail(stored.error());
    });
    connect(call->data(), &S3Call::bodyAdvanced, this, &ObjectUpload::progress);
}

void ObjectUpload::digest()
{
    setState(State::Digesting);
    new BodyDigest(
        Hash::Sha256, m_request.body, PartSet::partSizeFor(m_request.body->size()),
        m_client.session().workers(),
        [this](const Result<BodyDigest::Digests> &digests) { handleDigests(digests); }, m_scope.get());
}

void ObjectUpload::handleDigests(const Result<BodyDigest::Digests> &digests)
{
    if (!digests) {
        S3Error error;
        error.kind = Kind::Source;
        error.message = digests.error().detail;
        fail(m_client.session().named(error, QStringLiteral("CreateMultipartUpload")));
        return;
    }
    const qint64 size = m_request.body->size();
    const qint64 partSize = PartSet::partSizeFor(size);
    m_parts = PartSet(size, partSize, digests->parts);
    m_sha256 = digests->whole;
    m_metadata.insert(kSha256Field, m_sha256.toHex());

    const auto known = m_memory.find(m_request.name.key);
    if (known && known->partSize == partSize && known->sha256 == m_sha256 &&
        known->metadata == digestOf(m_metadata)) {
        m_uploadId = known->uploadId;
        look();
    } else {
        clearAway([this] { create(); });
    }
}

/// An upload that is in the way, but does not stop this one: the server may not let these keys abort it.
void ObjectUpload::clearAway(std::function<void()> then)
{
    const auto known = m_memory.find(m_request.name.key);
    if (!known) {
        then();
        return;
    }
    setState(State::Clearing);
    m_client.abortUpload(known->key, known->uploadId, m_scope.get(),
                         [this, known, then = std::move(then)](const S3Result<Nothing> &gone) {
                             if (!gone && gone.error().transient()) {
                                 fail(gone.error());
                                 return;
                             }
                             m_memory.forget(known->key, known->uploadId);
                             then();
                         });
}

void ObjectUpload::look()
{
    setState(State::Looking);
    new PartLook(
        m_client, target(), m_parts,
        [this](const S3Result<Nothing> &looked) {
            if (looked)
                send();
            else if (looked.error().kind == Kind::UploadMissing)
                check();
            else
                fail(looked.error());
        },
        m_scope.get());
}

void ObjectUpload::create()
{
    setState(State::Creating);
    ++m_begun;
    m_parts.clearStored();
    m_client.createUpload(
        m_request.name.key, m_metadata, m_scope.get(), [this](const S3Result<QByteArray> &id) {
            if (!id) {
                fail(id.error());
                return;
            }
            m_uploadId = *id;
            m_memory.remember({m_request.name.key, m_uploadId, m_parts.partSize(), m_sha256,
                               digestOf(m_metadata), m_client.session().serverTime().count()});
            send();
        });
}

void ObjectUpload::send()
{
    setState(State::Sending);
    auto *sending = new PartSending(
        m_client, target(), m_parts,
        [this](const S3Result<Nothing> &sent) {
            if (sent)
                join();
            else
                handleRefusal(sent.error());
        },
        m_scope.get());
    connect(sending, &PartSending::progress, this, &ObjectUpload::progress);
}

void ObjectUpload::join()
{
    setState(State::Joining);
    m_client.completeUpload(m_request.name.key, m_uploadId, m_parts.stored(), m_scope.get(),
                            [this](S3Result<Stored> stored) {
                                if (stored)
                                    succeed(std::move(*stored));
                                else
                                    handleRefusal(stored.error());
                            });
}

void ObjectUpload::handleRefusal(const S3Error &error)
{
    // What an earlier try has left may be of no use: not every server takes a part twice.
    const bool useless = m_begun == 0 && (error.kind == Kind::Unsupported || error.kind == Kind::Refused);
    if (error.kind == Kind::UploadMissing)
        check();
    else if (useless)
        clearAway([this] { create(); });
    else
        fail(error);
}

/// An answer that was lost, or a service that was killed before it had it, leaves open whether the parts were
/// joined.
void ObjectUpload::check()
{
    setState(State::Checking);
    m_client.head(m_request.name.key, {}, m_scope.get(),
                  [this](const S3Result<ObjectHead> &head) { handleHead(head); });
}

void ObjectUpload::handleHead(const S3Result<ObjectHead> &head)
{
    if (head && isOurs(*head)) {
        succeed({head->etag, head->versionId, m_sha256});
        return;
    }
    if (!head && head.error().transient()) {
        fail(head.error());
        return;
    }
    m_memory.forget(m_request.name.key, m_uploadId);
    if (m_begun < kMaxBegun) {
        create();
        return;
    }
    S3Error error;
    error.kind = Kind::UploadMissing;
    error.message = QStringLiteral("the server forgets what was begun");
    fail(m_client.session().named(error, QStringLiteral("UploadPart")));
}

bool ObjectUpload::isOurs(const ObjectHead &head) const
{
    if (head.size != m_request.body->size())
        return false;
    for (auto at = m_metadata.begin(); at != m_metadata.end(); ++at) {
        if (head.metadata.value(at.key()) != at.value())
            return false;
    }
    return true;
}

PartTarget ObjectUpload::target() const
{
    return {m_request.name.key, m_uploadId, m_request.body};
}

void ObjectUpload::abandon()
{
    end();
    m_memory.discard(m_client, m_request.name.key);
}

void ObjectUpload::succeed(Stored stored)
{
    if (!m_uploadId.isEmpty()) {
        m_memory.forget(m_request.name.key, m_uploadId);
        stored.sha256 = m_sha256;
    }
    end();
    Q_EMIT finished(stored);
}

void ObjectUpload::fail(const S3Error &error)
{
    end();
    Q_EMIT failed(error);
}

void ObjectUpload::end()
{
    setState(State::Ended);
    // What calls this is part of it, and does nothing more once it has told.
    m_scope.reset();
}

} // namespace cring::backup
