// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/sshnode.h"

#include "core/accounts/sftpsession.h"
#include "core/accounts/sshcommand.h"
#include "core/accounts/sshconnection.h"
#include "core/base/log.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

namespace cring::accounts {

namespace {

constexpr quint32 kPermissions = 07777;
/// What every SFTP server has to take in one request.
constexpr qsizetype kPiece = 32 * 1024;

NodeEntry entryOf(const QString &name, const sftp_attributes_struct &info)
{
    NodeEntry entry;
    entry.name = name;
    entry.kind = info.type == SSH_FILEXFER_TYPE_REGULAR     ? NodeEntry::Kind::File
                 : info.type == SSH_FILEXFER_TYPE_DIRECTORY ? NodeEntry::Kind::Folder
                                                            : NodeEntry::Kind::Other;
    entry.size = static_cast<qint64>(info.size);
    entry.mode = info.permissions & kPermissions;
    entry.modified = info.mtime;
    return entry;
}

QString lastPart(const QString &path)
{
    return path.mid(path.lastIndexOf(QLatin1Char('/')) + 1);
}

QByteArray above(const QByteArray &path)
{
    const qsizetype slash = path.lastIndexOf('/');
    return slash < 0 ? QByteArrayLiteral(".") : slash == 0 ? QByteArrayLiteral("/") : path.left(slash);
}

QString reasonOf(int code, const QString &said)
{
    switch (code) {
    case SSH_FX_NO_SUCH_FILE:
    case SSH_FX_NO_SUCH_PATH:
        return QStringLiteral("No such file or directory");
    case SSH_FX_PERMISSION_DENIED:
    case SSH_FX_WRITE_PROTECT:
        return QStringLiteral("Permission denied");
    case SSH_FX_FILE_ALREADY_EXISTS:
        return QStringLiteral("File exists");
    default:
        return said;
    }
}

} // namespace

/// The SFTP session of a connection, and the watch over one call of it.
class SshNode::Sftp
{
public:
    explicit Sftp(SshConnection &connection)
        : m_connection(connection)
    {
    }

    bool start()
    {
        const auto watch = this->watch();
        m_session.reset(sftp_new(m_connection.session()));
        return m_session && sftp_init(m_session.get()) == SSH_OK;
    }

    ~Sftp()
    {
        const auto watch = this->watch();
        m_session.reset();
    }
    Q_DISABLE_COPY_MOVE(Sftp)

    sftp_session get() const { return m_session.get(); }
    int error() const { return sftp_get_error(m_session.get()); }
    Watchdog::Watch watch() const { return {m_connection.watchdog(), m_connection.access().answer}; }

    bool isAbsent() const
    {
        const int code = error();
        return !m_connection.isBroken() && (code == SSH_FX_NO_SUCH_FILE || code == SSH_FX_NO_SUCH_PATH);
    }

private:
    SshConnection &m_connection;
    sftp::SessionPtr m_session;
};

/// An open file, which is closed under watch: the server has a word in that, too.
struct SshNode::OpenFile
{
    Sftp &session;
    sftp::FilePtr file = {};

    ~OpenFile()
    {
        const auto watch = session.watch();
        file.reset();
    }
};

SshNode::SshNode(config::NodePlace place, SshAccess access, const IClock &clock, std::stop_token stop)
    : m_place(std::move(place))
    , m_access(std::move(access))
    , m_clock(clock)
    , m_stop(std::move(stop))
{
}

SshNode::~SshNode() = default;

QByteArray SshNode::native(const QString &path) const
{
    return fullPath(path).toUtf8();
}

Result<SshConnection *> SshNode::connection()
{
    if (m_stop.stop_requested())
        return Error{Code::JobEnded, QStringLiteral("called off")};
    if (m_connection && m_connection->isBroken()) {
        m_sftp.reset();
        m_connection.reset();
    }
    if (!m_connection) {
        auto opened = SshConnection::open(m_place, m_access, m_clock, m_stop);
        if (!opened)
            return opened.error();
        m_connection = std::move(*opened);
    }
    return m_connection.get();
}

Result<SshNode::Sftp *> SshNode::sftp(const QString &path)
{
    if (const Status status = checkPath(path); !status)
        return status.error();
    const Result<SshConnection *> open = connection();
    if (!open)
        return open.error();
    if (!m_sftp) {
        auto made = std::make_unique<Sftp>(**open);
        if (!made->start()) {
            if (m_connection->isBroken())
                return m_connection->failure(QStringLiteral("about SFTP"));
            return Error{
                Code::BackendProtocol,
                QStringLiteral("%1 has no SFTP; sshd_config needs a line `Subsystem sftp internal-sftp`")
                    .arg(m_place.machine())};
        }
        m_sftp = std::move(made);
    }
    return m_sftp.get();
}

Error SshNode::failure(const char *what, const QString &path)
{
    if (m_connection->isBroken())
        return m_connection->failure(QStringLiteral("about %1").arg(shown(path)));
    const QString said = log::oneLine(QString::fromUtf8(ssh_get_error(m_connection->session()))).left(200);
    return Error{Code::NodeFile, QStringLiteral("%1 cannot be %2: %3")
                                     .arg(shown(path), QLatin1String(what), reasonOf(m_sftp->error(), said))};
}

Result<std::optional<NodeEntry>> SshNode::stat(const QString &path)
{
    const Result<Sftp *> session = sftp(path);
    if (!session)
        return session.error();
    const auto watch = (*session)->watch();
    const sftp::AttributesPtr found(sftp_stat((*session)->get(), native(path).constData()));
    if (found)
        return std::optional(entryOf(lastPart(path), *found));
    if ((*session)->isAbsent())
        return std::optional<NodeEntry>();
    return failure("looked at", path);
}

Result<QList<NodeEntry>> SshNode::list(const QString &path)
{
    const Result<Sftp *> session = sftp(path);
    if (!session)
        return session.error();
    const auto watch = (*session)->watch();
    sftp::FolderPtr folder(sftp_opendir((*session)->get(), native(path).constData()));
    if (!folder)
        return failure("listed", path);
    QList<NodeEntry> entries;
    while (const sftp::AttributesPtr found{sftp_readdir((*session)->get(), folder.get())}) {
        const QString name = QString::fromUtf8(found->name);
        if (name != QLatin1String(".") && name != QLatin1String(".."))
            entries.append(entryOf(name, *found));
    }
    if (sftp_dir_eof(folder.get()) == 0)
        return failure("listed", path);
    std::ranges::sort(entries, {}, &NodeEntry::name);
    return entries;
}

Status SshNode::makeFolder(const QString &path, quint32 mode)
{
    const Result<Sftp *> session = sftp(path);
    if (!session)
        return session.error();
    const auto watch = (*session)->watch();
    const QByteArray name = native(path);
    // mkdir(2) there subtracts a umask.
    if (sftp_mkdir((*session)->get(), name.constData(), mode & kPermissions) != SSH_OK ||
        sftp_chmod((*session)->get(), name.constData(), mode & kPermissions) != SSH_OK)
        return failure("made", path);
    return {};
}

Status SshNode::read(const QString &path, qint64 most, const Sink &sink)
{
    const Result<Sftp *> session = sftp(path);
    if (!session)
        return session.error();
    const QByteArray name = native(path);
    OpenFile open{**session};
    {
        const auto watch = (*session)->watch();
        // A pipe would hang until the time is over.
        const sftp::AttributesPtr found(sftp_stat((*session)->get(), name.constData()));
        if (!found)
            return failure("read", path);
        if (found->type != SSH_FILEXFER_TYPE_REGULAR)
            return Error{Code::NodeFile,
                         QStringLiteral("%1 cannot be read: it is not a file").arg(shown(path))};
        open.file.reset(sftp_open((*session)->get(), name.constData(), O_RDONLY, 0));
        if (!open.file)
            return failure("read", path);
    }
    std::array<char, kPiece> piece{};
    for (qint64 total = 0;;) {
        ssize_t got = -1;
        {
            const auto watch = (*session)->watch();
            got = sftp_read(open.file.get(), piece.data(), piece.size());
        }
        if (got < 0 || m_connection->isBroken())
            return failure("read", path);
        if (got == 0)
            return {};
        total += got;
        if (total > most)
            return Error{Code::NodeFile,
                         QStringLiteral("%1 cannot be read: File too large").arg(shown(path))};
        if (const Status status = sink(QByteArrayView(piece.data(), got)); !status)
            return status;
    }
}

Status SshNode::fill(Sftp &session, const QString &path, const Source &source, quint32 mode)
{
    const QByteArray part = native(partName(path));
    OpenFile open{session};
    sftp::FilePtr &file = open.file;
    {
        const auto watch = session.watch();
        sftp_unlink(session.get(), part.constData());
        file.reset(sftp_open(session.get(), part.constData(), O_WRONLY | O_CREAT | O_EXCL, 0600));
        if (!file || sftp_chmod(session.get(), part.constData(), mode & kPermissions) != SSH_OK)
            return failure("written", path);
    }
    for (;;) {
        const Result<QByteArray> piece = source();
        if (!piece)
            return piece.error();
        if (piece->isEmpty())
            break;
        for (qsizetype done = 0; done < piece->size();) {
            const auto watch = session.watch();
            const auto size = static_cast<size_t>(std::min(kPiece, piece->size() - done));
            const ssize_t put = sftp_write(file.get(), piece->constData() + done, size);
            if (put <= 0 || m_connection->isBroken())
                return failure("written", path);
            done += put;
        }
    }
    const auto watch = session.watch();
    if (sftp_extension_supported(session.get(), "fsync@openssh.com", "1") != 0 &&
        sftp_fsync(file.get()) != SSH_OK)
        return failure("written", path);
    // Some file systems tell only now that there was no room.
    return sftp_close(file.release()) == SSH_NO_ERROR ? Status() : Status(failure("written", path));
}

Status SshNode::replace(Sftp &session, const QString &path)
{
    {
        const auto watch = session.watch();
        if (sftp_rename(session.get(), native(partName(path)).constData(), native(path).constData()) ==
            SSH_OK)
            return {};
        if (m_connection->isBroken() || session.error() != SSH_FX_FAILURE)
            return failure("written", path);
    }
    // SFTP's rename takes no name that is there (draft-ietf-secsh-filexfer-02, 6.5), and libssh 0.10 asks for
    // no other; mv(1) does by rename(2).
    const Result<NodeOutcome> moved = run({{QStringLiteral("mv"), QStringLiteral("-f"), QStringLiteral("--"),
                                            fullPath(partName(path)), fullPath(path)},
                                           {}});
    if (!moved)
        return moved.error();
    if (moved->exitStatus == 0)
        return {};
    return Error{Code::NodeFile,
                 QStringLiteral("%1 cannot be written: %2")
                     .arg(shown(path), log::oneLine(QString::fromUtf8(moved->errors)).left(200))};
}

Status SshNode::write(const QString &path, const Source &source, quint32 mode)
{
    const Result<Sftp *> session = sftp(path);
    if (!session)
        return session.error();
    Status status = fill(**session, path, source, mode);
    if (status)
        status = replace(**session, path);
    if (status || !m_connection || m_connection->isBroken())
        return status;
    // Before the room is given back.
    const Error error = explained(status.error(), path);
    if (m_sftp) {
        const auto watch = m_sftp->watch();
        sftp_unlink(m_sftp->get(), native(partName(path)).constData());
    }
    return error;
}

Error SshNode::explained(const Error &error, const QString &path)
{
    // SFTP version 3 has one word, "Failure", for nearly everything, a full disk among them.
    if (error.code != Code::NodeFile)
        return error;
    const Result<std::optional<qint64>> free = freeBytes();
    if (!free || !*free || **free >= kPiece)
        return error;
    return Error{Code::NodeFull, QStringLiteral("%1 cannot be written: the disk is full").arg(shown(path))};
}

Status SshNode::remove(const QString &path)
{
    const Result<Sftp *> session = sftp(path);
    if (!session)
        return session.error();
    const auto watch = (*session)->watch();
    const QByteArray name = native(path);
    const sftp::AttributesPtr found(sftp_lstat((*session)->get(), name.constData()));
    if (!found)
        return (*session)->isAbsent() ? Status() : Status(failure("removed", path));
    const bool isFolder = found->type == SSH_FILEXFER_TYPE_DIRECTORY;
    const int result = isFolder ? sftp_rmdir((*session)->get(), name.constData())
                                : sftp_unlink((*session)->get(), name.constData());
    return result == SSH_OK || (*session)->isAbsent() ? Status() : Status(failure("removed", path));
}

Result<std::optional<qint64>> SshNode::freeBytes()
{
    const Result<Sftp *> session = sftp(QString());
    if (!session)
        return session.error();
    const auto watch = (*session)->watch();
    if (sftp_extension_supported((*session)->get(), "statvfs@openssh.com", "2") == 0)
        return std::optional<qint64>();
    const QByteArray root = native(QString());
    sftp::FileSystemPtr info(sftp_statvfs((*session)->get(), root.constData()));
    if (!info && (*session)->isAbsent())
        info.reset(sftp_statvfs((*session)->get(), above(root).constData()));
    if (!info)
        return failure("looked at", QString());
    return std::optional<qint64>(static_cast<qint64>(info->f_bavail * info->f_frsize));
}

Result<NodeOutcome> SshNode::run(const NodeCommand &command)
{
    const Result<SshConnection *> open = connection();
    if (!open)
        return open.error();
    Result<NodeOutcome> outcome = runRemotely(command, **open);
    // A program that still runs goes with the connection.
    if (!outcome && outcome.error().code != Code::NodeCommand && m_connection->isBroken()) {
        m_sftp.reset();
        m_connection.reset();
    }
    return outcome;
}

} // namespace cring::accounts
