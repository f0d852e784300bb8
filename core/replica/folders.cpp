// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/folders.h"

#include "core/charm/blobpath.h"
#include "core/charm/multipart.h"

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

http::Request folderRequest(const Credentials &credentials, const QByteArray &path, quint32 mode)
{
    const charm::Envelope envelope = charm::makeEnvelope("charmedringfolder");
    http::Request request;
    request.method = "POST";
    request.target = "/v1/fs/" + path + "?mode=" + QByteArray::number(mode | charm::kDirBit);
    request.headers.append("Authorization", credentials.authorization);
    request.headers.append("Content-Type", envelope.contentType);
    request.body = envelope.head + envelope.tail;
    return request;
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
                http::Request removal;
                removal.method = "DELETE";
                removal.target = "/v1/fs/" + path;
                removal.headers.append("Authorization", credentials.authorization);
                backend->pool().exchange(removal, kPrepareTime, 4096, context,
                                         [awaited, countdown](const Result<http::Response> &) {
                                             if (awaited)
                                                 (*countdown)();
                                         });
            });
    }
    (*countdown)();
}

void Folders::make(Environment &environment, const Credentials &credentials, const QByteArray &path,
                   quint32 mode, QObject *context, std::function<void(Outcome)> done)
{
    struct Progress
    {
        int pending = 1;
        int made = 0;
        bool answered = false;
        QStringList reasons;
        std::optional<Outcome> same; ///< An answer that servers agree on.
        int sameCount = 0;
    };
    const ObjectKey key = objectKey(credentials.account, path);
    const int quorum = environment.widespreadQuorum();
    auto progress = std::make_shared<Progress>();
    // The request goes on when the client goes away: it is half done on the servers.
    auto settle = [&environment, key, mode, quorum, progress, client = QPointer<QObject>(context),
                   tell = std::move(done)] {
        const auto answer = [&](const Outcome &outcome) {
            if (client)
                tell(outcome);
        };
        const bool over = progress->pending == 0;
        if (progress->answered || (progress->made < quorum && !over))
            return;
        progress->answered = true;
        if (progress->made >= quorum) {
            Record record;
            record.folder = true;
            record.mode = mode;
            // A delete before it must not hide it; what is below it keeps its own records.
            environment.ledger.acknowledge(key, record, {});
            answer({200, {}, {}, {}});
        } else if (progress->same && progress->sameCount >= quorum) {
            answer(*progress->same);
        } else {
            answer(refusal(503, QStringLiteral("the folder was made on %1 of %2 servers, need %3: %4")
                                    .arg(progress->made)
                                    .arg(environment.backends.size())
                                    .arg(quorum)
                                    .arg(listed(progress->reasons))));
        }
    };
    const QList<health::Backend *> all = environment.backends.all();
    for (health::Backend *backend : all) {
        if (!backend->usable() || !backend->breaker().allows()) {
            progress->reasons << backend->name() + u' ' + backend->unusableReason();
            continue;
        }
        ++progress->pending;
        backend->pool().exchange(
            folderRequest(credentials, path, mode | kOwnerAll), environment.config.timing.answerTimeout,
            16 * 1024, this, [this, backend, key, progress, settle](Result<http::Response> result) {
                --progress->pending;
                if (result && result->status == 200) {
                    backend->breaker().succeeded();
                    remember(backend->id(), key);
                    ++progress->made;
                } else if (!result) {
                    backend->breaker().failed(result.error().detail);
                    progress->reasons << backend->name() + u' ' + result.error().detail;
                } else {
                    backend->breaker().succeeded();
                    const QByteArray type = result->headers.value("Content-Type");
                    const QString words = describeAnswer(result->status, type, result->body);
                    progress->reasons << backend->name() + u' ' + words;
                    if (!progress->same || progress->same->status == result->status)
                        ++progress->sameCount;
                    progress->same = Outcome{result->status, type, result->body, words};
                }
                settle();
            });
    }
    --progress->pending;
    settle();
}

} // namespace cring::replica
