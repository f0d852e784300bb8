// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/folders.h"

#include "core/charm/blobpath.h"
#include "core/charm/multipart.h"
#include "core/replica/requests.h"
#include "core/replica/serverchange.h"

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

/// For a folder that has to be there before a file: a server that takes longer is not waited for.
constexpr auto kPrepareTime = 1000ms;
/// Names remembered for each server before all are forgotten: a memory, not an index.
constexpr size_t kMaxKnown = 5000;

constexpr quint32 kOwnerAll = 0700;
constexpr quint32 kOwnerReadWrite = 0600;

/// Calls `done` once, when `pending` results are in.
struct Countdown
{
    int pending = 0;
    std::function<void()> done;

    void operator()()
    {
        if (--pending == 0)
            done();
    }
};

} // namespace

Folders::Folders(QObject *parent)
    : QObject(parent)
{
}

quint32 Folders::modeFor(quint32 fileMode)
{
    const quint32 permissions = fileMode & 0777;
    return charm::kDirBit | permissions | ((permissions & 0444) >> 2) | kOwnerAll;
}

bool Folders::isKnown(const QString &backend, const ObjectKey &key) const
{
    const auto known = m_known.constFind(backend);
    return known != m_known.constEnd() && known->folders.contains(key);
}

void Folders::remember(const QString &backend, const ObjectKey &key)
{
    auto &folders = m_known[backend].folders;
    if (folders.size() >= kMaxKnown)
        folders.clear();
    folders.insert(key);
    forEachAncestor(key, [&](QByteArrayView above) { folders.insert(above.toByteArray()); });
}

void Folders::forget(const QString &backend, const ObjectKey &key)
{
    for (auto it = m_known.begin(); it != m_known.end(); ++it) {
        if (!backend.isEmpty() && it.key() != backend)
            continue;
        it->folders.erase(key);
        auto below = it->folders.lower_bound(key + '/');
        while (below != it->folders.end() && isAtOrBelow(*below, key))
            below = it->folders.erase(below);
    }
}

void Folders::forgetServer(const QString &backend)
{
    m_known.remove(backend);
}

void Folders::prepareFor(Environment &environment, const Credentials &credentials, const QByteArray &path,
                         quint32 fileMode, const QList<health::Backend *> &ready,
                         const QList<health::Backend *> &later, QObject *context, std::function<void()> done)
{
    const QByteArray parent = charm::parentOf(path).toByteArray();
    const ObjectKey key = objectKey(credentials.account, parent);
    // The account's own folder cannot be asked for; a file whose mode makes a good one makes it.
    const bool viaItself = parent.isEmpty() && (fileMode & kOwnerReadWrite) != kOwnerReadWrite;
    if (parent.isEmpty() && !viaItself) {
        done();
        return;
    }
    auto countdown = std::make_shared<Countdown>(Countdown{1, std::move(done)});
    // At the file's own path nothing may happen any more once the file is on its way there.
    const QList<health::Backend *> all = viaItself ? ready + later : environment.backends.usable();
    for (health::Backend *backend : all) {
        if (isKnown(backend->id(), key))
            continue;
        const bool awaited = viaItself || ready.contains(backend);
        const std::function<void()> next =
            awaited ? std::function<void()>([countdown] { (*countdown)(); }) : [] {
            };
        if (awaited)
            ++countdown->pending;
        if (viaItself)
            makeAccountFolder(environment, *backend, credentials, path, fileMode, context, next);
        else
            makeFolders(environment, *backend, credentials,
                        wanted(environment, backend->id(), credentials, parent, modeFor(fileMode)), context,
                        next);
    }
    (*countdown)();
}

/// Recorded folders above, each with its own mode, before the one that is wanted: Charm makes what is missing
/// above a folder with that one's mode.
std::list<Folders::Wanted> Folders::wanted(const Environment &environment, const QString &backend,
                                           const Credentials &credentials, const QByteArray &parent,
                                           quint32 mode) const
{
    std::list<Wanted> list;
    for (QByteArray path = parent; !path.isEmpty(); path = charm::parentOf(path).toByteArray()) {
        const ObjectKey key = objectKey(credentials.account, path);
        if (isKnown(backend, key))
            break;
        const auto record = environment.catalogue.find(key);
        const bool recorded = record && !record->deleted && record->folder;
        if (recorded || path == parent)
            list.push_front({key, path, recorded ? record->mode : mode});
    }
    return list;
}

void Folders::makeFolders(Environment &environment, health::Backend &backend, const Credentials &credentials,
                          std::list<Wanted> folders, QObject *context, std::function<void()> next)
{
    if (folders.empty()) {
        next();
        return;
    }
    const Wanted first = std::move(folders.front());
    folders.pop_front();
    makeFolder(
        environment, backend, first.key, folderRequest(credentials, first.path, first.mode), context,
        [this, &environment, &backend, credentials, folders = std::move(folders), context,
         next = std::move(next)] { makeFolders(environment, backend, credentials, folders, context, next); });
}

void Folders::record(Environment &environment, const QByteArray &account, const QByteArray &path,
                     quint32 fileMode)
{
    QByteArrayList above;
    for (QByteArray parent = charm::parentOf(path).toByteArray(); !parent.isEmpty();
         parent = charm::parentOf(parent).toByteArray())
        above.prepend(parent);
    for (const QByteArray &parent : std::as_const(above)) {
        const ObjectKey key = objectKey(account, parent);
        const auto known = environment.catalogue.find(key);
        if (known && !known->deleted)
            continue;
        Record folder;
        folder.folder = true;
        folder.mode = modeFor(fileMode);
        environment.catalogue.acknowledge(key, folder, {});
        for (const health::Backend *backend : environment.backends.all()) {
            if (!isKnown(backend->id(), key))
                environment.catalogue.mark(key, backend->id(), Debt::Suspect);
        }
    }
}

void Folders::makeFolder(Environment &environment, health::Backend &backend, const ObjectKey &key,
                         const http::Request &request, QObject *context, std::function<void()> next)
{
    ServerChange::send(
        environment, backend, key, request, kPrepareTime, context,
        [this, id = backend.id(), key, next = std::move(next)](const Result<http::Response> &result) {
            if (result && result->status == 200)
                remember(id, key);
            next();
        });
}

/// A folder of the file's own name makes the account's folder on its way, and is gone again before the file
/// comes. Only where the account has no folder yet: then nothing can be at the file's path.
void Folders::makeAccountFolder(Environment &environment, health::Backend &backend,
                                const Credentials &credentials, const QByteArray &path, quint32 fileMode,
                                QObject *context, std::function<void()> next)
{
    const auto made = [this, &environment, &backend, credentials, path, context,
                       next](const Result<http::Response> &result) {
        if (!result || result->status != 200) {
            next();
            return;
        }
        remember(backend.id(), credentials.account);
        ServerChange::send(environment, backend, objectKey(credentials.account, path),
                           fileRequest("DELETE", credentials, path), kPrepareTime, context,
                           [next](const Result<http::Response> &) { next(); });
    };
    backend.pool().exchange(fileRequest("HEAD", credentials, {}), kPrepareTime, 0, context,
                            [this, &environment, &backend, credentials, path, fileMode, context, next,
                             made](const Result<http::Response> &result) {
                                if (result && result->status == 200)
                                    remember(backend.id(), credentials.account);
                                if (!result || result->status != 404) {
                                    next();
                                    return;
                                }
                                ServerChange::send(environment, backend, objectKey(credentials.account, path),
                                                   folderRequest(credentials, path, modeFor(fileMode)),
                                                   kPrepareTime, context, made);
                            });
}

} // namespace cring::replica
