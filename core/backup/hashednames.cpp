// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/hashednames.h"

#include "core/backup/hashedask.h"

namespace cring::backup {

namespace {

constexpr size_t kAtOnce = 16;

} // namespace

HashedNames::HashedNames(S3Client &client, const IClock &clock, const QByteArray &charmId, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_clock(clock)
    , m_charmId(charmId)
{
}

HashedNames::~HashedNames() = default;

void HashedNames::get(QObject *context, Done done)
{
    m_lastUsed = m_clock.steady();
    if (m_waiting.empty() && m_loaded && m_lastUsed - *m_loaded < kFresh) {
        done(&m_byPath);
        return;
    }
    m_waiting.emplace_back(context, std::move(done));
    if (m_waiting.size() == 1)
        begin();
}

void HashedNames::begin()
{
    m_seen.clear();
    m_walk.reset();
    m_prefixes.clear();
    for (const Result<QByteArray> &prefix : {foldersPrefix(m_charmId), hashedPrefix(m_charmId)}) {
        if (prefix)
            m_prefixes.append(*prefix);
    }
    nextPage();
}

void HashedNames::nextPage()
{
    if (!m_walk || m_walk->atEnd()) {
        if (m_prefixes.isEmpty()) {
            end(std::nullopt);
            return;
        }
        // Not while one of its own callbacks is under way: those come here by the event loop.
        m_walk = std::make_unique<ObjectWalk>(m_client, m_prefixes.takeFirst());
    }
    m_walk->next([this](const S3Result<QList<ListedObject>> &page) {
        if (!page) {
            end(page.error());
            return;
        }
        sort(*page);
        QMetaObject::invokeMethod(this, &HashedNames::askMore, Qt::QueuedConnection);
    });
}

void HashedNames::sort(const QList<ListedObject> &page)
{
    for (const ListedObject &object : page) {
        if (parseKey(object.key).form != ParsedKey::Form::Hashed)
            continue;
        const auto known = m_known.constFind(object.key);
        if (known != m_known.constEnd() && known->etag == object.etag && known->modified == object.modified)
            m_seen.insert(object.key, *known);
        else
            m_unasked.push_back(object);
    }
}

/// All of a page before the next one.
void HashedNames::askMore()
{
    while (!m_unasked.empty() && m_asks.size() < kAtOnce) {
        auto made = std::make_unique<HashedAsk>(m_client, m_unasked.front());
        m_unasked.pop_front();
        HashedAsk *ask = made.get();
        connect(ask, &HashedAsk::finished, this,
                [this, ask](const S3Result<QByteArray> &path) { handleAnswer(*ask, path); });
        m_asks[ask->object().key] = std::move(made);
        ask->start();
    }
    if (m_asks.empty() && !m_waiting.empty())
        nextPage();
}

void HashedNames::handleAnswer(HashedAsk &ask, const S3Result<QByteArray> &path)
{
    if (path) {
        Known known{ask.object().etag, ask.object().modified, *path, {}};
        known.named.folder = ask.isFolder();
        known.named.size = ask.object().size;
        known.named.mode = ask.head().metadata.value(kModeField).toUInt();
        const qint64 changed = ask.head().metadata.value(kChangedField).toLongLong();
        known.named.changed = changed > 0 ? std::chrono::milliseconds(changed) : ask.object().modified;
        m_seen.insert(ask.object().key, known);
    }
    const auto mine = m_asks.find(ask.object().key);
    mine->second.release()->deleteLater(); // this is inside its signal
    m_asks.erase(mine);
    if (!path && path.error().kind != S3Error::Kind::ObjectMissing) {
        end(path.error());
        return;
    }
    askMore();
}

void HashedNames::end(const std::optional<S3Error> &error)
{
    for (auto &[key, ask] : m_asks) {
        ask->disconnect(this);
        ask.release()->deleteLater();
    }
    m_asks.clear();
    m_unasked.clear();
    m_loaded.reset();
    if (error) {
        m_known.insert(m_seen); // need not be asked again
    } else {
        m_known = std::exchange(m_seen, {});
        m_byPath.clear();
        for (const Known &known : std::as_const(m_known)) {
            Named &named = m_byPath[known.path];
            if (!named.folder)
                named = known.named;
        }
        m_loaded = m_clock.steady();
    }
    const auto waiting = std::exchange(m_waiting, {});
    m_telling = true;
    for (const auto &[context, done] : waiting) {
        if (context)
            done(error ? S3Result<const ByPath *>(*error) : S3Result<const ByPath *>(&m_byPath));
    }
    m_telling = false;
}

} // namespace cring::backup
