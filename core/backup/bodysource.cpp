// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bodysource.h"

#include <QFile>
#include <QMutex>

namespace cring::backup {

namespace {

/// Kept from one reading to the next.
constexpr qint64 kSmall = 256 * 1024;

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

/// Workers look into it one after the other.
struct FileSource::Shared
{
    QMutex mutex;
    QFile file;
    qint64 start = 0;
    qint64 size = 0;
    QByteArray kept; ///< All of it, when that is small.

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
        if (wanted == size && size <= kSmall)
            kept = piece;
        return piece;
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

} // namespace cring::backup
