// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/replica/environment.h"

#include <QPointer>

#include <chrono>
#include <functional>
#include <map>
#include <vector>

namespace cring::repair {

using replica::ObjectKey;

/// When servers' copies were written, and how long they are, by the listings of their folders: what a HEAD
/// says of the time is a server's local one without its zone, and it is silent on the length of most. The
/// last folder of each server is kept for a few seconds, for those who ask for one path after the other. One
/// thread.
class FolderTimes final : public QObject
{
    Q_OBJECT

public:
    struct File
    {
        /// By the ring's clock, since 1970, UTC; 0: there is no file, or it is not known.
        std::chrono::milliseconds modified{0};
        qint64 size = -1; ///< -1: as above.
    };
    using Done = std::function<void(const Result<File> &)>;

    explicit FolderTimes(QObject *parent = nullptr)
        : QObject(parent)
    {
    }

    /// `done` is called once, at once or from the event loop, unless `context` is gone by then. An error: the
    /// server has not answered (BackendAnswer: not with what there is; AccountMissing).
    void ask(replica::Environment &environment, health::Backend &server, const ObjectKey &key,
             const replica::Credentials &credentials, QObject *context, Done done);

private:
    struct Question
    {
        QByteArray name; ///< In the folder.
        QPointer<QObject> context;
        Done done;
    };
    struct Folder
    {
        ObjectKey key;
        QHash<QByteArray, File> files;      ///< By name.
        std::chrono::milliseconds until{0}; ///< Of the steady clock: it is too old from then on.
    };
    using Place = std::pair<QString, ObjectKey>; ///< A server's id, and a folder.

    void list(replica::Environment &environment, health::Backend &server, const Place &place,
              const replica::Credentials &credentials);
    Status take(replica::Environment &environment, const health::Backend &server, const Place &place,
                const Result<http::Response> &result);

    std::map<Place, std::vector<Question>> m_asked; ///< While the listing is under way.
    std::map<QString, Folder> m_last;               ///< By server.
};

} // namespace cring::repair
