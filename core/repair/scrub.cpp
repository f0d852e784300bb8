// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/scrub.h"

#include <QJsonArray>

namespace cring::repair {

using replica::Debt;
using replica::isAtOrBelow;
using state::Finding;

namespace {

/// Paths that are compared in one turn of the event loop.
constexpr qint64 kPathsAtOnce = 100;
/// Paths whose copies are read at the same time.
constexpr size_t kInspectionsAtOnce = 8;
constexpr char kAfterSlash = '/' + 1;

const QString kAccounts = QStringLiteral("accounts");
const QString kUnseenFrom = QStringLiteral("unseen_from");
const QString kUnseenTo = QStringLiteral("unseen_to");

const QString kChecked = QStringLiteral("checked");
const QString kRead = QStringLiteral("read");
const QString kFindings = QStringLiteral("findings");
const QString kUnsettled = QStringLiteral("unsettled");

/// What a mark is called in the summary.
QString countName(const Sight &sight, Debt debt)
{
    switch (debt) {
    case Debt::Extra:
        return QStringLiteral("extra");
    case Debt::Suspect:
    case Debt::InDoubt:
        return QStringLiteral("suspect");
    case Debt::Differs:
        return QStringLiteral("different");
    case Debt::Stale:
        break;
    }
    return sight.record && sight.record->deleted ? QStringLiteral("returned") : QStringLiteral("missing");
}

std::chrono::milliseconds time(const QJsonValue &value)
{
    return std::chrono::milliseconds(value.toInteger());
}

} // namespace

Scrub::Scrub(const JobTools &tools, Scope scope, const QJsonObject &parameters, QObject *parent)
    : Job(parent)
    , m_tools(tools)
    , m_environment(*tools.environment)
    , m_use(m_environment.use)
    , m_scope(scope)
{
    m_rules.deep = scope == Scope::AllDeeply;
    m_rules.powerCutAt = m_environment.catalogue.powerCutAt();
    m_rules.unseenFrom = time(parameters.value(kUnseenFrom));
    m_rules.unseenTo = time(parameters.value(kUnseenTo));
    const QJsonArray accounts = parameters.value(kAccounts).toArray();
    for (const QJsonValue &account : accounts)
        m_only.insert(account.toString().toLatin1());
}

Scrub::~Scrub() = default;

// ---- steering ----

void Scrub::start(const QByteArray &cursor)
{
    if (cursor.isEmpty())
        meetServers();
    else
        restore(cursor);
    if (m_place.accountEnded)
        schedule();
    else
        obtainToken([this] { beginAccount(m_place.last); });
}

void Scrub::setPaused(bool paused)
{
    m_paused = paused;
    for (const auto &inspection : m_inspections)
        inspection->setPaused(paused);
    if (!paused)
        schedule();
}

void Scrub::cancel()
{
    m_cancelled = true;
    // Whatever the next step waits for.
    QMetaObject::invokeMethod(this, &Scrub::step, Qt::QueuedConnection);
}

JobProgress Scrub::progress() const
{
    JobProgress progress;
    progress.phase = m_rules.deep            ? QStringLiteral("reading every copy")
                     : m_scope == Scope::New ? QStringLiteral("taking in what the servers hold")
                                             : QStringLiteral("comparing the servers with the catalogue");
    progress.done = m_place.counts.value(kChecked) - static_cast<qint64>(m_begun.size());
    if (m_scope != Scope::New && m_only.empty())
        progress.total = std::max<qint64>(progress.done, m_environment.catalogue.size());
    progress.bytes = m_place.counts.value(kRead);
    return progress;
}

QByteArray Scrub::cursor() const
{
    ScrubPlace place = m_place;
    if (!m_begun.empty()) {
        // What was taken behind it will be taken again.
        const Begun &first = m_begun.begin()->second;
        place.last = first.before;
        place.counts[kChecked] = first.checked;
    }
    return place.toJson();
}

void Scrub::meetServers()
{
    for (const health::Backend *backend : m_environment.backends.all()) {
        if (const auto number = m_tools.members.find(backend->id()))
            m_place.servers.insert(backend->id(), m_tools.members.at(*number).since);
    }
}

void Scrub::restore(const QByteArray &cursor)
{
    m_place = ScrubPlace::fromJson(cursor);
    // One that has come, or has been away, since the beginning was not gone through from there on.
    for (auto it = m_place.servers.begin(); it != m_place.servers.end();)
        it = m_environment.backends.find(it.key()) ? std::next(it) : m_place.servers.erase(it);
}

// ---- accounts ----

/// Those that the ring has met, and those of its records.
std::optional<QByteArray> Scrub::accountAfter(const QByteArray &account) const
{
    std::optional<QByteArray> next;
    const QByteArrayList known = m_tools.accounts.all();
    const auto met = std::upper_bound(known.begin(), known.end(), account);
    if (met != known.end())
        next = *met;
    const ObjectKey behind = account.isEmpty() ? ObjectKey() : account + kAfterSlash;
    (void)m_environment.catalogue.walk(behind, 1, [&](const ObjectKey &key, const auto &) {
        const QByteArray recorded = key.left(key.indexOf('/'));
        if (!next || recorded < *next)
            next = recorded;
    });
    return next;
}

void Scrub::nextAccount()
{
    QByteArray last = m_place.account;
    while (const auto next = accountAfter(last)) {
        last = *next;
        if (!m_only.empty() && !m_only.contains(last))
            continue;
        if (m_scope == Scope::New && m_tools.accounts.isImported(last))
            continue;
        if (m_environment.isDisabled(last)) {
            m_place.leftAlone.insert(last);
            continue;
        }
        m_place.account = last;
        m_place.accountEnded = false;
        m_place.last = m_place.account;
        m_place.unheardInAccount.clear();
        m_place.unsettledInAccount = false;
        obtainToken([this] { beginAccount(m_place.account); });
        return;
    }
    if (m_scope != Scope::New && m_only.empty() && !accountAfter({}) && !std::exchange(m_askedOwn, true))
        meetOwnAccount();
    else
        end();
}

/// After the loss of the state directory, or before the first client, the person's own identity is all that
/// there is to begin with.
void Scrub::meetOwnAccount()
{
    m_asking = true;
    m_tools.tokens.obtainOwn(this, [this](const Result<Credentials> &credentials) {
        m_asking = false;
        if (credentials)
            m_tools.accounts.see(credentials->account);
        else
            m_nobody = QStringLiteral("no account is known yet: ") + credentials.error().detail;
        schedule();
    });
}

void Scrub::obtainToken(std::function<void()> then)
{
    m_asking = true;
    m_tools.tokens.obtain(m_place.account, this,
                          [this, then = std::move(then)](const Result<Credentials> &credentials) {
                              m_asking = false;
                              if (m_ended)
                                  return;
                              if (credentials) {
                                  m_credentials = *credentials;
                                  then();
                              } else {
                                  skipAccount(credentials.error().detail);
                              }
                          });
}

void Scrub::beginAccount(const ObjectKey &after)
{
    m_rules.importing = !m_tools.accounts.isImported(m_place.account);
    m_rules.asOf = m_environment.catalogue.version();
    m_judge.emplace(m_environment, m_tools.members, m_rules);
    m_walk = std::make_unique<AccountWalk>(m_environment, *m_credentials, nullptr);
    connect(m_walk.get(), &AccountWalk::moved, this, &Scrub::schedule);
    m_whole = after == m_place.account;
    m_lacking.clear();
    m_walk->start(after);
    schedule();
}

void Scrub::leaveUnsettled(const ObjectKey &key)
{
    if (m_unsettled.insert(key).second)
        count(kUnsettled);
}

/// What was recorded meanwhile needs no other look.
void Scrub::settleRecorded()
{
    for (const ObjectKey &key : std::exchange(m_unsettled, {})) {
        const auto record = m_environment.catalogue.find(key);
        if (record && record->version > m_rules.asOf && !m_judge->isUnsettled(key))
            count(kUnsettled, -1);
    }
}

void Scrub::endAccount()
{
    settleRecorded();
    const QStringList complete = m_walk->complete();
    const QMap<QString, QString> problems = m_walk->problems();
    for (const health::Backend *backend : m_environment.backends.all()) {
        if (!complete.contains(backend->id()))
            m_place.unheardInAccount.insert(backend->id());
    }
    for (const QString &id : complete) {
        if (m_whole && !m_lacking.contains(id))
            m_tools.emptied.forget(id, m_place.account);
    }
    m_problems.insert(problems);
    m_walk.reset();
    // Where there is no server, none has been heard: all may be in a bucket, and is not gone.
    if (m_place.unheardInAccount.empty() && !m_environment.backends.all().isEmpty()) {
        m_tools.findings.withdrawBetween(m_place.last, m_place.account + kAfterSlash);
        if (!m_place.unsettledInAccount)
            m_tools.accounts.setImported(m_place.account);
    }
    m_place.unheard.merge(m_place.unheardInAccount);
    count(kAccounts);
    m_place.accountEnded = true;
    Q_EMIT progressed(cursor());
    schedule();
}

void Scrub::skipAccount(const QString &reason)
{
    m_place.skipped.insert(m_place.account, reason);
    m_walk.reset();
    m_place.accountEnded = true;
    schedule();
}

// ---- steps ----

void Scrub::schedule()
{
    if (std::exchange(m_waiting, true))
        return;
    QMetaObject::invokeMethod(this, &Scrub::step, Qt::QueuedConnection);
}

void Scrub::step()
{
    m_waiting = false;
    if (m_ended)
        return;
    if (m_cancelled) {
        dropInspections();
        end();
        return;
    }
    if (m_asking || m_paused)
        return;
    if (!m_walk) {
        if (m_inspections.empty())
            nextAccount();
        return;
    }
    if (!m_credentials->lasts(m_environment.clock.wall())) {
        obtainToken([this] {
            m_walk->setCredentials(*m_credentials);
            schedule();
        });
        return;
    }
    qint64 taken = 0;
    while (taken < kPathsAtOnce && m_inspections.size() + m_held < kInspectionsAtOnce &&
           m_walk->state() == AccountWalk::State::Ready) {
        Sight sight = m_walk->take();
        noteEmptied(sight);
        handle(sight);
        ++taken;
    }
    if (taken > 0) {
        Q_EMIT progressed(cursor());
        m_waiting = true;
        m_tools.throttle.takeFiles(taken, this, [this] { step(); });
    } else if (m_walk->state() == AccountWalk::State::Ended && m_begun.empty()) {
        endAccount();
    }
}

/// A server that gets back what it lost is emptied until all of it is there.
void Scrub::noteEmptied(Sight &sight)
{
    const bool lives = sight.record && !sight.record->deleted;
    for (Sight::Copy &copy : sight.copies) {
        if (copy.what != Sight::What::Absent || !lives)
            continue;
        const QString &id = copy.server->id();
        if (!m_environment.catalogue.holds(sight.key, id))
            continue;
        m_lacking.insert(id);
        if (copy.emptied)
            m_tools.emptied.note(id, m_place.account);
        copy.emptied = m_tools.emptied.contains(id, m_place.account);
    }
}

void Scrub::handle(const Sight &sight)
{
    const qint64 checked = m_place.counts.value(kChecked);
    count(kChecked);
    const Begun begun{std::exchange(m_place.last, sight.key), checked};
    if (m_environment.locks.isHeld(sight.key))
        waitFor(sight, begun);
    else
        judge(sight, begun);
}

/// Somebody is at work on the path or above it, and will soon be done: the folder is made on a server, say.
void Scrub::waitFor(const Sight &sight, const Begun &begun)
{
    m_begun.insert({sight.key, begun});
    ++m_held;
    m_environment.locks.acquireBehind(sight.key, this, [this, sight, begun](replica::PathLocks::Lease lease) {
        lease.release();
        if (m_begun.erase(sight.key) == 0)
            return;
        --m_held;
        judge(sight, begun);
        schedule();
    });
}

void Scrub::judge(const Sight &sight, const Begun &begun)
{
    Verdict verdict = m_judge->judge(sight);
    keepConflict(sight.key, verdict);
    m_place.unsettledInAccount = m_place.unsettledInAccount || (verdict.unsettled && !sight.record);
    if (m_judge->isUnsettled(sight.key))
        leaveUnsettled(sight.key);
    sweep(begun.before, sight, verdict);
    write(sight, verdict);
    if (verdict.inspect) {
        m_begun.insert({sight.key, begun});
        inspect(sight, verdict);
    }
}

void Scrub::write(const Sight &sight, const Verdict &verdict)
{
    for (const Verdict::Mark &mark : verdict.marks) {
        m_environment.catalogue.mark(sight.key, mark.server, mark.debt);
        count(countName(sight, mark.debt));
    }
    for (const QString &server : verdict.dropped)
        m_environment.catalogue.dropCopy(sight.key, server);
    for (const Finding &finding : verdict.findings)
        m_tools.findings.report(finding);
    count(kFindings, verdict.findings.size());
}

/// That there are several versions is known from reading them, which nobody does again for that.
void Scrub::keepConflict(const ObjectKey &key, Verdict &verdict) const
{
    const QList<Finding> known = m_tools.findings.at(key);
    const bool isConflict = std::any_of(known.begin(), known.end(), [](const Finding &finding) {
        return finding.kind == Finding::Kind::Conflict;
    });
    if (!isConflict || verdict.findings.size() < 2)
        return;
    for (Finding &finding : verdict.findings) {
        if (finding.kind == Finding::Kind::Unexplained)
            finding.kind = Finding::Kind::Conflict;
    }
}

/// What was found once and is not so any more is no finding any more, if every server could be heard.
void Scrub::sweep(const ObjectKey &before, const Sight &sight, const Verdict &verdict)
{
    const bool heard = std::none_of(sight.copies.begin(), sight.copies.end(), [](const Sight::Copy &copy) {
        return copy.what == Sight::What::Unheard;
    });
    if (m_tools.findings.count() == 0 || !heard || verdict.unsettled)
        return;
    m_tools.findings.withdrawBetween(before, sight.key);
    const QList<Finding> known = m_tools.findings.at(sight.key);
    for (const Finding &finding : known) {
        const bool again =
            std::any_of(verdict.findings.begin(), verdict.findings.end(), [&](const Finding &one) {
                return one.kind == finding.kind && one.server == finding.server;
            });
        const bool beingMended =
            finding.kind == Finding::Kind::Damage && m_environment.catalogue.debt(sight.key, finding.server);
        const bool beingRead = verdict.inspect && (!sight.record || finding.kind == Finding::Kind::Damage);
        if (!again && !beingMended && !beingRead)
            m_tools.findings.withdraw(sight.key, finding.server, finding.kind);
    }
}

void Scrub::inspect(const Sight &sight, const Verdict &verdict)
{
    m_inspections.push_back(
        std::make_unique<Inspection>(m_tools, *m_judge, sight, verdict.looks, *m_credentials, nullptr));
    Inspection *inspection = m_inspections.back().get();
    connect(inspection, &Inspection::finished, this, [this, inspection] { handleInspected(inspection); });
    inspection->start();
}

void Scrub::handleInspected(Inspection *inspection)
{
    const Inspection::Outcome &outcome = inspection->outcome();
    count(kRead, outcome.bytes);
    count(kFindings, outcome.findings);
    count(QStringLiteral("suspect"), outcome.marked.size());
    count(QStringLiteral("adopted"), outcome.adopted ? 1 : 0);
    if (outcome.unsettled) {
        leaveUnsettled(inspection->key());
        m_place.unsettledInAccount =
            m_place.unsettledInAccount || !m_environment.catalogue.find(inspection->key());
    }
    m_place.unheardInAccount.insert(outcome.unheard.begin(), outcome.unheard.end());
    m_begun.erase(inspection->key());
    const auto ended = std::find_if(m_inspections.begin(), m_inspections.end(),
                                    [&](const auto &one) { return one.get() == inspection; });
    ended->release()->deleteLater();
    m_inspections.erase(ended);
    schedule();
}

/// What they have read is in nobody's records yet.
void Scrub::dropInspections()
{
    count(kChecked, -static_cast<qint64>(m_begun.size()));
    m_inspections.clear();
    m_begun.clear();
    m_held = 0;
}

// ---- the end ----

/// A server that has been gone through from end to end can be believed again.
void Scrub::trustServers()
{
    if (m_scope == Scope::New || !m_only.empty() || !m_place.skipped.isEmpty() || m_cancelled)
        return;
    for (const health::Backend *backend : m_environment.backends.all()) {
        const auto number = m_tools.members.find(backend->id());
        if (!number || m_place.unheard.contains(backend->id()))
            continue;
        const auto began = m_place.servers.constFind(backend->id());
        if (began == m_place.servers.constEnd() || *began != m_tools.members.at(*number).since)
            continue;
        if (!m_tools.members.unseenSince(backend->id()))
            continue;
        m_tools.members.setState(*number, state::Members::State::Trusted);
        m_environment.activity.record(telemetry::Level::Info, telemetry::Category::Repair,
                                      QStringLiteral("was gone through: what it holds counts from now on"),
                                      backend->name());
    }
}

QJsonObject Scrub::summary() const
{
    QJsonObject object;
    for (auto it = m_place.counts.begin(); it != m_place.counts.end(); ++it)
        object.insert(it.key(), it.value());
    QJsonObject skipped;
    for (auto it = m_place.skipped.begin(); it != m_place.skipped.end(); ++it)
        skipped.insert(QString::fromLatin1(it.key()), it.value());
    if (!m_nobody.isEmpty())
        skipped.insert(kEveryAccount, m_nobody);
    object.insert(QStringLiteral("skipped"), skipped);
    QJsonArray leftAlone;
    for (const QByteArray &account : m_place.leftAlone)
        leftAlone.append(QString::fromLatin1(account));
    if (!leftAlone.isEmpty())
        object.insert(kLeftAlone, leftAlone);
    QJsonObject unheard;
    for (const QString &server : m_place.unheard) {
        const health::Backend *backend = m_environment.backends.find(server);
        unheard.insert(backend ? backend->name() : server, m_problems.value(server));
    }
    object.insert(QStringLiteral("unheard"), unheard);
    return object;
}

void Scrub::end()
{
    if (std::exchange(m_ended, true))
        return;
    trustServers();
    const QJsonObject result = summary();
    tell(result);
    QMetaObject::invokeMethod(
        this, [this, result] { Q_EMIT finished(result); }, Qt::QueuedConnection);
}

void Scrub::tell(const QJsonObject &summary)
{
    QStringList parts;
    const auto add = [&](const QString &name, const QString &words) {
        if (const qint64 number = summary.value(name).toInteger(); number > 0)
            parts << words.arg(number);
    };
    add(QStringLiteral("missing"), QStringLiteral("%1 copies were missing"));
    add(QStringLiteral("suspect"), QStringLiteral("%1 are looked into"));
    add(QStringLiteral("different"), QStringLiteral("%1 were something else"));
    add(QStringLiteral("returned"), QStringLiteral("%1 had been deleted"));
    add(QStringLiteral("extra"), QStringLiteral("%1 are not needed"));
    add(QStringLiteral("adopted"), QStringLiteral("%1 paths were taken into the catalogue"));
    add(kFindings, QStringLiteral("%1 findings"));
    if (parts.isEmpty())
        return;
    m_environment.activity.record(telemetry::Level::Info, telemetry::Category::Repair,
                                  QStringLiteral("gone through %1 paths: %2")
                                      .arg(summary.value(kChecked).toInteger())
                                      .arg(parts.join(QStringLiteral(", "))));
}

} // namespace cring::repair
