// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/recovery.h"

#include "core/replica/answers.h"

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 250ms;
/// Uploads that are asked about at the same time.
constexpr qsizetype kAtOnce = 8;

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
    connect(&m_tokens, &ITokenSource::available, this, &Recovery::tryAll);
}

Recovery::~Recovery() = default;

void Recovery::setEnvironment(Environment &environment)
{
    m_environment = &environment;
    m_watch = std::make_unique<QObject>();
    for (health::Backend *backend : environment.backends.all())
        connect(backend, &health::Backend::stateChanged, m_watch.get(), [this] { tryAll(); });
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

void Recovery::tryAll()
{
    if (!m_environment)
        return;
    const QList<quint64> ids = m_intents.unresolved().keys();
    for (const quint64 id : ids) {
        if (m_attempts.size() >= kAtOnce)
            return;
        if (!m_attempts.contains(id))
            begin(id);
    }
}

void Recovery::begin(quint64 id)
{
    const auto attempt = std::make_shared<Attempt>();
    attempt->intent = m_intents.unresolved().value(id);
    m_attempts.insert(id, attempt);
    const ObjectKey &key = attempt->intent.key;
    m_tokens.obtain(key.first(key.indexOf('/')), this, [this, id](const Result<Credentials> &credentials) {
        if (!credentials) {
            m_reasons.insert(id, credentials.error().detail);
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
    QList<QString> holders;
    for (const auto &look : attempt->looks) {
        if (look->finding().is(attempt->intent.record.digest)) {
            holders << look->backend().id();
        } else if (look->finding().what == CopyLook::What::NoAnswer) {
            ++attempt->unknowns;
            attempt->unknown << look->backend().name() + u' ' + look->finding().reason;
        }
    }
    const bool undecided = holders.isEmpty() && attempt->unknowns >= m_environment->config.quorum();
    if (undecided)
        m_reasons.insert(id, listed(attempt->unknown));
    else
        decide(id, holders);
    for (auto &look : attempt->looks)
        look.release()->deleteLater(); // this may be inside its signal
    attempt->lease.release();
    answer();
}

void Recovery::decide(quint64 id, const QList<QString> &holders)
{
    const state::Intent intent = m_intents.unresolved().value(id);
    if (holders.isEmpty()) {
        keepOld(intent);
    } else {
        m_catalogue.acknowledge(intent.key, intent.record, holders);
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
    m_environment->activity.record(
        telemetry::Level::Warning, telemetry::Category::Upload,
        holders.isEmpty()
            ? QStringLiteral("an upload that was cut off when the service ended was not stored")
            : QStringLiteral("an upload that was cut off when the service ended was stored after all"),
        {}, QString::fromLatin1(intent.key.first(intent.key.indexOf('/'))));
    m_reasons.remove(id);
    m_intents.resolve(id);
}

/// What was there before holds; where there was nothing, there shall be nothing.
void Recovery::keepOld(const state::Intent &intent)
{
    const auto record = m_catalogue.find(intent.key);
    if (record || intent.existed != false)
        return;
    Record none;
    none.deleted = true;
    m_catalogue.acknowledge(intent.key, none, {});
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
                      QStringLiteral("an upload to this path was cut off when the ring was stopped, and "
                                     "which version holds is not known yet: %1")
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
