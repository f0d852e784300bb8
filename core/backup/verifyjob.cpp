// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/verifyjob.h"

#include <QJsonDocument>

namespace cring::backup {

using replica::ObjectKey;
using state::BucketLedger;

namespace {

using namespace std::chrono_literals;

constexpr qsizetype kStep = 500;
/// What was read before a failure counts so long.
constexpr std::chrono::milliseconds kLeftCounts = 7 * 24h;
const QString kPhase = QStringLiteral("phase");
const QString kAfter = QStringLiteral("after");
const QString kBegan = QStringLiteral("began");
const QString kCounts = QStringLiteral("counts");
const QString kFailed = QStringLiteral("failed");

} // namespace

VerifyJob::VerifyJob(Target &target, BucketLedger &ledger, replica::Environment &environment, bool deep)
    : m_target(target)
    , m_ledger(ledger)
    , m_environment(environment)
    , m_use(environment.use)
    , m_deep(deep)
{
}

VerifyJob::~VerifyJob() = default;

void VerifyJob::start(const QByteArray &cursor)
{
    m_started = true;
    const qint64 now = m_environment.clock.wall().count();
    const QJsonObject from = cursor.isEmpty() ? leftBefore() : QJsonDocument::fromJson(cursor).object();
    m_phase = static_cast<Phase>(from.value(kPhase).toInt());
    m_after = QByteArray::fromBase64(from.value(kAfter).toString().toLatin1());
    m_began = std::min(from.value(kBegan).toInteger(now), now);
    m_counts = VerifyCounts::fromJson(from.value(kCounts).toObject());
    m_resumed = cursor.isEmpty() ? !from.isEmpty() : from.value(QLatin1String(kResumed)).toBool();
    proceed();
}

/// Where a deep one before this has failed.
QJsonObject VerifyJob::leftBefore() const
{
    if (!m_deep)
        return {};
    const QJsonObject left = QJsonDocument::fromJson(m_ledger.fact(m_target.bucket(), kLeft)).object();
    const qint64 age = m_environment.clock.wall().count() - left.value(kFailed).toInteger();
    return age >= 0 && age <= kLeftCounts.count() ? left : QJsonObject();
}

void VerifyJob::setPaused(bool paused)
{
    m_paused = paused;
    if (m_started)
        proceed();
}

void VerifyJob::cancel()
{
    m_cancelled = true;
    if (m_versions) {
        m_versions.reset();
        m_busy = false;
    }
    if (!m_busy)
        end();
}

jobs::JobProgress VerifyJob::progress() const
{
    jobs::JobProgress progress;
    progress.phase = m_phase == Phase::Listing   ? QStringLiteral("listing the bucket")
                     : m_phase == Phase::Missing ? QStringLiteral("looking for what is missing")
                                                 : QStringLiteral("reading every object");
    progress.done = m_phase == Phase::Listing ? m_counts.listed : m_counts.verified;
    progress.total = static_cast<qint64>(m_ledger.objects(m_target.bucket()).size());
    progress.bytes = m_counts.bytes;
    return progress;
}

QJsonObject VerifyJob::place() const
{
    return {{kPhase, static_cast<int>(m_phase)},
            {kAfter, QString::fromLatin1(m_after.toBase64())},
            {kBegan, m_began},
            {QLatin1String(kResumed), m_resumed},
            {kCounts, m_counts.toJson()}};
}

void VerifyJob::step()
{
    Q_EMIT progressed(QJsonDocument(place()).toJson(QJsonDocument::Compact));
    QMetaObject::invokeMethod(this, &VerifyJob::proceed, Qt::QueuedConnection);
}

void VerifyJob::proceed()
{
    if (m_cancelled) {
        end();
        return;
    }
    if (m_paused || m_busy)
        return;
    switch (m_phase) {
    case Phase::Listing:
        m_hashesMade ? list() : hashSome();
        break;
    case Phase::Missing:
        lookForMissing();
        break;
    case Phase::Reading:
        read();
        break;
    case Phase::Ended:
        break;
    }
}

// ---- what the bucket lists ----

void VerifyJob::list()
{
    if (!m_walk)
        m_walk = std::make_unique<ObjectWalk>(m_target.client(), QByteArray(), m_after);
    if (m_walk->atEnd()) {
        m_walk.reset();
        m_after.clear();
        m_phase = Phase::Missing;
        step();
        return;
    }
    m_busy = true;
    m_walk->next([this](const S3Result<QList<ListedObject>> &page) {
        m_busy = false;
        if (!page) {
            fail(page.error());
            return;
        }
        judgePage(*page);
        step();
    });
}

void VerifyJob::judgePage(const QList<ListedObject> &page)
{
    for (const ListedObject &listed : page) {
        judge(listed);
        m_after = listed.key;
    }
    m_counts.listed += page.size();
}

void VerifyJob::judge(const ListedObject &listed)
{
    const ParsedKey parsed = parseKey(listed.key);
    if (parsed.form == ParsedKey::Form::Own || parsed.form == ParsedKey::Form::Name)
        return;
    if (parsed.form == ParsedKey::Form::Foreign) {
        m_counts.foreign.add(listed.key);
        return;
    }
    const bool folder = parsed.kind == ObjectKind::Folder;
    const auto key = keyOf(parsed);
    if (!key) {
        m_counts.unknown.add(listed.key);
        return;
    }
    if (!m_ledger.takes(m_target.bucket(), *key))
        return;
    const auto object = m_ledger.object(m_target.bucket(), *key);
    if (!object) {
        judgeUnknown(*key, listed, folder);
        return;
    }
    if (object->kept || isMoving(*key, *object))
        return;
    if (object->gone || !m_environment.catalogue.find(*key)) {
        judgeUnknown(*key, listed, folder);
    } else if (object->folder == folder && object->etag == listed.etag && object->size == listed.size) {
        Object seen = *object;
        seen.verified = m_environment.clock.wall().count();
        m_ledger.set(m_target.bucket(), *key, seen);
        m_counts.bytes += m_deep ? 0 : listed.size; // Those that are read are counted then.
        m_counts.verified += m_deep ? 0 : 1;
    } else if (object->folder == folder) {
        m_counts.damaged.add(*key);
        m_ledger.distrust(m_target.bucket(), *key);
    } else {
        m_counts.unknown.add(listed.key); // of another kind than what is known there
    }
}

/// Of an earlier life of the state directory, or somebody else's.
void VerifyJob::judgeUnknown(const ObjectKey &key, const ListedObject &listed, bool folder)
{
    if (!m_environment.catalogue.find(key)) {
        m_counts.unknown.add(listed.key);
        return;
    }
    ++m_counts.found;
    Object object;
    object.folder = folder;
    object.size = listed.size;
    object.etag = listed.etag;
    object.stored = listed.modified.count();
    m_ledger.set(m_target.bucket(), key, object);
}

std::optional<ObjectKey> VerifyJob::keyOf(const ParsedKey &parsed)
{
    if (parsed.form == ParsedKey::Form::Plain)
        return replica::objectKey(parsed.charmId, parsed.path);
    const auto found = m_hashed.constFind(parsed.charmId + '/' + parsed.hash);
    return found == m_hashed.constEnd() ? std::nullopt : std::optional(*found);
}

/// A hash tells no path: those of all that is known are made before.
void VerifyJob::hashSome()
{
    if (m_ofLedger) {
        const qint64 now = m_environment.clock.wall().count();
        QList<ObjectKey> ofTheFuture;
        const BucketLedger::Objects &objects = m_ledger.objects(m_target.bucket());
        auto it = objects.upper_bound(m_hashedTo);
        for (qsizetype i = 0; i < kStep && it != objects.end(); ++i, ++it) {
            index(it->first, it->second.folder);
            m_hashedTo = it->first;
            if (it->second.stored > now || it->second.verified > now)
                ofTheFuture << it->first;
        }
        m_ofLedger = it != objects.end();
        takeBackTheFuture(ofTheFuture);
        if (!m_ofLedger)
            m_hashedTo.clear();
    } else {
        m_hashedTo = m_environment.catalogue.walk(
            m_hashedTo, kStep, [this](const ObjectKey &key, const state::Catalogue::Holding &holding) {
                index(key, holding.record.folder);
            });
        m_hashesMade = m_hashedTo.isEmpty();
    }
    step();
}

/// Of a clock that was ahead: until these times come, nothing of that would be looked at.
void VerifyJob::takeBackTheFuture(const QList<ObjectKey> &keys)
{
    for (const ObjectKey &key : keys) {
        Object object = *m_ledger.object(m_target.bucket(), key);
        object.stored = std::min(object.stored, m_began - 1);
        object.verified = 0;
        m_ledger.set(m_target.bucket(), key, object);
    }
}

void VerifyJob::index(const ObjectKey &key, bool folder)
{
    Object object;
    object.folder = folder;
    const auto made = nameOf(key, object);
    const ParsedKey own = made ? parseKey(made->key) : ParsedKey();
    if (own.form == ParsedKey::Form::Hashed)
        m_hashed.insert(own.charmId + '/' + own.hash, key);
}

bool VerifyJob::isSinceBegin(qint64 ms) const
{
    return ms >= m_began && ms <= m_environment.clock.wall().count();
}

/// It has changed since this began, or is about to.
bool VerifyJob::isMoving(const ObjectKey &key, const Object &object) const
{
    return isSinceBegin(object.stored) || m_target.mirror().isUnderWay(key) ||
           m_ledger.debts(m_target.bucket()).contains(key);
}

// ---- what it should list ----

void VerifyJob::lookForMissing()
{
    const BucketLedger::Objects &objects = m_ledger.objects(m_target.bucket());
    auto it = objects.upper_bound(m_after);
    for (qsizetype looks = 0; looks < kStep && it != objects.end(); ++looks, ++it) {
        m_after = it->first;
        const Object &object = it->second;
        if (object.gone || object.kept || isSinceBegin(object.verified) || isMoving(it->first, object))
            continue;
        askFor(it->first, object);
        return;
    }
    if (it == objects.end()) {
        m_after.clear();
        m_phase = m_deep ? Phase::Reading : Phase::Ended;
        if (!m_deep) {
            end();
            return;
        }
    }
    step();
}

/// A listing may be behind: the object itself is asked for.
void VerifyJob::askFor(const ObjectKey &key, const Object &object)
{
    const auto there = nameOf(key, object);
    if (!there) {
        step();
        return;
    }
    m_busy = true;
    m_target.client().head(there->key, {}, this, [this, key](const S3Result<ObjectHead> &head) {
        m_busy = false;
        handleAsked(key, head);
    });
}

void VerifyJob::handleAsked(const ObjectKey &key, const S3Result<ObjectHead> &head)
{
    if (!head && head.error().kind != S3Error::Kind::ObjectMissing) {
        handleUngiven(key, head.error());
        return;
    }
    auto now = m_ledger.object(m_target.bucket(), key);
    if (now && !m_environment.catalogue.find(key)) {
        if (!head)
            m_ledger.forget(m_target.bucket(), key); // Of nothing that is known, and not there.
    } else if (now && !isMoving(key, *now)) {
        if (head && head->etag == now->etag) {
            now->verified = m_environment.clock.wall().count();
            m_ledger.set(m_target.bucket(), key, *now);
            m_counts.verified += m_deep ? 0 : 1;
        } else {
            (head ? m_counts.damaged : m_counts.lost).add(key);
            m_ledger.distrust(m_target.bucket(), key);
        }
    }
    step();
}

// ---- every byte ----

void VerifyJob::read()
{
    const BucketLedger::Objects &objects = m_ledger.objects(m_target.bucket());
    auto it = objects.upper_bound(m_after);
    for (qsizetype looks = 0; looks < kStep && it != objects.end(); ++looks, ++it) {
        m_after = it->first;
        const auto there = nameOf(it->first, it->second);
        if (it->second.gone || it->second.kept || isMoving(it->first, it->second) || !there ||
            !m_environment.catalogue.find(it->first))
            continue;
        download(it->first, it->second, there->key);
        return;
    }
    if (it == objects.end())
        countVersions();
    else
        step();
}

void VerifyJob::download(const ObjectKey &key, const Object &object, const QByteArray &objectKey)
{
    m_busy = true;
    GetRequest request;
    request.key = objectKey;
    m_download = std::make_unique<ObjectDownload>(m_target.client(), request);
    m_download->setExpected(object.sha256);
    connect(m_download.get(), &ObjectDownload::bodyReceived, this,
            [this](const QByteArray &data) { m_counts.bytes += data.size(); });
    connect(m_download.get(), &ObjectDownload::finished, this,
            [this, key] { handleRead(key, std::nullopt); });
    connect(m_download.get(), &ObjectDownload::failed, this,
            [this, key](const S3Error &error) { handleRead(key, error); });
}

/// For the growth of the bucket. When it cannot be, nothing is wrong with what was read.
void VerifyJob::countVersions()
{
    if (m_target.versioning() != Versioning::Enabled) {
        end();
        return;
    }
    m_busy = true;
    m_versions = std::make_unique<VersionCount>(m_target.client());
    const auto ended = [this] {
        m_versions.release()->deleteLater();
        m_busy = false;
        end();
    };
    connect(m_versions.get(), &VersionCount::finished, this, [this, ended] {
        OldVersions found = m_versions->found();
        found.atMs = m_environment.clock.wall().count();
        m_ledger.setFact(m_target.bucket(), OldVersions::kFact, found.toBytes());
        ended();
    });
    connect(m_versions.get(), &VersionCount::failed, this, ended);
    m_versions->start();
}

void VerifyJob::handleRead(const ObjectKey &key, const std::optional<S3Error> &error)
{
    m_busy = false;
    const bool compared = m_download->verified();
    m_download.release()->deleteLater();
    auto object = m_ledger.object(m_target.bucket(), key);
    if (!object || isMoving(key, *object)) {
        step();
        return;
    }
    if (!error && !compared) {
        ++m_counts.uncompared;
    } else if (!error) {
        object->verified = m_environment.clock.wall().count();
        m_ledger.set(m_target.bucket(), key, *object);
        ++m_counts.verified;
    } else if (error->kind == S3Error::Kind::Digest || error->kind == S3Error::Kind::ObjectMissing) {
        (error->kind == S3Error::Kind::ObjectMissing ? m_counts.lost : m_counts.damaged).add(key);
        m_ledger.distrust(m_target.bucket(), key);
    } else {
        handleUngiven(key, *error);
        return;
    }
    step();
}

/// Whether that is of the object, as where a rule has moved it to an archive, or of the bucket or the way
/// there, the bucket tells.
void VerifyJob::handleUngiven(const ObjectKey &key, const S3Error &error)
{
    m_busy = true;
    m_target.client().list({{}, {}, {}, {}, 1}, this, [this, key, error](const S3Result<ObjectPage> &page) {
        m_busy = false;
        const bool known = error.kind == S3Error::Kind::Denied || m_again == key;
        if (page && known) {
            m_counts.unread.add(key);
            m_counts.unasked += m_phase == Phase::Missing ? 1 : 0;
            step();
            return;
        }
        goBackBefore(key);
        if (!page) {
            fail(error);
            return;
        }
        m_again = key;
        step();
    });
}

void VerifyJob::goBackBefore(const ObjectKey &key)
{
    const BucketLedger::Objects &objects = m_ledger.objects(m_target.bucket());
    const auto it = objects.lower_bound(key);
    m_after = it == objects.begin() ? ObjectKey() : std::prev(it)->first;
}

// ---- what follows ----

std::optional<ObjectName> VerifyJob::nameOf(const ObjectKey &key, const Object &object) const
{
    const QByteArray account = state::accountOf(key);
    auto made = makeObjectName(account, key.mid(account.size() + 1),
                               object.folder ? ObjectKind::Folder : ObjectKind::File);
    return made ? std::optional(*made) : std::nullopt;
}

void VerifyJob::fail(const S3Error &error)
{
    if (m_deep) {
        QJsonObject left = place();
        left.insert(kFailed, static_cast<qint64>(m_environment.clock.wall().count()));
        m_ledger.setFact(m_target.bucket(), kLeft, QJsonDocument(left).toJson(QJsonDocument::Compact));
    }
    m_phase = Phase::Ended;
    Q_EMIT finished(error.toError());
}

/// One that has gone on from a failed one began before others that have ended. A time in the future is of a
/// clock that was ahead.
void VerifyJob::bringForward(const char *fact)
{
    const qint64 last = m_ledger.fact(m_target.bucket(), fact).toLongLong();
    if (last < m_began || last > m_environment.clock.wall().count())
        m_ledger.setFact(m_target.bucket(), fact, QByteArray::number(m_began));
}

void VerifyJob::end()
{
    const bool whole = !std::exchange(m_cancelled, false);
    m_phase = Phase::Ended;
    if (m_deep)
        m_ledger.setFact(m_target.bucket(), kLeft, {});
    if (whole && m_counts.lost.count + m_counts.damaged.count + m_counts.unasked == 0) {
        bringForward(kVerified);
        if (m_deep && m_counts.unread.count + m_counts.uncompared == 0)
            bringForward(kDeepVerified);
    }
    QJsonObject summary = m_counts.toJson();
    summary.remove(QStringLiteral("unasked")); // Among the unread.
    if (m_resumed)
        summary.insert(QLatin1String(kResumed), true);
    Q_EMIT finished(summary);
}

} // namespace cring::backup
