// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/folders.h"

#include "core/charm/blobpath.h"
#include "core/charm/multipart.h"
#include "core/replica/requests.h"

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

/// For a folder that has to be there before a file: a server that takes longer is not waited for.
constexpr auto kPrepareTime = 1000ms;
/// Names remembered for each server before all are forgotten: a memory, not an index.
constexpr size_t kMaxKnown = 5000;

constexpr quint32 kOwnerAll = 0700;

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

void Folders::prepareFor(Environment &environment, const Credentials &credentials, const QByteArray &path,
                         quint32 fileMode, const QList<health::Backend *> &servers, QObject *context,
                         std::function<void()> done)
{
    const QByteArray parent = charm::parentOf(path).toByteArray();
    const ObjectKey key = objectKey(credentials.account, parent);
    // The account's own folder cannot be asked for; a file whose mode makes a good one makes it.
    const bool viaItself = parent.isEmpty() && (fileMode & 0600) != 0600;
    if (parent.isEmpty() && !viaItself) {
        done();
        return;
    }
    auto countdown = std::make_shared<Countdown>(Countdown{1, std::move(done)});
    const QList<health::Backend *> all = environment.backends.usable();
    for (health::Backend *backend : all) {
        if (isKnown(backend->id(), key))
            continue;
        const bool awaited = servers.contains(backend);
        if (awaited)
            ++countdown->pending;
        // A folder of the file's own name makes the account's folder on its way, and is gone again before the
        // file comes.
        const QByteArray made = viaItself ? path : parent;
        backend->pool().exchange(
            folderRequest(credentials, made, modeFor(fileMode)), kPrepareTime, 4096, context,
            [this, backend, key, awaited, countdown, viaItself, path, credentials,
             context](Result<http::Response> result) {
                const bool ok = result && result->status == 200;
                if (ok)
                    remember(backend->id(), key);
                if (!ok || !viaItself) {
                    if (awaited)
                        (*countdown)();
                    return;
                }
                backend->pool().exchange(fileRequest("DELETE", credentials, path), kPrepareTime, 4096,
                                         context, [awaited, countdown](const Result<http::Response> &) {
                                             if (awaited)
                                                 (*countdown)();
                                         });
            });
    }
    (*countdown)();
}

} // namespace cring::replica
