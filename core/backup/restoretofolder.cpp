// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/restoretofolder.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cring::backup {

namespace {

constexpr qint64 kBehind = 1024 * 1024;
constexpr qint64 kPiece = 256 * 1024;
constexpr mode_t kOwnerAll = 0700;

/// A file descriptor that closes itself.
class Descriptor
{
public:
    explicit Descriptor(int fd = -1)
        : m_fd(fd)
    {
    }
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Q_DISABLE_COPY(Descriptor)
    Descriptor(Descriptor &&other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    Descriptor &operator=(Descriptor &&other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }

    int get() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }

private:
    int m_fd;
};

Error refused(const char *what)
{
    return Error{Code::RestoreFailed,
                 QStringLiteral("%1: %2").arg(QLatin1String(what), QString::fromLocal8Bit(strerror(errno)))};
}

const QByteArray kPartPrefix = QByteArrayLiteral(".cring-");
constexpr qsizetype kPartName = 32; ///< Letters; enough that no two files share one.

/// What the worker has of a file on its way. One worker at a time looks into it.
struct Writing
{
    QByteArray folder; ///< Absolute.
    QByteArrayList names;
    Descriptor parent;
    Descriptor file;
    QByteArray part; ///< Its name until it is complete.
    std::optional<Error> problem;

    ~Writing()
    {
        if (file.isOpen())
            ::unlinkat(parent.get(), part.constData(), 0);
    }

    /// Step by step, so that no link leads elsewhere.
    Status enter(qsizetype depth)
    {
        const auto make = [this] {
            return ::mkdir(folder.constData(), kOwnerAll) == 0 || errno == EEXIST;
        };
        const QString above = QFileInfo(QFile::decodeName(folder)).path();
        if (!make() && (errno != ENOENT || !QDir().mkpath(above) || !make()))
            return refused("the folder cannot be made");
        Descriptor at(::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!at.isOpen())
            return refused("the folder cannot be opened");
        for (qsizetype i = 0; i < depth; ++i) {
            const char *name = names[i].constData();
            if (::mkdirat(at.get(), name, 0755) != 0 && errno != EEXIST)
                return refused("a folder cannot be made");
            Descriptor next(::openat(at.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            if (!next.isOpen())
                return refused("a folder cannot be opened (something else has its name)");
            at = std::move(next);
        }
        parent = std::move(at);
        return {};
    }

    Status makeFolder(quint32 mode)
    {
        if (const Status entered = enter(names.size()); !entered)
            return entered;
        if (::fchmod(parent.get(), (mode & 0777) | kOwnerAll) != 0)
            return refused("a folder's mode cannot be set");
        return {};
    }

    Status open()
    {
        if (const Status entered = enter(names.size() - 1); !entered)
            return entered;
        // The same after a restart, which takes what an earlier one has left, and no other file's.
        part = kPartPrefix +
               QCryptographicHash::hash(names.last(), QCryptographicHash::Sha256).toHex().left(kPartName);
        ::unlinkat(parent.get(), part.constData(), 0);
        file = Descriptor(
            ::openat(parent.get(), part.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file.isOpen())
            return refused("a file cannot be made");
        return {};
    }

    Status write(const QByteArray &piece) const
    {
        qsizetype at = 0;
        while (at < piece.size()) {
            const ssize_t count =
                ::write(file.get(), piece.constData() + at, static_cast<size_t>(piece.size() - at));
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0)
                return refused("a file cannot be written");
            at += count;
        }
        return {};
    }

    Status finish(quint32 mode)
    {
        if (::fsync(file.get()) != 0 || ::fchmod(file.get(), mode & 0777) != 0)
            return refused("a file cannot be written");
        if (::renameat(parent.get(), part.constData(), parent.get(), names.last().constData()) != 0)
            return refused("a file cannot get its name");
        file = Descriptor();
        return {};
    }

    /// Of the file that is there under its name.
    Status setMode(quint32 mode) const
    {
        const Descriptor there(
            ::openat(parent.get(), names.last().constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        if (!there.isOpen() || ::fchmod(there.get(), mode & 0777) != 0)
            return refused("a file's mode cannot be set");
        return {};
    }

    /// SHA-256 of what is there under its name, when it is a file of that size; else nothing.
    QByteArray digestThere(qint64 size)
    {
        if (!enter(names.size() - 1))
            return {};
        const Descriptor there(
            ::openat(parent.get(), names.last().constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        struct stat info = {};
        if (!there.isOpen() || ::fstat(there.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
            info.st_size != size)
            return {};
        QCryptographicHash hash(QCryptographicHash::Sha256);
        QByteArray piece(kPiece, Qt::Uninitialized);
        for (;;) {
            const ssize_t count = ::read(there.get(), piece.data(), static_cast<size_t>(piece.size()));
            if (count == 0)
                return hash.result();
            if (count < 0)
                return {};
            hash.addData(QByteArrayView(piece).first(count));
        }
    }
};

class Task final : public RestoreTask
{
public:
    Task(S3Client &client, const QString &folder, RestoreItem item)
        : m_client(client)
        , m_item(std::move(item))
        , m_writing(std::make_shared<Writing>())
    {
        m_writing->folder = QFile::encodeName(folder);
        m_writing->names = m_item.key.split('/');
    }

    void start() override
    {
        if (m_item.folder) {
            run([mode = m_item.mode](Writing &writing) { return writing.makeFolder(mode); },
                [this] { end(Restored::Brought); });
            return;
        }
        m_head = m_client.head(m_item.object.key, m_item.object.versionId, this,
                               [this](const S3Result<ObjectHead> &head) {
                                   if (!head)
                                       end(head.error().toError());
                                   else
                                       compare(*head);
                               });
    }

private:
    void compare(const ObjectHead &head)
    {
        m_mode = head.metadata.value(kModeField, kUsualMode).toUInt();
        const auto there = std::make_shared<QByteArray>();
        m_client.session().workers().run(
            [writing = m_writing, there, size = m_item.object.size] { *there = writing->digestThere(size); },
            this,
            [this, there, wanted = head.sha256] {
                if (!there->isEmpty() && *there == wanted)
                    run([mode = m_mode](Writing &writing) { return writing.setMode(mode); },
                        [this] { end(Restored::Same); });
                else
                    run([](Writing &writing) { return writing.open(); }, [this] { download(); });
            });
    }

    void download()
    {
        GetRequest request;
        request.key = m_item.object.key;
        request.versionId = m_item.object.versionId;
        m_download = std::make_unique<ObjectDownload>(m_client, request);
        connect(m_download.get(), &ObjectDownload::bodyReceived, this, [this](const QByteArray &data) {
            m_behind += data.size();
            if (m_behind > kBehind && !std::exchange(m_held, true))
                m_download->pause();
            run([data](Writing &writing) { return writing.write(data); },
                [this, size = data.size()] {
                    m_behind -= size;
                    if (m_behind <= kBehind / 2 && std::exchange(m_held, false))
                        m_download->resume();
                    finishIfComplete();
                });
        });
        connect(m_download.get(), &ObjectDownload::finished, this, [this] {
            m_complete = true;
            finishIfComplete();
        });
        connect(m_download.get(), &ObjectDownload::failed, this,
                [this](const S3Error &error) { end(error.toError()); });
    }

    void finishIfComplete()
    {
        if (!m_complete || m_behind > 0 || m_finishing)
            return;
        m_finishing = true;
        run([mode = m_mode](Writing &writing) { return writing.finish(mode); },
            [this] { end(Restored::Brought); });
    }

    /// In order: the next one begins when the one before has ended.
    void run(std::function<Status(Writing &)> work, std::function<void()> then)
    {
        m_work.push_back({std::move(work), std::move(then)});
        if (m_work.size() == 1)
            runNext();
    }

    void runNext()
    {
        m_client.session().workers().run(
            [writing = m_writing, work = m_work.front().first] {
                if (writing->problem)
                    return;
                if (const Status done = work(*writing); !done)
                    writing->problem = done.error();
            },
            this,
            [this] {
                if (m_ended)
                    return;
                if (m_writing->problem) {
                    end(*m_writing->problem);
                    return;
                }
                const auto then = std::move(m_work.front().second);
                m_work.pop_front();
                if (!m_work.empty())
                    runNext();
                then();
            });
    }

    void end(const Result<Restored> &outcome)
    {
        if (std::exchange(m_ended, true))
            return;
        if (m_download)
            m_download.release()->deleteLater();
        QMetaObject::invokeMethod(
            this, [this, outcome] { Q_EMIT finished(outcome); }, Qt::QueuedConnection);
    }

    S3Client &m_client;
    const RestoreItem m_item;
    std::shared_ptr<Writing> m_writing;
    QPointer<S3Call> m_head;
    std::unique_ptr<ObjectDownload> m_download;
    std::deque<std::pair<std::function<Status(Writing &)>, std::function<void()>>> m_work;
    quint32 m_mode = 0;
    qint64 m_behind = 0;
    bool m_held = false;
    bool m_complete = false;
    bool m_finishing = false;
    bool m_ended = false;
};

} // namespace

RestoreToFolder::RestoreToFolder(S3Client &client, const QString &folder)
    : m_client(client)
    , m_folder(folder)
{
}

std::unique_ptr<RestoreTask> RestoreToFolder::task(const RestoreItem &item, quint64)
{
    return std::make_unique<Task>(m_client, m_folder, item);
}

} // namespace cring::backup
