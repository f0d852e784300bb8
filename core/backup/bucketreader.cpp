// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketreader.h"

#include "core/backup/objectname.h"
#include "core/base/words.h"

namespace cring::backup {

using state::BucketLedger;

BucketReader::BucketReader(Target &target, const replica::ObjectKey &key,
                           const std::optional<BucketLedger::Object> &known)
    : m_target(&target)
    , m_name(QStringLiteral("the bucket ") + target.config().name)
    , m_key(key)
    , m_known(known)
{
    m_silence.setSingleShot(true);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        fail(Error{Code::BackupUnreachable,
                   QStringLiteral("gave nothing for %1").arg(words::duration(m_limit))});
    });
    connect(&target, &QObject::destroyed, this, [this] {
        m_download.reset(); // its client is gone
        fail(Error{Code::BackupUnreachable, QStringLiteral("is no longer configured")});
    });
}

BucketReader::~BucketReader() = default;

void BucketReader::start()
{
    const QByteArray account = state::accountOf(m_key);
    const auto object = makeObjectName(account, m_key.mid(account.size() + 1), ObjectKind::File);
    if (!m_target || !object) {
        const Error error = object ? Error{Code::BackupUnreachable, QStringLiteral("is no longer configured")}
                                   : object.error();
        QMetaObject::invokeMethod(
            this, [this, error] { fail(error); }, Qt::QueuedConnection);
        return;
    }
    GetRequest request;
    request.key = object->key;
    m_download = std::make_unique<ObjectDownload>(m_target->client(), request);
    connect(m_download.get(), &ObjectDownload::started, this, &BucketReader::handleStarted);
    connect(m_download.get(), &ObjectDownload::bodyReceived, this, [this](const QByteArray &data) {
        touch(kPieceTime);
        Q_EMIT arrived(data);
    });
    connect(m_download.get(), &ObjectDownload::finished, this, &BucketReader::handleFinished);
    connect(m_download.get(), &ObjectDownload::failed, this, &BucketReader::handleFailed);
    if (m_paused)
        m_download->pause();
    touch(kAnswerTime);
}

void BucketReader::setPaused(bool paused)
{
    if (std::exchange(m_paused, paused) == paused || !m_download)
        return;
    if (paused) {
        m_silence.stop();
        m_download->pause();
    } else {
        touch(m_limit);
        m_download->resume();
    }
}

void BucketReader::handleStarted(const ObjectHead &head)
{
    touch(kPieceTime);
    const bool isOther =
        m_known && (!m_known->sha256.isEmpty() && !head.sha256.isEmpty() ? m_known->sha256 != head.sha256
                    : !m_known->etag.isEmpty() && !head.etag.isEmpty()   ? m_known->etag != head.etag
                                                                         : false);
    if (isOther) {
        fail(Error{Code::FileChanged, QStringLiteral("has another version of the file by now")});
        return;
    }
    Head told;
    told.size = head.size;
    told.mode = head.metadata.value(kModeField).toUInt();
    told.changed = head.metadata.value(kChangedField).toLongLong();
    if (told.changed <= 0)
        told.changed = head.modified.count();
    Q_EMIT began(told);
}

void BucketReader::handleFinished()
{
    drop();
    if (!std::exchange(m_ended, true))
        Q_EMIT finished();
}

void BucketReader::handleFailed(const S3Error &error)
{
    if (error.kind == S3Error::Kind::ObjectMissing)
        fail(Error{Code::NotFound, QStringLiteral("has no such file")});
    else
        fail(Error{error.toError().code, QStringLiteral("could not give it: ") + error.words()});
}

void BucketReader::touch(std::chrono::milliseconds limit)
{
    m_limit = limit;
    if (!m_paused && !m_ended)
        m_silence.start(limit);
}

/// Later: this may be inside one of its signals.
void BucketReader::drop()
{
    m_silence.stop();
    if (!m_download)
        return;
    m_download->disconnect(this);
    m_download.release()->deleteLater();
}

void BucketReader::fail(const Error &error)
{
    drop();
    if (!std::exchange(m_ended, true))
        Q_EMIT failed(error);
}

} // namespace cring::backup
