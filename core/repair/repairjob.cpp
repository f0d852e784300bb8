// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/repairjob.h"

#include "core/repair/heldback.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace cring::repair {

using replica::accountOf;
using replica::isAtOrBelow;

namespace {

using namespace std::chrono_literals;

/// Paths whose copies are read at the same time.
constexpr size_t kInspectionsAtOnce = 4;
/// Copies that wait for the delivery before more are looked for.
constexpr size_t kMarkedAtOnce = 1'000;
constexpr auto kLookInterval = 200ms;
/// Tries of the delivery at one copy that this waits for.
constexpr int kTries = 3;
constexpr char kAfterSlash = '/' + 1;

const QString kAfter = QStringLiteral("after");
const QString kCounts = QStringLiteral("counts");
const QString kChecked = QStringLiteral("checked");
const QString kRead = QStringLiteral("read");
const QString kRepaired = QStringLiteral("repaired");
const QString kLeft = QStringLiteral("left");
const QString kAdopted = QStringLiteral("adopted");
const QString kFindings = QStringLiteral("findings");
const QString kForgotten = QStringLiteral("forgotten");
const QString kUnheard = QStringLiteral("unheard");
const QString kAbsent = QStringLiteral("absent");

/// Paths that are named in the summary for not having been taken over, or forgotten.
constexpr qsizetype kNamed = 20;

/// As Charm's clients name files: the hex of a cipher, component by component (crypt/crypt.go,
/// EncryptLookupField). One name that is something else makes the client's whole listing fail.
bool isReadable(const ObjectKey &key)
{
    const QByteArrayList names = key.sliced(key.indexOf('/') + 1).split('/');
    return std::all_of(names.begin(), names.end(), [](const QByteArray &name) {
        return !name.isEmpty() && name.size() % 2 == 0 && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        });
    });
}

/// Charm cleans paths before it stores them.
bool canBeStored(const QByteArray &path)
{
    const QByteArrayList names = path.split('/');
    return std::none_of(names.begin(), names.end(),
                        [](const QByteArray &name) { return name.isEmpty() || name == "." || name == ".."; });
}

Error notAPath(const QByteArray &path)
{
    if (path.isEmpty())
        return {Code::NotFound,
                QStringLiteral("an empty path names no file; without any, all files are gone through")};
    return {Code::NotFound,
            QStringLiteral("no file can be called \"%1\"").arg(QString::fromUtf8(path.left(100)))};
}

QJsonObject toJson(const QMap<QString, QString> &reasons)
{
    QJsonObject object;
    for (auto it = reasons.begin(); it != reasons.end(); ++it)
        object.insert(it.key(), it.value());
    return object;
}

} // namespace

Result<RepairJob::Wish> RepairJob::wishOf(const QJsonObject &parameters)
{
    const bool adopts = parameters.value(QStringLiteral("adopt")).toBool();
    const bool anyName = parameters.value(QStringLiteral("any_name")).toBool();
    if (!parameters.value(QStringLiteral("forget")).toBool()) {
        if (anyName && !adopts)
            return Error{Code::ControlBadParams, QStringLiteral("a name matters only to what is adopted")};
        return anyName ? Wish::AdoptAnyName : adopts ? Wish::Adopt : Wish::Mend;
    }
    if (adopts)
        return Error{Code::ControlBadParams, QStringLiteral("a file is adopted or forgotten, not both")};
    if (parameters.value(QStringLiteral("paths")).toArray().isEmpty())
        return Error{Code::ControlBadParams,
                     QStringLiteral("name the paths that are to be forgotten; `cring findings list` has "
                                    "them")};
    return Wish::Forget;
}

Result<std::set<ObjectKey>> RepairJob::rootsOf(const QJsonObject &parameters, const state::Accounts &accounts)
{
    std::set<ObjectKey> roots;
    const QByteArrayList known = accounts.all();
    const QJsonArray paths = parameters.value(QStringLiteral("paths")).toArray();
    for (const QJsonValue &value : paths) {
        QByteArray path = value.toString().toUtf8();
        while (path.startsWith('/'))
            path.remove(0, 1);
        while (path.endsWith('/'))
            path.chop(1);
        if (!canBeStored(path))
            return notAPath(path);
        if (accounts.isKnown(accountOf(path)))
            roots.insert(path);
        else if (known.size() == 1)
            roots.insert(state::objectKey(known.first(), path));
        else if (known.isEmpty())
            return Error{Code::NotFound, QStringLiteral("no account is known yet, and none of its files")};
        else
            return Error{Code::ControlBadParams,
                         QStringLiteral("\"%1\" begins with no account that is known: write the account's id "
                                        "before the path, as in ID/PATH")
                             .arg(QString::fromUtf8(path.left(100)))};
    }
    return roots;
}

RepairJob::RepairJob(const JobTools &tools, std::set<ObjectKey> roots, Wish wish, QObject *parent)
    : Job(parent)
    , m_tools(tools)
    , m_environment(*tools.environment)
    , m_use(m_environment.use)
    , m_roots(std::move(roots))
    , m_wish(wish)
{
    std::erase_if(m_roots, [this](const ObjectKey &root) {
        bool covered = false;
        replica::forEachAncestor(
            root, [&](QByteArrayView above) { covered = covered || m_roots.contains(above.toByteArray()); });
        return covered;
    });
    m_look.setInterval(kLookInterval);
    connect(&m_look, &QTimer::timeout, this, &RepairJob::lookAfterMarked);
}

RepairJob::~RepairJob() = default;

void RepairJob::start(const QByteArray &cursor)
{
    const QJsonObject object = QJsonDocument::fromJson(cursor).object();
    m_last = object.value(kAfter).toString().toLatin1();
    const QJsonObject counts = object.value(kCounts).toObject();
    for (auto it = counts.begin(); it != counts.end(); ++it)
        m_counts.insert(it.key(), it.value().toInteger());
    const QJsonObject unheard = object.value(kUnheard).toObject();
    for (auto it = unheard.begin(); it != unheard.end(); ++it)
        m_unheard.insert(it.key(), it.value().toString());
    const QJsonArray absent = object.value(kAbsent).toArray();
    for (const QJsonValue root : absent)
        m_absent.insert(root.toString().toLatin1());
    // What has failed before need not wait out its pause.
    m_tools.delivery.hurry();
    m_look.start();
    schedule();
}

void RepairJob::setPaused(bool paused)
{
    m_paused = paused;
    for (const auto &inspection : m_inspections)
        inspection->setPaused(paused);
    if (!paused)
        schedule();
}

void RepairJob::cancel()
{
    m_cancelled = true;
    // Whatever the next step waits for.
    QMetaObject::invokeMethod(this, &RepairJob::step, Qt::QueuedConnection);
}

JobProgress RepairJob::progress() const
{
    JobProgress progress;
    progress.phase = m_marked.empty()
                         ? QStringLiteral("reading every copy")
                         : QStringLiteral("reading every copy, and mending %1 of them").arg(m_marked.size());
    progress.done = m_counts.value(kChecked) - static_cast<qint64>(m_inspecting.size());
    if (m_roots.empty())
        progress.total = std::max<qint64>(progress.done, m_environment.catalogue.size());
    progress.bytes = m_counts.value(kRead);
    return progress;
}

// ---- what is to be looked at ----

/// In the order of the keys: what is recorded at or below a root, what was found there, and the root itself.
std::optional<ObjectKey> RepairJob::nextBelow(const ObjectKey &root) const
{
    // An account's own folder is no object.
    if (root.contains('/') && m_last < root)
        return root;
    // What begins alike, as "a-b" does beside "a", stands in between.
    const ObjectKey after = root.isEmpty() ? m_last : std::max(m_last, root + '/');
    std::optional<ObjectKey> least;
    const auto offer = [&](const ObjectKey &key) {
        if ((root.isEmpty() || isAtOrBelow(key, root)) && (!least || key < *least))
            least = key;
    };
    (void)m_environment.catalogue.walk(after, 1, [&](const ObjectKey &key, const auto &) { offer(key); });
    const QList<state::Finding> findings = m_tools.findings.list(after, 1);
    if (!findings.isEmpty())
        offer(findings.first().key);
    return least;
}

std::optional<ObjectKey> RepairJob::next() const
{
    if (m_roots.empty())
        return nextBelow({});
    for (const ObjectKey &root : m_roots) {
        if (const auto key = nextBelow(root))
            return key;
    }
    return {};
}

/// False while it is asked for.
bool RepairJob::withToken(const QByteArray &account)
{
    const bool good = m_credentials && m_credentials->account == account &&
                      m_credentials->lasts(m_environment.clock.wall());
    if (good)
        return true;
    // Who names one of its files is told why nothing comes of it.
    if (m_roots.empty() && m_environment.isDisabled(account)) {
        m_last = account + kAfterSlash;
        schedule();
        return false;
    }
    m_asking = true;
    m_credentials.reset();
    m_tools.tokens.obtain(account, this, [this, account](const Result<Credentials> &credentials) {
        m_asking = false;
        if (credentials) {
            m_credentials = *credentials;
        } else {
            m_skipped.insert(account, credentials.error().detail);
            m_last = account + kAfterSlash;
        }
        schedule();
    });
    return false;
}

// ---- steps ----

void RepairJob::schedule()
{
    if (std::exchange(m_waiting, true))
        return;
    QMetaObject::invokeMethod(this, &RepairJob::step, Qt::QueuedConnection);
}

void RepairJob::step()
{
    m_waiting = false;
    if (m_ended)
        return;
    if (m_cancelled) {
        // What they have read is in nobody's records yet.
        m_counts[kChecked] -= static_cast<qint64>(m_inspecting.size());
        m_inspections.clear();
        m_inspecting.clear();
        if (!m_forgetting)
            end();
        return;
    }
    if (m_forgetting)
        return;
    if (m_asking || m_paused)
        return;
    const bool room = m_inspections.size() < kInspectionsAtOnce && m_marked.size() < kMarkedAtOnce;
    const auto key = next();
    if (key && room) {
        if (!withToken(accountOf(*key)))
            return;
        if (m_wish == Wish::Forget) {
            forget(*key);
            return;
        }
        inspect(*key);
        m_waiting = true;
        m_tools.throttle.takeFiles(1, this, [this] { step(); });
    } else if (!key && m_inspections.empty() && m_marked.empty()) {
        end();
    }
}

void RepairJob::inspect(const ObjectKey &key)
{
    const ObjectKey before = std::exchange(m_last, key);
    m_inspecting.insert({key, {before, m_counts.value(kChecked)}});
    m_counts[kChecked] += 1;
    Sight sight;
    sight.key = key;
    sight.record = m_environment.catalogue.find(key);
    Rules rules;
    const bool isStray = m_environment.catalogue.remadeAbove(key) && !m_environment.catalogue.isRecorded(key);
    rules.importing = (!sight.record || isStray) && adopts(key);
    rules.deep = true;
    rules.asOf = m_environment.catalogue.version();
    rules.powerCutAt = m_environment.catalogue.powerCutAt();
    QList<health::Backend *> looks;
    const QList<health::Backend *> all = m_environment.backends.all();
    for (health::Backend *backend : all) {
        if (backend->usable()) {
            looks << backend;
        } else {
            sight.copies << Sight::Copy{backend};
            noteUnheard(*backend, backend->unusableReason());
        }
    }
    const Judge judge(m_environment, m_tools.members, rules);
    m_inspections.push_back(
        std::make_unique<Inspection>(m_tools, judge, sight, looks, *m_credentials, nullptr));
    Inspection *inspection = m_inspections.back().get();
    connect(inspection, &Inspection::finished, this, [this, inspection] { handleInspected(inspection); });
    inspection->start();
}

bool RepairJob::adopts(const ObjectKey &key) const
{
    return m_wish == Wish::AdoptAnyName || (m_wish == Wish::Adopt && isReadable(key));
}

// ---- what a person says was deleted ----

/// One after another: a folder's end covers what was in it.
void RepairJob::forget(const ObjectKey &key)
{
    m_last = key;
    m_counts[kChecked] += 1;
    const auto record = m_environment.catalogue.find(key);
    if (record && record->deleted) {
        schedule();
        return;
    }
    // What no client can name, no client can delete.
    const auto which = isReadable(key) ? Forgetting::Which::Gone : Forgetting::Which::Any;
    m_forgetting = std::make_unique<Forgetting>(m_tools, key, which, *m_credentials, nullptr);
    connect(m_forgetting.get(), &Forgetting::finished, this, &RepairJob::handleForgotten);
    m_forgetting->start();
}

void RepairJob::handleForgotten(const Status &status)
{
    const ObjectKey key = m_forgetting->key();
    m_forgetting.release()->deleteLater();
    if (status)
        m_counts[kForgotten] += 1;
    else if (m_roots.contains(key) && m_skipped.size() < kNamed)
        m_skipped.insert(key, status.error().detail);
    schedule();
}

// ---- what was read ----

void RepairJob::handleInspected(Inspection *inspection)
{
    const Inspection::Outcome &outcome = inspection->outcome();
    const bool isRefused = m_wish == Wish::Adopt && outcome.findings > 0 && !adopts(inspection->key()) &&
                           !m_environment.catalogue.find(inspection->key());
    if (isRefused && m_skipped.size() < kNamed)
        m_skipped.insert(inspection->key(),
                         QStringLiteral("not taken over, for no charm client can read this name, and one "
                                        "such name breaks the whole listing: `cring repair --forget` "
                                        "takes it away, --any-name takes it over all the same"));
    m_counts[kRead] += outcome.bytes;
    m_counts[kAdopted] += outcome.adopted ? 1 : 0;
    for (const QString &server : outcome.marked)
        m_marked.insert({inspection->key(), server});
    for (const QString &server : outcome.unheard) {
        if (const health::Backend *backend = m_environment.backends.find(server))
            noteUnheard(*backend, QStringLiteral("it could not say what it has"));
    }
    // Of what is there at least the bytes were read, or a finding tells of it.
    const bool absent = m_unheard.isEmpty() && outcome.bytes == 0 && !outcome.adopted && !outcome.unsettled;
    if (absent && m_roots.contains(inspection->key()))
        m_absent.insert(inspection->key());
    m_inspecting.erase(inspection->key());
    const auto ended = std::find_if(m_inspections.begin(), m_inspections.end(),
                                    [&](const auto &one) { return one.get() == inspection; });
    ended->release()->deleteLater();
    m_inspections.erase(ended);
    Q_EMIT progressed(cursor());
    schedule();
}

void RepairJob::noteUnheard(const health::Backend &backend, const QString &reason)
{
    m_unheard.insert(backend.name(), reason);
}

/// For a start after this one: where to go on, and what is known so far.
QByteArray RepairJob::cursor() const
{
    // What was taken behind the first one that is still read will be taken again.
    const Begun place =
        m_inspecting.empty() ? Begun{m_last, m_counts.value(kChecked)} : m_inspecting.begin()->second;
    QJsonObject counts;
    for (auto it = m_counts.begin(); it != m_counts.end(); ++it)
        counts.insert(it.key(), it.value());
    counts.insert(kChecked, place.checked);
    QJsonArray absent;
    for (const ObjectKey &root : m_absent)
        absent.append(QString::fromLatin1(root));
    const QJsonObject cursor{{kAfter, QString::fromLatin1(place.before)},
                             {kCounts, counts},
                             {kUnheard, toJson(m_unheard)},
                             {kAbsent, absent}};
    return QJsonDocument(cursor).toJson(QJsonDocument::Compact);
}

// ---- what was marked ----

void RepairJob::lookAfterMarked()
{
    std::erase_if(m_marked, [this](const Copy &copy) {
        const auto &[key, server] = copy;
        if (!m_environment.catalogue.debt(key, server)) {
            m_counts[kRepaired] += 1;
            m_tools.findings.withdraw(key, server, state::Finding::Kind::Damage);
            m_tools.findings.withdraw(key, state::Finding::Kind::Absence);
            m_tools.findings.withdraw(key, state::Finding::Kind::Lost);
            return true;
        }
        const bool hopeless = isHopeless(copy);
        m_counts[kLeft] += hopeless ? 1 : 0;
        return hopeless;
    });
    schedule();
}

/// It will be put right some day, but nobody knows when.
bool RepairJob::isHopeless(const Copy &copy) const
{
    const auto &[key, server] = copy;
    const health::Backend *backend = m_environment.backends.find(server);
    if (!backend || !backend->usable())
        return true;
    const auto record = m_environment.catalogue.find(key);
    if (record && record->deleted && isHeldBack(m_environment.catalogue, record->version))
        return true;
    const state::Catalogue::Debts &debts = m_environment.catalogue.debts(server);
    const auto owed = debts.find(key);
    const ObjectKey before = owed == debts.begin() ? ObjectKey() : std::prev(owed)->first;
    const QList<Delivery::Item> items = m_tools.delivery.items(server, before, 1);
    return !items.isEmpty() && !items.first().running && items.first().attempts >= kTries;
}

void RepairJob::end()
{
    if (std::exchange(m_ended, true))
        return;
    m_look.stop();
    const QJsonObject result = summary();
    QMetaObject::invokeMethod(
        this, [this, result] { Q_EMIT finished(result); }, Qt::QueuedConnection);
}

/// What a person still has to decide, of what was asked for.
qint64 RepairJob::countFindings() const
{
    if (m_roots.empty())
        return m_tools.findings.count();
    const QList<state::Finding> all = m_tools.findings.list();
    return std::count_if(all.begin(), all.end(), [this](const state::Finding &finding) {
        return std::any_of(m_roots.begin(), m_roots.end(),
                           [&](const ObjectKey &root) { return isAtOrBelow(finding.key, root); });
    });
}

/// A path that was asked for, and is known to nobody.
bool RepairJob::isUnknown(const ObjectKey &root) const
{
    bool known = m_environment.catalogue.isRecorded(root);
    (void)m_environment.catalogue.walk(
        root + '/', 1, [&](const ObjectKey &key, const auto &) { known = known || isAtOrBelow(key, root); });
    if (known || !m_tools.findings.at(root).isEmpty())
        return false;
    const QList<state::Finding> below = m_tools.findings.list(root + '/', 1);
    return below.isEmpty() || !isAtOrBelow(below.first().key, root);
}

QJsonObject RepairJob::summary() const
{
    QJsonObject object;
    for (auto it = m_counts.begin(); it != m_counts.end(); ++it)
        object.insert(it.key(), it.value());
    object.insert(kFindings, countFindings());
    QJsonObject skipped;
    for (auto it = m_skipped.begin(); it != m_skipped.end(); ++it)
        skipped.insert(QString::fromLatin1(it.key()), it.value());
    object.insert(QStringLiteral("skipped"), skipped);
    object.insert(kUnheard, toJson(m_unheard));
    QJsonArray notFound;
    for (const ObjectKey &root : m_absent) {
        if (isUnknown(root))
            notFound.append(QString::fromLatin1(root));
    }
    object.insert(QStringLiteral("notFound"), notFound);
    return object;
}

} // namespace cring::repair
