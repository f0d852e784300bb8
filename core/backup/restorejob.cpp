// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/restorejob.h"

namespace cring::backup {

using replica::ObjectKey;

namespace {

constexpr size_t kAtOnce = 4;
constexpr size_t kAsksAtOnce = 8;
constexpr qsizetype kNamed = 100; ///< Of what could not be brought back; the count says how many there are.

} // namespace

RestoreJob::RestoreJob(Target &target, Request request, std::unique_ptr<IRestoreDestination> destination)
    : m_target(target)
    , m_request(std::move(request))
    , m_destination(std::move(destination))
{
}

RestoreJob::~RestoreJob() = default;

void RestoreJob::start(const QByteArray &)
{
    m_started = true;
    const auto versioning = m_target.versioning();
    if (m_request.at && versioning && *versioning == Versioning::Never) {
        fail(Error{
            Code::BackupUnsupported,
            QStringLiteral("the bucket keeps no versions: only what is in it now can be brought back")});
        return;
    }
    for (const ObjectKey &top : m_request.tops) {
        const QByteArray account = state::accountOf(top);
        const auto hashed = hashedPrefix(account);
        if (!hashed) {
            fail(hashed.error());
            return;
        }
        // Folders first: what is in one would give it another mode.
        if (!m_prefixes.contains(*hashed))
            m_prefixes = QList<QByteArray>{*foldersPrefix(account)} + m_prefixes + QList<QByteArray>{*hashed};
        m_prefixes.insert(m_prefixes.size() - 1, top == account ? account + '/' : top);
    }
    if (m_request.tops.isEmpty())
        m_prefixes << QByteArray();
    m_missing = {m_request.tops.begin(), m_request.tops.end()};
    proceed();
}

void RestoreJob::setPaused(bool paused)
{
    m_paused = paused;
    if (m_started)
        proceed();
}

void RestoreJob::cancel()
{
    m_cancelled = true;
    m_items.clear();
    m_unasked.clear();
    proceed();
}

jobs::JobProgress RestoreJob::progress() const
{
    jobs::JobProgress progress;
    progress.phase = m_request.dryRun ? QStringLiteral("counting") : QStringLiteral("bringing back");
    progress.done = m_request.dryRun ? m_files + m_folders : m_brought + m_same + m_failed;
    progress.bytes = m_request.dryRun ? m_bytes : m_broughtBytes;
    return progress;
}

void RestoreJob::proceed()
{
    if (m_ended || m_listing)
        return;
    askSome();
    if (!m_asks.empty())
        return;
    if (!m_paused || m_cancelled)
        beginSome();
    if (!m_tasks.empty() || !m_items.empty())
        return;
    if (m_cancelled) {
        end();
        return;
    }
    if (!m_paused)
        nextPage();
}

// ---- what there was ----

void RestoreJob::nextPage()
{
    if (!m_walk || m_walk->atEnd()) {
        if (m_prefixes.isEmpty()) {
            end();
            return;
        }
        m_walk = std::make_unique<MomentWalk>(m_target.client(), m_prefixes.takeFirst(), m_request.at);
    }
    m_listing = true;
    m_walk->next([this](const S3Result<QList<MomentWalk::Held>> &page) {
        m_listing = false;
        if (!page) {
            fail(page.error().toError());
            return;
        }
        sort(*page);
        Q_EMIT progressed({});
        QMetaObject::invokeMethod(this, &RestoreJob::proceed, Qt::QueuedConnection);
    });
}

void RestoreJob::sort(const QList<MomentWalk::Held> &page)
{
    for (const MomentWalk::Held &held : page) {
        const ParsedKey parsed = parseKey(held.key);
        if (parsed.form == ParsedKey::Form::Hashed) {
            m_unasked.push_back(held);
        } else if (parsed.form == ParsedKey::Form::Plain) {
            const ObjectKey key = replica::objectKey(parsed.charmId, parsed.path);
            if (isWanted(key))
                add({key, false, held, 0});
        }
    }
}

void RestoreJob::askSome()
{
    while (m_asks.size() < kAsksAtOnce && !m_unasked.empty()) {
        const MomentWalk::Held held = m_unasked.front();
        m_unasked.pop_front();
        auto ask = std::make_unique<HashedAsk>(
            m_target.client(), ListedObject{held.key, held.size, held.etag, held.modified}, held.versionId);
        HashedAsk &begun = *ask;
        connect(&begun, &HashedAsk::finished, this,
                [this, &begun, held](const S3Result<QByteArray> &path) { handleAnswer(begun, held, path); });
        m_asks.emplace(&begun, std::move(ask));
        begun.start();
    }
}

void RestoreJob::handleAnswer(HashedAsk &ask, const MomentWalk::Held &held, const S3Result<QByteArray> &path)
{
    if (!path) {
        noteFailure(QString::fromUtf8(held.key) + QStringLiteral(": ") + path.error().words());
    } else if (const ObjectKey key = replica::objectKey(parseKey(held.key).charmId, *path); isWanted(key)) {
        const quint32 mode = ask.head().metadata.value(kModeField, "493").toUInt();
        add({key, ask.isFolder(), held, mode});
    }
    const auto it = m_asks.find(&ask);
    it->second.release()->deleteLater(); // it is telling us
    m_asks.erase(it);
    proceed();
}

void RestoreJob::noteFailure(const QString &what)
{
    ++m_failed;
    if (m_failures.size() < kNamed)
        m_failures.append(what);
}

bool RestoreJob::isWanted(const ObjectKey &key)
{
    bool wanted = m_request.tops.isEmpty();
    for (const ObjectKey &top : m_request.tops) {
        if (!state::isAtOrBelow(key, top))
            continue;
        wanted = true;
        m_missing.remove(top);
    }
    return wanted;
}

void RestoreJob::add(RestoreItem item)
{
    item.folder ? ++m_folders : ++m_files;
    m_bytes += item.object.size;
    if (m_request.dryRun)
        return;
    // Folders first, from the top: what is in one would give it another mode.
    if (!item.folder) {
        m_items.push_back(std::move(item));
        return;
    }
    const auto place = std::ranges::find_if(
        m_items, [&](const RestoreItem &other) { return !other.folder || other.key > item.key; });
    m_items.insert(place, std::move(item));
}

// ---- back ----

void RestoreJob::beginSome()
{
    while (m_tasks.size() < kAtOnce && !m_items.empty()) {
        // One after the other: each needs the one above it.
        const RestoreItem item = m_items.front();
        if (item.folder && !m_tasks.empty())
            return;
        m_items.pop_front();
        auto task = m_destination->task(item);
        RestoreTask *begun = task.get();
        connect(begun, &RestoreTask::finished, this, [this, begun, item](const Result<Restored> &outcome) {
            handleFinished(begun, item, outcome);
        });
        m_tasks.emplace(begun, std::move(task));
        begun->start();
        if (item.folder)
            return;
    }
}

void RestoreJob::handleFinished(RestoreTask *task, const RestoreItem &item, const Result<Restored> &outcome)
{
    const auto it = m_tasks.find(task);
    it->second.release()->deleteLater();
    m_tasks.erase(it);
    if (!outcome) {
        noteFailure(QString::fromUtf8(item.key) + QStringLiteral(": ") + outcome.error().detail);
    } else if (*outcome == Restored::Same) {
        ++m_same;
    } else {
        ++m_brought;
        m_broughtBytes += item.object.size;
    }
    Q_EMIT progressed({});
    proceed();
}

void RestoreJob::fail(const Error &error)
{
    if (std::exchange(m_ended, true))
        return;
    QMetaObject::invokeMethod(
        this, [this, error] { Q_EMIT finished(error); }, Qt::QueuedConnection);
}

void RestoreJob::end()
{
    if (std::exchange(m_ended, true))
        return;
    QJsonArray notFound;
    for (const ObjectKey &top : std::as_const(m_missing)) {
        if (!m_cancelled && notFound.size() < kNamed)
            notFound.append(QString::fromUtf8(top));
    }
    Q_EMIT finished(QJsonObject{{QStringLiteral("files"), m_files},
                                {QStringLiteral("folders"), m_folders},
                                {QStringLiteral("bytes"), m_bytes},
                                {QStringLiteral("brought"), m_brought},
                                {QStringLiteral("broughtBytes"), m_broughtBytes},
                                {QStringLiteral("same"), m_same},
                                {QStringLiteral("failed"), m_failed},
                                {QStringLiteral("failures"), m_failures},
                                {QStringLiteral("notFound"), notFound},
                                {QStringLiteral("incomplete"), m_failed > 0}});
}

} // namespace cring::backup
