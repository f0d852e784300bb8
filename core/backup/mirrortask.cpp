// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/mirrortask.h"

#include "core/backup/bodydigest.h"

namespace cring::backup {

using replica::ObjectKey;
using state::BucketLedger;

namespace {

/// Sending less is done as soon as asking for it.
constexpr qint64 kAskedFrom = 256 * 1024;

/// What is wrong with the bucket, its keys or the way there, and so with every object.
bool concernsAll(S3Error::Kind kind)
{
    using Kind = S3Error::Kind;
    switch (kind) {
    case Kind::Source:
    case Kind::Digest:
    case Kind::Precondition:
    case Kind::ObjectMissing:
    case Kind::UploadMissing:
    case Kind::NotModified:
    case Kind::Refused:
        return false;
    default:
        return true;
    }
}

} // namespace

MirrorTask::MirrorTask(const Means &means, const ObjectKey &key, Need need,
                       std::optional<replica::Credentials> credentials, bool uncertain, QObject *parent)
    : QObject(parent)
    , m_means(means)
    , m_use(means.environment.use)
    , m_key(key)
    , m_need(need)
    , m_credentials(std::move(credentials))
    , m_uncertain(uncertain)
{
}

MirrorTask::~MirrorTask()
{
    if (m_call)
        m_call->cancel();
}

void MirrorTask::start()
{
    switch (m_need) {
    case Need::Store:
        store();
        break;
    case Need::Remove:
        remove();
        break;
    case Need::Look:
        look();
        break;
    case Need::Nothing:
        QMetaObject::invokeMethod(
            this, [this] { end(); }, Qt::QueuedConnection);
        break;
    }
}

// ---- store ----

void MirrorTask::store()
{
    const auto record = m_means.environment.catalogue.find(m_key);
    if (!record || record->deleted) {
        QMetaObject::invokeMethod(
            this, [this] { end(); }, Qt::QueuedConnection);
        return;
    }
    m_record = *record;
    makeRoom();
}

/// A file where the bucket has a folder, and the other way round, has another key: the old one goes first.
void MirrorTask::makeRoom()
{
    const auto object = m_means.ledger.object(m_means.bucket, m_key);
    if (!object || object->gone || object->folder == m_record.folder) {
        fetch();
        return;
    }
    const auto old = name(object->folder ? ObjectKind::Folder : ObjectKind::File);
    if (!old)
        return;
    m_call = m_means.client.remove({old->key, {}}, this, [this](const S3Result<Nothing> &removed) {
        if (!removed)
            fail(removed.error());
        else
            fetch();
    });
}

void MirrorTask::fetch()
{
    if (m_record.folder) {
        if (const auto folder = name(ObjectKind::Folder))
            upload(std::make_shared<BytesSource>(folder->body));
        return;
    }
    m_fetch = std::make_unique<BodyFetch>(m_means.environment, m_means.client.session().workers(), m_key,
                                          m_record, *m_credentials);
    connect(m_fetch.get(), &BodyFetch::finished, this,
            [this](const Result<std::shared_ptr<IBodySource>> &body) {
                if (!body)
                    fail(body.error());
                else
                    askWhatIsThere(*body);
            });
    m_fetch->start();
}

/// A listing has found it, and nobody knows of which version it is: it may be this one. Or nothing is known
/// of it, as where all of this was lost and comes back from that very bucket.
void MirrorTask::askWhatIsThere(std::shared_ptr<IBodySource> body)
{
    const auto object = m_means.ledger.object(m_means.bucket, m_key);
    const bool known = object && !object->gone && object->version == 0 && !object->etag.isEmpty() &&
                       object->size == body->size();
    if (!known && (object || body->size() < kAskedFrom)) {
        upload(std::move(body));
        return;
    }
    const auto there = name(ObjectKind::File);
    if (!there)
        return;
    m_call = m_means.client.head(there->key, {}, this, [this, body](const S3Result<ObjectHead> &head) {
        if (head && head->size == body->size())
            compare(*head, body);
        else
            upload(body);
    });
}

void MirrorTask::compare(const ObjectHead &there, const std::shared_ptr<IBodySource> &body)
{
    if (there.sha256.isEmpty() || there.metadata.value(kModeField) != QByteArray::number(m_record.mode)) {
        upload(body);
        return;
    }
    const auto compared = [this, there, body](const Result<BodyDigest::Digests> &digests) {
        if (!digests || digests->whole != there.sha256) {
            upload(body);
            return;
        }
        m_size = body->size();
        handleStored(Stored{there.etag, there.versionId, there.sha256}, false);
    };
    new BodyDigest(Hash::Sha256, body, 0, m_means.client.session().workers(), compared, this);
}

void MirrorTask::upload(std::shared_ptr<IBodySource> body)
{
    const auto object = name(m_record.folder ? ObjectKind::Folder : ObjectKind::File);
    if (!object)
        return;
    m_size = body->size();
    UploadRequest request{*object, std::move(body), {}};
    request.metadata = {{kModeField, QByteArray::number(m_record.mode)},
                        {kChangedField, QByteArray::number(m_record.changed)}};
    m_upload = std::make_unique<ObjectUpload>(m_means.client, m_means.uploads, std::move(request));
    connect(m_upload.get(), &ObjectUpload::finished, this, [this](const Stored &stored) {
        m_sent = true;
        const bool retried = m_upload->retried();
        m_upload.release()->deleteLater();
        handleStored(stored, retried);
    });
    connect(m_upload.get(), &ObjectUpload::failed, this, [this](const S3Error &error) {
        m_upload.release()->deleteLater();
        fail(error);
    });
}

void MirrorTask::handleStored(const Stored &stored, bool retried)
{
    BucketLedger::Object object;
    object.version = m_record.version;
    object.folder = m_record.folder;
    object.size = m_size;
    object.etag = stored.etag;
    object.sha256 = stored.sha256;
    object.stored = m_means.environment.clock.wall().count();
    // An attempt whose answer was lost may be carried out after this one.
    object.doubtful = m_uncertain || retried;
    m_means.ledger.set(m_means.bucket, m_key, object);
    end(std::nullopt, m_size);
}

// ---- remove ----

void MirrorTask::remove()
{
    const auto there = nameOfWhatIsThere();
    if (!there)
        return;
    m_call = m_means.client.remove({there->key, {}}, this, [this](const S3Result<Nothing> &removed) {
        if (!removed && removed.error().kind != S3Error::Kind::ObjectMissing) {
            fail(removed.error());
            return;
        }
        auto now = m_means.ledger.object(m_means.bucket, m_key);
        if (now && (m_uncertain || now->doubtful)) {
            now->gone = true;
            now->doubtful = true;
            now->stored = m_means.environment.clock.wall().count();
            m_means.ledger.set(m_means.bucket, m_key, *now);
        } else {
            m_means.ledger.forget(m_means.bucket, m_key);
        }
        end();
    });
}

// ---- look ----

void MirrorTask::look()
{
    const auto there = nameOfWhatIsThere();
    if (!there)
        return;
    m_call = m_means.client.head(there->key, {}, this,
                                 [this](const S3Result<ObjectHead> &head) { handleLooked(head); });
}

void MirrorTask::handleLooked(const S3Result<ObjectHead> &head)
{
    if (!head && head.error().kind != S3Error::Kind::ObjectMissing) {
        fail(head.error());
        return;
    }
    auto object = m_means.ledger.object(m_means.bucket, m_key);
    if (!object) {
        end();
        return;
    }
    if (object->gone && !head) {
        m_means.ledger.forget(m_means.bucket, m_key);
    } else if (object->gone) {
        // It landed after the delete: that again, and another look.
        object->gone = false;
        m_means.ledger.set(m_means.bucket, m_key, *object);
    } else if (head && head->etag == object->etag) {
        object->doubtful = false;
        object->verified = m_means.environment.clock.wall().count();
        m_means.ledger.set(m_means.bucket, m_key, *object);
    } else {
        object->version = 0; // once more
        m_means.ledger.set(m_means.bucket, m_key, *object);
    }
    end();
}

// ---- the end ----

/// As the ledger has it. Nothing: there is no more to be done, or it cannot be; the end follows.
std::optional<ObjectName> MirrorTask::nameOfWhatIsThere()
{
    if (const auto object = m_means.ledger.object(m_means.bucket, m_key))
        return name(object->folder ? ObjectKind::Folder : ObjectKind::File);
    QMetaObject::invokeMethod(
        this, [this] { end(); }, Qt::QueuedConnection);
    return std::nullopt;
}

std::optional<ObjectName> MirrorTask::name(ObjectKind kind)
{
    const QByteArray account = state::accountOf(m_key);
    auto made = makeObjectName(account, m_key.mid(account.size() + 1), kind);
    if (made)
        return *made;
    QMetaObject::invokeMethod(
        this, [this, error = made.error()] { fail(error); }, Qt::QueuedConnection);
    return std::nullopt;
}

void MirrorTask::fail(const S3Error &error)
{
    const auto whose = concernsAll(error.kind) ? MirrorProblem::Whose::Bucket : MirrorProblem::Whose::Object;
    end(MirrorProblem{whose, error.toError().code, error.words(), error.retryAfter});
}

/// Of this object alone.
void MirrorTask::fail(const Error &error)
{
    end(MirrorProblem{MirrorProblem::Whose::Object, error.code, error.detail, -1});
}

void MirrorTask::end(const std::optional<MirrorProblem> &problem, qint64 bytes)
{
    if (!std::exchange(m_ended, true))
        Q_EMIT finished(problem, bytes);
}

} // namespace cring::backup
