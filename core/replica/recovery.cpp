// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/recovery.h"

#include "core/replica/answers.h"
#include "core/replica/folders.h"

#include <algorithm>

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 250ms;
/// Uploads that are asked about at the same time.
constexpr qsizetype kAtOnce = 8;
/// Until those that could not be found out about make room for others, and are asked about anew.
constexpr auto kAgain = 2s;

bool isFolder(const state::Intent &intent)
{
    return intent.kind == state::Intent::Kind::Folder;
}

} // namespace

Recovery::Recovery(state::Catalogue &catalogue, state::Intents &intents, ITokenSource &tokens,
                   QObject *parent)
    : QObject(parent)
    , m_catalogue(catalogue)
    , m_intents(intents)
    , m_tokens(tokens)
{
    m_tick.setInterval(kTick);
    connect(&m_tick, &QTimer::timeout, this, &Recovery::handleTick);
    connect(&m_tokens, &ITokenSource::available, this, &Recovery::tryAgain);
}

Recovery::~Recovery() = default;

void Recovery::setEnvironment(Environment &environment)
{
    m_environment = &environment;
    m_watch = std::make_unique<QObject>();
    for (health::Backend *backend : environment.backends.all())
        connect(backend, &health::Backend::stateChanged, m_watch.get(), [this] { tryAgain(); });
    if (!m_intents.unresolved().isEmpty())
        m_tick.start();
}

void Recovery::settle(const ObjectKey &key, QObject *context, std::function<void(const Status &)> done)
{
    if (!m_intents.isUnresolved(key)) {
        done({});
        return;
    }
    m_waiting.push_back({key, context, std::move(done),
                         m_environment->clock.steady() + m_environment->config.timing.answerTimeout});
    tryAll();
}

void Recovery::handleTick()
{
    tryAll();
    answer();
    if (m_intents.unresolved().isEmpty() && m_waiting.empty())
        m_tick.stop();
}

/// Something has happened that may have changed the answers.
void Recovery::tryAgain()
{
    m_due.clear();
    tryAll();
}

void Recovery::tryAll()
{
    if (!m_environment)
        return;
    const QList<quint64> ids = m_intents.unresolved().keys();
    for (const quint64 id : ids) {
        if (m_attempts.size() >= kAtOnce)
            return;
        if (!m_attempts.contains(id) && m_due.value(id) <= m_environment->clock.steady())
            begin(id);
    }
}

void Recovery::begin(quint64 id)
{
    const auto attempt = std::make_shared<Attempt>();
    attempt->intent = m_intents.unresolved().value(id);
    m_attempts.insert(id, attempt);
    const ObjectKey &key = attempt->intent.key;
    if (isInSpool(attempt->intent)) {
        m_environment->locks.acquire(key, this, [this, id](PathLocks::Lease lease) {
            m_attempts.value(id)->lease = std::move(lease);
            takeFromSpool(id);
        });
        return;
    }
    m_tokens.obtain(key.first(key.indexOf('/')), this, [this, id](const Result<Credentials> &credentials) {
        if (!credentials) {
            m_reasons.insert(id, credentials.error().detail);
            m_due.insert(id, m_environment->clock.steady() + kAgain);
            m_attempts.remove(id);
            return;
        }
        m_environment->locks.acquire(m_attempts.value(id)->intent.key, this,
                                     [this, id, credentials = *credentials](PathLocks::Lease lease) {
                                         m_attempts.value(id)->lease = std::move(lease);
                                         ask(id, credentials);
                                     });
    });
}

bool Recovery::isInSpool(const state::Intent &intent) const
{
    return !isFolder(intent) && m_environment->spool.holds(intent.key, intent.record.digest);
}

/// It may have been acknowledged with this as its only witness beside one server. Who has it turns out as the
/// copies in doubt are looked at.
void Recovery::takeFromSpool(quint64 id)
{
    const auto attempt = m_attempts.take(id);
    decide(id, *attempt, {});
    attempt->lease.release();
    answer();
}

void Recovery::ask(quint64 id, const Credentials &credentials)
{
    const auto attempt = m_attempts.value(id);
    attempt->waiting = 1;
    for (const QString &target : std::as_const(attempt->intent.targets)) {
        health::Backend *backend = m_environment->backends.find(target);
        if (!backend || !backend->usable()) {
            ++attempt->unknowns;
            attempt->unknown << (backend ? backend->name() + u' ' + backend->unusableReason()
                                         : QStringLiteral("%1 is not in the ring").arg(target));
            continue;
        }
        ++attempt->waiting;
        auto look =
            std::make_unique<CopyLook>(*m_environment, *backend, attempt->intent.key, credentials, nullptr);
        connect(look.get(), &CopyLook::finished, this, [this, id] { handleLooked(id); });
        look->start();
        attempt->looks.push_back(std::move(look));
    }
    handleLooked(id);
}

void Recovery::handleLooked(quint64 id)
{
    const auto attempt = m_attempts.value(id);
    if (--attempt->waiting > 0)
        return;
    m_attempts.remove(id);
    QList<QString> holders = holdersOf(*attempt);
    if (isUndecided(*attempt, holders)) {
        m_reasons.insert(id, listed(attempt->unknown));
        m_due.insert(id, m_environment->clock.steady() + kAgain);
    } else {
        decide(id, *attempt, holders);
    }
    for (auto &look : attempt->looks)
        look.release()->deleteLater(); // this may be inside its signal
    attempt->lease.release();
    answer();
}

QList<QString> Recovery::holdersOf(Attempt &attempt) const
{
    QList<QString> holders;
    for (const auto &look : attempt.looks) {
        const CopyLook::Finding &found = look->finding();
        if (isFolder(attempt.intent) ? found.what == CopyLook::What::Folder
                                     : found.is(attempt.intent.record)) {
            holders << look->backend().id();
        } else if (found.what == CopyLook::What::NoAnswer) {
            ++attempt.unknowns;
            attempt.unknown << look->backend().name() + u' ' + found.reason;
        }
    }
    return holders;
}

bool Recovery::isUndecided(const Attempt &attempt, QList<QString> &holders) const
{
    if (isFolder(attempt.intent))
        return holders.isEmpty() && attempt.unknowns >= m_environment->widespreadQuorum();
    const int quorum = m_environment->config.quorum();
    if (m_catalogue.powerCutAt() == 0 || holders.size() >= quorum)
        return holders.isEmpty() && attempt.unknowns >= quorum;
    // Another upload may have come after this one, and nothing be left of its intent.
    const qsizetype others = mostAlike(attempt);
    if (others >= quorum)
        holders.clear();
    return others < quorum && others + attempt.unknowns >= quorum;
}

/// Of those that have the same other version: how many.
qsizetype Recovery::mostAlike(const Attempt &attempt)
{
    QHash<QByteArray, qsizetype> counts;
    qsizetype most = 0;
    for (const auto &look : attempt.looks) {
        const CopyLook::Finding &found = look->finding();
        if (found.what == CopyLook::What::File && found.size > 0 && !found.is(attempt.intent.record))
            most = std::max(most, ++counts[found.digest]);
    }
    return most;
}

void Recovery::decide(quint64 id, const Attempt &attempt, const QList<QString> &holders)
{
    const state::Intent &intent = attempt.intent;
    const bool stored = !holders.isEmpty() || isInSpool(intent);
    // Some servers have got the folders for it, stored or not.
    const QByteArray account = accountOf(intent.key);
    m_environment->folders.record(*m_environment, account, intent.key.sliced(account.size() + 1),
                                  intent.record.mode);
    if (isFolder(intent))
        decideFolder(intent, holders);
    else if (stored)
        hold(intent, intent.record, holders);
    else
        keepOld(attempt);
    tell(intent, stored);
    m_reasons.remove(id);
    m_due.remove(id);
    m_intents.resolve(id);
}

void Recovery::tell(const state::Intent &intent, bool stored)
{
    const QString words =
        isFolder(intent)
            ? (stored
                   ? QStringLiteral("a folder that was being made when the service ended was made after all")
                   : QStringLiteral("a folder that was being made when the service ended was not made"))
            : (stored
                   ? QStringLiteral("an upload that was cut off when the service ended was stored after all")
                   : QStringLiteral("an upload that was cut off when the service ended was not stored"));
    m_environment->activity.record(telemetry::Level::Warning, telemetry::Category::Upload, words, {},
                                   QString::fromLatin1(accountOf(intent.key)));
}

void Recovery::decideFolder(const state::Intent &intent, const QList<QString> &holders)
{
    const auto record = m_catalogue.find(intent.key);
    const bool lives = record && !record->deleted;
    // What was acknowledged below it makes it a folder as well.
    if (!holders.isEmpty() || lives) {
        if (!lives || record->folder)
            holdFolder(intent, holders, lives);
        return;
    }
    if (intent.existed != false)
        return;
    Record none;
    none.deleted = true;
    m_catalogue.acknowledge(intent.key, none, {});
    for (const QString &target : intent.targets)
        m_catalogue.mark(intent.key, target, Debt::InDoubt);
}

/// Where an earlier change is still owed, the folder that was seen may be what that one should take away.
void Recovery::holdFolder(const state::Intent &intent, const QList<QString> &holders, bool isRecorded)
{
    QList<QString> good = holders;
    good.removeIf([&](const QString &holder) {
        const auto owed = m_catalogue.debt(intent.key, holder);
        return owed && owed->debt >= Debt::Stale;
    });
    Record folder;
    folder.folder = true;
    folder.mode = intent.record.mode;
    if (!isRecorded)
        m_catalogue.acknowledge(intent.key, folder, good);
    for (const health::Backend *backend : m_environment->backends.all()) {
        if (!good.contains(backend->id()))
            m_catalogue.mark(intent.key, backend->id(), intent.debtOfFolder());
    }
}

/// What was there before holds; where there was nothing, there shall be nothing.
void Recovery::keepOld(const Attempt &attempt)
{
    if (m_catalogue.find(attempt.intent.key))
        return;
    // After a power cut it may have been stored since, and the record of that be lost.
    const bool isThere = std::any_of(attempt.looks.begin(), attempt.looks.end(), [](const auto &look) {
        return look->finding().what == CopyLook::What::File;
    });
    if (attempt.intent.existed != false || (isThere && m_catalogue.powerCutAt() > 0)) {
        adoptOld(attempt);
        return;
    }
    Record none;
    none.deleted = true;
    m_catalogue.acknowledge(attempt.intent.key, none, {});
}

/// Something is there that was never recorded, and all its copies are in doubt now. As in an import: what a
/// quorum has holds, or the only version that there is when every server has been heard.
void Recovery::adoptOld(const Attempt &attempt)
{
    std::map<QByteArray, QList<const CopyLook *>> versions; // by digest
    for (const auto &look : attempt.looks) {
        if (look->finding().what == CopyLook::What::File)
            versions[look->finding().digest] << look.get();
    }
    const bool only = versions.size() == 1 && attempt.unknowns == 0;
    for (const auto &[digest, looks] : versions) {
        if (!only && looks.size() < m_environment->config.quorum())
            continue;
        Record record;
        record.size = looks.first()->finding().size;
        record.digest = digest;
        record.mode = looks.first()->finding().mode;
        QList<QString> holders;
        for (const CopyLook *look : looks)
            holders << look->backend().id();
        hold(attempt.intent, record, holders);
        return;
    }
}

/// From now on this is what is there; whoever has something else may still get what was on its way.
void Recovery::hold(const state::Intent &intent, const Record &record, const QList<QString> &holders)
{
    m_catalogue.acknowledge(intent.key, record, holders);
    for (const QString &holder : holders)
        m_catalogue.clear(intent.key, holder);
    for (const QString &target : intent.targets) {
        if (!holders.contains(target))
            m_catalogue.mark(intent.key, target, Debt::InDoubt);
    }
    for (const health::Backend *owner : m_environment->owners(intent.key)) {
        if (!holders.contains(owner->id()))
            m_catalogue.mark(intent.key, owner->id(), Debt::Stale);
    }
}

/// Tells those whose paths are known by now, or whose time is over.
void Recovery::answer()
{
    for (auto it = m_waiting.begin(); it != m_waiting.end();) {
        const bool free = !m_intents.isUnresolved(it->key);
        if (!free && m_environment->clock.steady() < it->due) {
            ++it;
            continue;
        }
        const Waiting waiting = std::move(*it);
        it = m_waiting.erase(it);
        if (!waiting.context)
            continue;
        if (free)
            waiting.done({});
        else
            waiting.done(
                Error{Code::NoQuorum,
                      QStringLiteral("a change of this path was cut off when the ring was stopped, and "
                                     "whether it holds is not known yet: %1")
                          .arg(reason(waiting.key))});
    }
}

QString Recovery::reason(const ObjectKey &key) const
{
    for (const auto &intent : m_intents.unresolved()) {
        if (isAtOrBelow(intent.key, key) || isAtOrBelow(key, intent.key))
            return m_reasons.value(intent.id, QStringLiteral("its servers have not answered yet"));
    }
    return {};
}

} // namespace cring::replica
