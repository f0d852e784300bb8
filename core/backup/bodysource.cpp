// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bodysource.h"

#include <QCryptographicHash>
#include <QFile>
#include <QMutex>

#include <openssl/evp.h>

namespace cring::backup {

namespace {

constexpr qint64 kPiece = 256 * 1024;

struct FreeContext
{
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};

Error unreadable(const QString &why)
{
    return {Code::BackupSource, QStringLiteral("A file for the backup cannot be read: %1").arg(why)};
}

void later(QObject *context, std::function<void()> call)
{
    QMetaObject::invokeMethod(context, std::move(call), Qt::QueuedConnection);
}

} // namespace

void BytesSource::read(qint64 offset, qint64 size, QObject *context, Piece done)
{
    later(context, [piece = m_bytes.mid(offset, size), done = std::move(done)] { done(piece); });
}

void BytesSource::digest(QObject *context, Piece done)
{
    // Small by its nature: what is large comes from a file.
    later(context, [hash = QCryptographicHash::hash(m_bytes, QCryptographicHash::Sha256),
                    done = std::move(done)] { done(hash); });
}

/// Workers look into it one after the other.
struct FileSource::Shared
{
    QMutex mutex;
    QFile file;
    qint64 start = 0;
    qint64 size = 0;
    QByteArray kept; ///< All of it, when that is one piece.

    /// At most a piece.
    Result<QByteArray> read(qint64 offset, qint64 wanted)
    {
        if (kept.size() == size && size > 0)
            return kept.mid(offset, wanted);
        if (!file.isOpen() && !file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
            return unreadable(file.errorString());
        if (!file.seek(start + offset))
            return unreadable(file.errorString());
        QByteArray piece(wanted, Qt::Uninitialized);
        qint64 got = 0;
        while (got < wanted) {
            const qint64 count = file.read(piece.data() + got, wanted - got);
            if (count < 0)
                return unreadable(file.errorString());
            if (count == 0)
                return unreadable(QStringLiteral("it is shorter than it was"));
            got += count;
        }
        return piece;
    }

    Result<QByteArray> digest(const Workers &workers)
    {
        const std::unique_ptr<EVP_MD_CTX, FreeContext> hash(EVP_MD_CTX_new());
        EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
        for (qint64 at = 0; at < size;) {
            if (workers.stopping())
                return unreadable(QStringLiteral("called off"));
            Result<QByteArray> piece = read(at, std::min(kPiece, size - at));
            if (!piece)
                return piece.error();
            EVP_DigestUpdate(hash.get(), piece->constData(), static_cast<size_t>(piece->size()));
            at += piece->size();
            if (piece->size() == size)
                kept = *piece;
        }
        QByteArray out(32, '\0');
        EVP_DigestFinal_ex(hash.get(), reinterpret_cast<unsigned char *>(out.data()), nullptr);
        return out;
    }
};

FileSource::FileSource(Workers &workers, const QString &path, qint64 offset, qint64 size)
    : m_workers(workers)
    , m_shared(std::make_shared<Shared>())
    , m_size(size)
{
    m_shared->file.setFileName(path);
    m_shared->start = offset;
    m_shared->size = size;
}

FileSource::~FileSource() = default;

void FileSource::read(qint64 offset, qint64 size, QObject *context, Piece done)
{
    const auto piece = std::make_shared<Result<QByteArray>>(QByteArray());
    m_workers.run(
        [shared = m_shared, piece, offset, size] {
            const QMutexLocker lock(&shared->mutex);
            *piece = shared->read(offset, size);
        },
        context, [piece, done = std::move(done)] { done(std::move(*piece)); });
}

void FileSource::digest(QObject *context, Piece done)
{
    const auto hash = std::make_shared<Result<QByteArray>>(QByteArray());
    m_workers.run(
        [shared = m_shared, hash, &workers = m_workers] {
            const QMutexLocker lock(&shared->mutex);
            *hash = shared->digest(workers);
        },
        context, [hash, done = std::move(done)] { done(std::move(*hash)); });
}

} // namespace cring::backup
