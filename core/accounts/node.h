// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/config/nodeplace.h"

#include <QByteArray>
#include <QList>
#include <QStringList>

#include <chrono>
#include <functional>
#include <optional>

namespace cring::accounts {

/// What stands at a path of a node.
struct NodeEntry
{
    enum class Kind { File, Folder, Other };

    QString name; ///< The last part of its path; "" for the data directory itself.
    Kind kind = Kind::Other;
    qint64 size = 0;     ///< Bytes.
    quint32 mode = 0;    ///< The permission bits, 07777.
    qint64 modified = 0; ///< Unix time in seconds.

    bool operator==(const NodeEntry &) const = default;
};

/// A program to be run at a node.
struct NodeCommand
{
    static constexpr qsizetype kMostOutput = 256 * 1024;

    QStringList argv; ///< The program is looked up in PATH. No shell sees it, whatever is in it.
    QByteArray input; ///< Of its stdin, which ends then.
    /// Bytes of stdout and stderr together; with a sink, of stderr alone. More ends it with an error.
    qsizetype mostOutput = kMostOutput;
    std::chrono::milliseconds limit{60'000}; ///< For all of it.
    /// Gets stdout as it comes, in place of NodeOutcome::out. An error of its ends the program.
    std::function<Status(QByteArrayView)> sink = {};
};

struct NodeOutcome
{
    int exitStatus = 0; ///< -1: ended by a signal.
    QByteArray out;
    QByteArray errors;
};

/// Access to the machine that a Charm server's data directory is on. Paths are relative to that directory,
/// with / between their parts; "" is the directory itself. No path leads out of it by "..".
///
/// All calls block: never on the event loop's thread, and one at a time. Each ends within its limit, and at
/// once when the stop token that the node was made with says so. Errors name the place: BackendUnreachable,
/// BackendTimeout, BackendProtocol, HostKeyUnknown, LoginRefused, KeyUnusable (reaching the machine),
/// NodeFile, NodeFull, NodeCommand (what was asked of it), JobEnded (called off).
class INode
{
public:
    /// Takes a piece of a file.
    using Sink = std::function<Status(QByteArrayView)>;
    /// Gives the next piece of a file; empty at its end.
    using Source = std::function<Result<QByteArray>()>;

    virtual ~INode() = default;

    virtual const config::NodePlace &place() const = 0;

    /// Follows symbolic links. Nothing when there is nothing.
    virtual Result<std::optional<NodeEntry>> stat(const QString &path) = 0;
    /// Without "." and "..", by name. What a symbolic link leads to is not looked at: it is Other.
    virtual Result<QList<NodeEntry>> list(const QString &path) = 0;
    /// Exactly this mode, whatever the umask. The folder above is there. NodeFile when something is there.
    virtual Status makeFolder(const QString &path, quint32 mode) = 0;
    /// NodeFile when it has more than `most` bytes.
    virtual Status read(const QString &path, qint64 most, const Sink &sink) = 0;
    /// The whole file or none of it, with exactly this mode, over what file was there before, and on the disk
    /// when it returns as far as the machine can tell. Until then it is under partName(path).
    virtual Status write(const QString &path, const Source &source, quint32 mode) = 0;
    /// A file or an empty folder. Good when there is none.
    virtual Status remove(const QString &path) = 0;
    /// Of the file system of the data directory, or of the folder above while there is none; nothing when the
    /// machine does not say.
    virtual Result<std::optional<qint64>> freeBytes() = 0;
    /// NodeCommand when the program could not be run, the error of the sink, or how it ended, well or not.
    virtual Result<NodeOutcome> run(const NodeCommand &command) = 0;

    /// A path as programs on that machine have it. `path` has to be good.
    QString fullPath(const QString &path) const;
    /// "/srv/charm1/db/charm_sqlite.db", "ssh://me@host/srv/charm1/db": for messages.
    QString shown(const QString &path) const;
    /// Under which name write() keeps what is not whole yet.
    static QString partName(const QString &path);
    /// NodeFile for a path that is absolute, leads out of the directory, or has control characters in it.
    Status checkPath(const QString &path) const;
};

/// The whole of a small file.
Result<QByteArray> readAll(INode &node, const QString &path, qint64 most = 256 * 1024);
/// The same for a private key. The libraries below may keep a copy for a moment.
Result<Secret> readSecret(INode &node, const QString &path);
Status writeAll(INode &node, const QString &path, QByteArrayView bytes, quint32 mode);

} // namespace cring::accounts
