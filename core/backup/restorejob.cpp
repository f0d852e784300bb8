// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/restorejob.h"

#include <QJsonDocument>
#include <QTimer>

namespace cring::backup {

using replica::ObjectKey;

namespace {

constexpr size_t kAtOnce = 4;
constexpr size_t kAsksAtOnce = 8;
constexpr QLatin1String kSince("since");
constexpr QLatin1String kWalked("walked");
constexpr QLatin1String kPlace("place");
constexpr QLatin1String kMissing("missing");
constexpr QLatin1String kFailures("failures");
constexpr int kTries = 4;
constexpr std::chrono::milliseconds kFirstRest{1'000}; ///< Before the second; each other is four times that.
constexpr qsizetype kNamed = 100; ///< Of what could not be brought back; the count says how many there are.

/// Keys are bytes.
QJsonArray toJson(const QSet<QByteArray> &keys)
{
    QJsonArray array;
    for (const QByteArray &key : keys)
        array.append(QString::fromLatin1(key.toBase64()));
    return array;
}

QSet<QByteArray> fromJson(const QJsonArray &array)
{
    QSet<QByteArray> keys;
    for (const QJsonValue key : array)
        keys.insert(QByteArray::fromBase64(key.toString().toLatin1()));
    return keys;
}

RestoreTally tallyOf(const RestoreItem &item)
{
    RestoreTally tally;
    (item.folder ? tally.folders : tally.files) = 1;
    tally.bytes = item.object.size;
    return tally;
}

} // namespace

RestoreJob::RestoreJob(Target &target, Request request, std::unique_ptr<IRestoreDestination> destination)
    : m_target(target)
    , m_request(std::move(request))
    , m_destination(std::move(destination))
{
}

RestoreJob::~RestoreJob() = default;

void RestoreJob::start(const QByteArray &cursor)
{
    m_started = true;
    m_missing = {m_request.tops.begin(), m_request.tops.end()};
    readCursor(cursor);
    if (m_destination && cursor.isEmpty())
        m_since = m_destination->begin();
    else if (m_destination)
        takeUnfinished();
    // What it has begun with is known whenever it ends.
    Q_EMIT progressed(this->cursor());
    if (m_request.at)
        askWhetherItCan();
    else
        begin();
}

void RestoreJob::takeUnfinished()
{
    for (const RestoreItem &item : m_destination->unfinished()) {
        if (isWanted(item.key))
            add(item);
    }
}

/// What a server does not tell is tried.
void RestoreJob::askWhetherItCan()
{
    m_listing = true;
    m_target.client().versioning(this, [this](const S3Result<Versioning> &answer) {
        m_listing = false;
        if (answer && *answer == Versioning::Never)
            fail(Error{
                Code::BackupUnsupported,
                QStringLiteral("the bucket keeps no versions: only what is in it now can be brought back")});
        else
            begin();
    });
}

void RestoreJob::begin()
{
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
    Q_EMIT progressed(cursor());
    proceed();
}

QByteArray RestoreJob::cursor() const
{
    QJsonObject object = m_tally.toJson();
    object.insert(kSince, QString::number(m_since));
    object.insert(kWalked, m_walked);
    object.insert(kPlace, QString::fromLatin1(m_place.toBase64()));
    object.insert(kMissing, toJson(m_missing));
    object.insert(kFailures, m_failures);
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

void RestoreJob::readCursor(const QByteArray &cursor)
{
    const QJsonObject from = QJsonDocument::fromJson(cursor).object();
    if (from.isEmpty())
        return;
    m_since = from.value(kSince).toString().toULongLong();
    m_walked = from.value(kWalked).toInteger();
    m_place = QByteArray::fromBase64(from.value(kPlace).toString().toLatin1());
    m_before = m_place;
    m_missing = fromJson(from.value(kMissing).toArray());
    m_tally = RestoreTally::fromJson(from);
    m_failures = from.value(kFailures).toArray();
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
    proceed();
}

jobs::JobProgress RestoreJob::progress() const
{
    jobs::JobProgress progress;
    progress.phase = m_request.dryRun ? QStringLiteral("counting") : QStringLiteral("bringing back");
    const RestoreTally tally = sum();
    progress.done =
        m_request.dryRun ? tally.files + tally.folders : tally.brought + tally.same + tally.failed;
    progress.bytes = m_request.dryRun ? tally.bytes : tally.broughtBytes;
    return progress;
}

void RestoreJob::proceed()
{
    if (m_ended || m_listing)
        return;
    // Also what has come in since that was said.
    if (m_cancelled) {
        m_unasked.clear();
        m_items.clear();
    }
    askSome();
    if (!m_asks.empty())
        return;
    if (!m_paused)
        beginSome();
    if (!m_tasks.empty() || !m_items.empty() || (m_resting > 0 && !m_cancelled))
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
    if (m_walk && !m_walk->place().isEmpty())
        m_place = m_walk->place();
    m_before = m_place;
    m_tally = sum();
    m_beyond.clear();
    m_page.clear();
    m_tries.clear();
    if (m_walk && m_walk->atEnd()) {
        m_walk.reset();
        m_place.clear();
        m_before.clear();
        ++m_walked;
    }
    if (m_walked >= m_prefixes.size()) {
        end();
        return;
    }
    if (!m_walk)
        m_walk =
            std::make_unique<MomentWalk>(m_target.client(), m_prefixes.at(m_walked), m_request.at, m_place);
    Q_EMIT progressed(cursor());
    m_listing = true;
    m_walk->next([this](const S3Result<QList<MomentWalk::Held>> &page) {
        m_listing = false;
        if (!page) {
            fail(page.error().toError());
            return;
        }
        sort(*page);
        QMetaObject::invokeMethod(this, &RestoreJob::proceed, Qt::QueuedConnection);
    });
}

void RestoreJob::sort(const QList<MomentWalk::Held> &page)
{
    // All that is open is known before the first is closed, or the place would pass it.
    QList<std::pair<ObjectKey, MomentWalk::Held>> files;
    for (const MomentWalk::Held &held : page) {
        m_page.insert(held.key);
        const ParsedKey parsed = parseKey(held.key);
        if (parsed.form == ParsedKey::Form::Hashed) {
            m_open.insert(held.key);
            m_unasked.push_back(held);
        } else if (parsed.form == ParsedKey::Form::Plain) {
            files.emplaceBack(replica::objectKey(parsed.charmId, parsed.path), held);
        }
    }
    for (const auto &[key, held] : std::as_const(files)) {
        if (isWanted(key))
            add({key, false, held, 0});
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
    RestoreTally tally;
    if (!path) {
        tally.failed = 1;
        nameFailure(QString::fromUtf8(held.key) + QStringLiteral(": ") + path.error().words());
        close(held.key, tally);
    } else if (const ObjectKey key = replica::objectKey(parseKey(held.key).charmId, *path); isWanted(key)) {
        add({key, ask.isFolder(), held, ask.head().metadata.value(kModeField, "493").toUInt()});
    } else {
        close(held.key, tally);
    }
    const auto it = m_asks.find(&ask);
    it->second.release()->deleteLater(); // it is telling us
    m_asks.erase(it);
    proceed();
}

void RestoreJob::nameFailure(const QString &what)
{
    if (m_failures.size() < kNamed && !m_failures.contains(what))
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
    if (m_request.dryRun) {
        close(item.object.key, tallyOf(item));
        return;
    }
    m_open.insert(item.object.key);
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
        auto task = m_destination->task(item, m_since);
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
    if (!outcome && triesAgain(item, outcome.error())) {
        proceed();
        return;
    }
    RestoreTally tally = tallyOf(item);
    if (!outcome) {
        tally.failed = 1;
        nameFailure(QString::fromUtf8(item.key) + QStringLiteral(": ") + outcome.error().detail);
    } else if (*outcome == Restored::Same) {
        tally.same = 1;
    } else {
        tally.brought = 1;
        tally.broughtBytes = item.object.size;
    }
    close(item.object.key, tally);
    Q_EMIT progressed(cursor());
    proceed();
}

/// A line that breaks in the middle of a large object is no reason to leave that out.
bool RestoreJob::triesAgain(const RestoreItem &item, const Error &error)
{
    if (error.code != Code::BackupUnreachable || m_cancelled)
        return false;
    int &tries = m_tries[item.object.key];
    if (++tries >= kTries)
        return false;
    ++m_resting;
    QTimer::singleShot(kFirstRest * (1 << (2 * (tries - 1))), this, [this, item] {
        --m_resting;
        m_items.push_front(item);
        proceed();
    });
    return true;
}

void RestoreJob::close(const QByteArray &key, const RestoreTally &tally)
{
    m_open.erase(key);
    m_beyond[key] += tally;
    const auto open = m_open.empty() ? m_page.end() : m_page.find(*m_open.begin());
    m_place = open == m_page.begin() ? m_before : *std::prev(open);
    while (!m_beyond.empty() && m_beyond.begin()->first <= m_place) {
        m_tally += m_beyond.begin()->second;
        m_beyond.erase(m_beyond.begin());
    }
}

RestoreTally RestoreJob::sum() const
{
    RestoreTally sum = m_tally;
    for (const auto &[key, tally] : m_beyond)
        sum += tally;
    return sum;
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
    const RestoreTally tally = sum();
    QJsonObject summary = tally.toJson();
    summary.insert(kFailures, m_failures);
    summary.insert(QStringLiteral("notFound"), notFound);
    summary.insert(QStringLiteral("incomplete"), tally.failed > 0);
    Q_EMIT finished(summary);
}

} // namespace cring::backup
