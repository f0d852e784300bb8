// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

#include <functional>
#include <list>
#include <set>

namespace cring::replica {

/// Makes folders on the servers, explicitly and before what is in them.
///
/// Charm derives a missing folder's mode from the first file put into it (server/storage/storage.go): a
/// read-only file would make a folder that nobody can write to. So the ring makes it first, with rwx for its
/// owner, on every server that can be reached. What a server is known to have is remembered, so that this
/// costs one request a folder.
class Folders final : public QObject
{
    Q_OBJECT

public:
    explicit Folders(QObject *parent = nullptr);

    /// The mode that a folder gets for the sake of a file in it: the file's, executable where readable, rwx
    /// for the owner.
    static quint32 modeFor(quint32 fileMode);

    /// Sees to it that servers can take a file at `path`, whose lock the caller has: the folder above it is
    /// there and can be written to. `done` comes when those that are `ready` for it have answered or taken
    /// too long; a server that failed will say so again when it gets the file. Called at once when there is
    /// nothing to do. `later`: servers that may get the file once they are ready, too.
    void prepareFor(Environment &environment, const Credentials &credentials, const QByteArray &path,
                    quint32 fileMode, const QList<health::Backend *> &ready,
                    const QList<health::Backend *> &later, QObject *context, std::function<void()> done);

    /// A file or folder at `path` was acknowledged, or may be there: the folders above it that were not
    /// recorded are so from now on, with the mode that its upload gave them, and are owed to whoever is not
    /// known to have them. Before the file itself is recorded.
    void record(Environment &environment, const QByteArray &account, const QByteArray &path,
                quint32 fileMode);

    /// The server has the folder, and all above it.
    void remember(const QString &backend, const ObjectKey &key);
    /// The path and what was below it are gone, or may be, on a server ("" for all servers).
    void forget(const QString &backend, const ObjectKey &key);
    /// The server was away: who knows what it has now.
    void forgetServer(const QString &backend);

private:
    struct Known
    {
        std::set<ObjectKey> folders;
    };

    bool isKnown(const QString &backend, const ObjectKey &key) const;
    struct Wanted
    {
        ObjectKey key;
        QByteArray path;
        quint32 mode;
    };

    std::list<Wanted> wanted(const Environment &environment, const QString &backend,
                             const Credentials &credentials, const QByteArray &parent, quint32 mode) const;
    void makeFolders(Environment &environment, health::Backend &backend, const Credentials &credentials,
                     std::list<Wanted> folders, QObject *context, std::function<void()> next);
    void makeFolder(Environment &environment, health::Backend &backend, const ObjectKey &key,
                    const http::Request &request, QObject *context, std::function<void()> next);
    void makeAccountFolder(Environment &environment, health::Backend &backend, const Credentials &credentials,
                           const QByteArray &path, quint32 fileMode, QObject *context,
                           std::function<void()> next);

    QHash<QString, Known> m_known;
};

} // namespace cring::replica
