// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/verifyjob.h"

#include <QJsonDocument>

namespace cring::backup {

using replica::ObjectKey;
using state::BucketLedger;

namespace {

/// Of a kind that are named in the result; the counts say how many there are.
constexpr qsizetype kNames = 100;
constexpr qsizetype kStep = 500;

} // namespace

VerifyJob::VerifyJob(Target &target, BucketLedger &ledger, replica::Environment &environment, bool deep)
    : m_target(target)
    , m_ledger(ledger)
    , m_environment(environment)
    , m_deep(deep)
{
}

VerifyJob::~VerifyJob() = default;

void VerifyJob::start(const QByteArray &cursor)
{
    m_started = true;
    const QJsonObject from = QJsonDocument::fromJson(cursor).object();
    m_phase = static_cast<Phase>(from.value(QStringLiteral("phase")).toInt());
    m_after = QByteArray::fromBase64(from.value(QStringLiteral("after")).toString().toLatin1());
    m_began = from.value(QStringLiteral("began")).toInteger(m_environment.clock.wall().count());
    m_lost = from.value(QStringLiteral("lost")).toInteger();
    m_damaged = from.value(QStringLiteral("damaged")).toInteger();
    m_verified = from.value(QStringLiteral("verified")).toInteger();
    proceed();
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
    progress.done = m_phase == Phase::Listing ? m_listed : m_verified;
    progress.total = static_cast<qint64>(m_ledger.objects(m_target.bucket()).size());
    progress.bytes = m_bytes;
    return progress;
}

void VerifyJob::step()
{
    const QJsonObject to{{QStringLiteral("phase"), static_cast<int>(m_phase)},
                         {QStringLiteral("after"), QString::fromLatin1(m_after.toBase64())},
                         {QStringLiteral("began"), m_began},
                         {QStringLiteral("lost"), m_lost},
                         {QStringLiteral("damaged"), m_damaged},
                         {QStringLiteral("verified"), m_verified}};
    Q_EMIT progressed(QJsonDocument(to).toJson(QJsonDocument::Compact));
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
    m_listed += page.size();
}

void VerifyJob::judge(const ListedObject &listed)
{
    const ParsedKey parsed = parseKey(listed.key);
    if (parsed.form == ParsedKey::Form::Own || parsed.form == ParsedKey::Form::Name)
        return;
    if (parsed.form == ParsedKey::Form::Foreign) {
        ++m_foreign;
        name(m_foreignNames, listed.key);
        return;
    }
    const bool folder = parsed.kind == ObjectKind::Folder;
    const auto key = keyOf(parsed);
    if (!key) {
        ++m_unknown;
        name(m_unknownNames, listed.key);
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
    if (object->gone) {
        judgeUnknown(*key, listed, folder);
    } else if (object->folder == folder && object->etag == listed.etag && object->size == listed.size) {
        Object seen = *object;
        seen.verified = m_environment.clock.wall().count();
        m_ledger.set(m_target.bucket(), *key, seen);
        m_bytes += m_deep ? 0 : listed.size; // Those that are read are counted then.
        m_verified += m_deep ? 0 : 1;
    } else if (object->folder == folder) {
        ++m_damaged;
        name(m_damagedNames, *key);
        m_ledger.distrust(m_target.bucket(), *key);
    } else {
        ++m_unknown; // of another kind than what is known there
        name(m_unknownNames, listed.key);
    }
}

/// Of an earlier life of the state directory, or somebody else's.
void VerifyJob::judgeUnknown(const ObjectKey &key, const ListedObject &listed, bool folder)
{
    if (!m_environment.catalogue.find(key)) {
        ++m_unknown;
        name(m_unknownNames, listed.key);
        return;
    }
    ++m_found;
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
        const BucketLedger::Objects &objects = m_ledger.objects(m_target.bucket());
        auto it = objects.upper_bound(m_hashedTo);
        for (qsizetype i = 0; i < kStep && it != objects.end(); ++i, ++it) {
            index(it->first, it->second.folder);
            m_hashedTo = it->first;
        }
        m_ofLedger = it != objects.end();
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

void VerifyJob::index(const ObjectKey &key, bool folder)
{
    Object object;
    object.folder = folder;
    const auto made = nameOf(key, object);
    const ParsedKey own = made ? parseKey(made->key) : ParsedKey();
    if (own.form == ParsedKey::Form::Hashed)
        m_hashed.insert(own.charmId + '/' + own.hash, key);
}

/// It has changed since this began, or is about to.
bool VerifyJob::isMoving(const ObjectKey &key, const Object &object) const
{
    return object.stored >= m_began || m_target.mirror().isUnderWay(key) ||
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
        if (object.gone || object.kept || object.verified >= m_began || isMoving(it->first, object))
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
        if (!head && head.error().kind != S3Error::Kind::ObjectMissing) {
            fail(head.error());
            return;
        }
        auto now = m_ledger.object(m_target.bucket(), key);
        if (now && !isMoving(key, *now)) {
            if (head && head->etag == now->etag) {
                now->verified = m_environment.clock.wall().count();
                m_ledger.set(m_target.bucket(), key, *now);
                m_verified += m_deep ? 0 : 1;
            } else {
                head ? ++m_damaged : ++m_lost;
                name(head ? m_damagedNames : m_lostNames, key);
                m_ledger.distrust(m_target.bucket(), key);
            }
        }
        step();
    });
}

// ---- every byte ----

void VerifyJob::read()
{
    const BucketLedger::Objects &objects = m_ledger.objects(m_target.bucket());
    auto it = objects.upper_bound(m_after);
    for (qsizetype looks = 0; looks < kStep && it != objects.end(); ++looks, ++it) {
        m_after = it->first;
        const auto there = nameOf(it->first, it->second);
        if (it->second.gone || it->second.kept || isMoving(it->first, it->second) || !there)
            continue;
        m_busy = true;
        GetRequest request;
        request.key = there->key;
        m_download = std::make_unique<ObjectDownload>(m_target.client(), request);
        connect(m_download.get(), &ObjectDownload::bodyReceived, this,
                [this](const QByteArray &data) { m_bytes += data.size(); });
        connect(m_download.get(), &ObjectDownload::finished, this,
                [this, key = it->first] { handleRead(key, std::nullopt); });
        connect(m_download.get(), &ObjectDownload::failed, this,
                [this, key = it->first](const S3Error &error) { handleRead(key, error); });
        return;
    }
    if (it == objects.end())
        countVersions();
    else
        step();
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
    m_download.release()->deleteLater();
    auto object = m_ledger.object(m_target.bucket(), key);
    if (!object || isMoving(key, *object)) {
        step();
        return;
    }
    if (!error) {
        object->verified = m_environment.clock.wall().count();
        m_ledger.set(m_target.bucket(), key, *object);
        ++m_verified;
    } else if (error->kind == S3Error::Kind::Digest || error->kind == S3Error::Kind::ObjectMissing) {
        const bool lost = error->kind == S3Error::Kind::ObjectMissing;
        lost ? ++m_lost : ++m_damaged;
        name(lost ? m_lostNames : m_damagedNames, key);
        m_ledger.distrust(m_target.bucket(), key);
    } else {
        fail(*error);
        return;
    }
    step();
}

// ---- what follows ----

std::optional<ObjectName> VerifyJob::nameOf(const ObjectKey &key, const Object &object) const
{
    const QByteArray account = state::accountOf(key);
    auto made = makeObjectName(account, key.mid(account.size() + 1),
                               object.folder ? ObjectKind::Folder : ObjectKind::File);
    return made ? std::optional(*made) : std::nullopt;
}

void VerifyJob::name(QJsonArray &list, const QByteArray &what)
{
    if (list.size() < kNames)
        list.append(QString::fromUtf8(what));
}

void VerifyJob::fail(const S3Error &error)
{
    m_phase = Phase::Ended;
    Q_EMIT finished(error.toError());
}

void VerifyJob::end()
{
    const bool whole = !std::exchange(m_cancelled, false);
    m_phase = Phase::Ended;
    if (whole && m_lost + m_damaged == 0) {
        m_ledger.setFact(m_target.bucket(), kVerified, QByteArray::number(m_began));
        if (m_deep)
            m_ledger.setFact(m_target.bucket(), kDeepVerified, QByteArray::number(m_began));
    }
    Q_EMIT finished(QJsonObject{{QStringLiteral("listed"), m_listed},
                                {QStringLiteral("verified"), m_verified},
                                {QStringLiteral("bytes"), m_bytes},
                                {QStringLiteral("lost"), m_lost},
                                {QStringLiteral("damaged"), m_damaged},
                                {QStringLiteral("found"), m_found},
                                {QStringLiteral("unknown"), m_unknown},
                                {QStringLiteral("foreign"), m_foreign},
                                {QStringLiteral("lostNames"), m_lostNames},
                                {QStringLiteral("damagedNames"), m_damagedNames},
                                {QStringLiteral("unknownNames"), m_unknownNames},
                                {QStringLiteral("foreignNames"), m_foreignNames}});
}

} // namespace cring::backup
