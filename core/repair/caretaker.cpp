// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/caretaker.h"

#include "core/repair/repairjob.h"
#include "core/repair/scrub.h"

#include <QJsonArray>

namespace cring::repair {

namespace {

using namespace std::chrono_literals;

const QString kScrub = QStringLiteral("scrub");
const QString kImport = QStringLiteral("import");
const QString kRepair = QStringLiteral("repair");
const QString kDeep = QStringLiteral("deep");
const QString kUnsettled = QStringLiteral("unsettled");

/// Between two looks at what is due.
constexpr auto kLookInterval = 5s;
/// Things that happen together are worked on together.
constexpr auto kSoon = 200ms;
/// After the start, when there is no hurry: clients come back first.
constexpr auto kFirstScrub = 3min;
/// After the start, when there is: the servers have been probed by then.
constexpr auto kUrgentScrub = 5s;
/// Until what could not be gone through is tried again, when nothing happens that promises more; doubled each
/// time.
constexpr auto kFirstRetry = 5min;
/// Records that are looked at in one turn for whether they have done their work.
constexpr qsizetype kTidiedAtOnce = 500;
/// What a folder's delete covers is kept for a while, for whoever is still at work on it.
constexpr auto kCovered = 1h;

} // namespace

Caretaker::Caretaker(JobTools &tools, Jobs &jobs, const IClock &clock, QObject *parent)
    : QObject(parent)
    , m_tools(tools)
    , m_jobs(jobs)
    , m_clock(clock)
{
    addKinds();
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Caretaker::look);
    connect(&m_jobs, &Jobs::ended, this, &Caretaker::handleEnded);
    connect(&m_tools.accounts, &state::Accounts::seen, this, &Caretaker::wantImport);
    connect(&m_tools.tokens, &replica::ITokenSource::available, this, [this](const QByteArray &account) {
        m_tools.accounts.see(account);
        const bool wanted = account.isEmpty() ? !m_skipped.empty() : m_skipped.contains(account);
        if (account.isEmpty())
            m_skipped.clear();
        m_skipped.erase(account);
        if (wanted)
            m_scrubDue = m_clock.steady();
        if (m_running && m_tools.accounts.all().isEmpty())
            meetOwnAccount();
        for (const QString &id : std::exchange(m_unlooked, {})) {
            if (health::Backend *server = m_tools.environment->backends.find(id))
                lookAt(*server);
        }
        wantImport();
    });
}

/// Where there is no server, nothing can be gone through, and nothing be learnt from that.
Status Caretaker::needServers() const
{
    return m_tools.environment->backends.all().isEmpty()
               ? Status(Error{Code::NotFound, QStringLiteral("no server is configured: there is nothing to "
                                                             "go through")})
               : Status();
}

void Caretaker::addKinds()
{
    m_jobs.add(kScrub, [this](const QJsonObject &parameters) -> Result<std::unique_ptr<Job>> {
        if (const Status status = needServers(); !status)
            return status.error();
        const bool deep = parameters.value(kDeep).toBool();
        const auto scope = deep ? Scrub::Scope::AllDeeply : Scrub::Scope::All;
        return std::unique_ptr<Job>(std::make_unique<Scrub>(m_tools, scope, parameters));
    });
    m_jobs.add(kImport, [this](const QJsonObject &parameters) -> Result<std::unique_ptr<Job>> {
        if (const Status status = needServers(); !status)
            return status.error();
        return std::unique_ptr<Job>(std::make_unique<Scrub>(m_tools, Scrub::Scope::New, parameters));
    });
    m_jobs.add(kRepair, [this](const QJsonObject &parameters) -> Result<std::unique_ptr<Job>> {
        if (const Status status = needServers(); !status)
            return status.error();
        auto roots = RepairJob::rootsOf(parameters, m_tools.accounts);
        if (!roots)
            return roots.error();
        const auto wish = RepairJob::wishOf(parameters);
        if (!wish)
            return wish.error();
        return std::unique_ptr<Job>(std::make_unique<RepairJob>(m_tools, std::move(roots).value(), *wish));
    });
}

void Caretaker::setEnvironment(Environment &environment)
{
    m_tools.environment = &environment;
    const config::Repair &settings = environment.config.repair;
    m_tools.throttle.setRates({settings.filesPerSecond, settings.bytesPerSecond});
    m_watch = std::make_unique<QObject>();
    m_looks.clear();
    for (health::Backend *backend : environment.backends.all()) {
        connect(backend, &health::Backend::stateChanged, m_watch.get(), [this, backend] {
            if (backend->state() == health::Backend::State::Up)
                handleUp(*backend);
        });
    }
    if (!m_running)
        return;
    if (!knowsAllServers())
        m_scrubDue = m_clock.steady();
    lookSoon();
}

void Caretaker::renewJobs()
{
    if (m_running)
        m_jobs.renew();
}

void Caretaker::handleUp(health::Backend &server)
{
    if (!knowsAllServers())
        m_scrubDue = m_clock.steady();
    else if (m_past.powerCut)
        m_scrubDue = std::min<Time>(m_scrubDue, m_clock.steady() + kUrgentScrub);
    else if (m_running)
        lookAt(server);
    wantImport();
}

// ---- servers that are up again ----

void Caretaker::lookAt(health::Backend &server)
{
    auto look = std::make_unique<ReturnLook>(m_tools, server, nullptr);
    connect(look.get(), &ReturnLook::finished, this,
            [this, &server](ReturnLook::Result result) { handleLooked(server, result); });
    look->start();
    m_looks.insert_or_assign(server.id(), std::move(look));
}

void Caretaker::handleLooked(health::Backend &server, ReturnLook::Result result)
{
    const auto look = m_looks.find(server.id());
    look->second.release()->deleteLater();
    m_looks.erase(look);
    if (result == ReturnLook::Result::Unknown)
        m_unlooked.insert(server.id());
    if (result != ReturnLook::Result::Lacks)
        return;
    m_tools.environment->activity.record(telemetry::Level::Warning, telemetry::Category::Repair,
                                         QStringLiteral("lacks files that it had: everything is gone "
                                                        "through"),
                                         server.name());
    m_scrubDue = m_clock.steady();
    lookSoon();
}

void Caretaker::begin(const Past &past)
{
    m_past = past;
    m_running = true;
    m_began = m_clock.wall().count();
    meetAccounts();
    if (m_tools.accounts.all().isEmpty())
        meetOwnAccount();
    const config::Repair &settings = m_tools.environment->config.repair;
    const bool urgent = !past.cleanEnd || past.powerCut || !knowsAllServers();
    const auto wait = urgent ? Time(kUrgentScrub) : std::min<Time>(kFirstScrub, settings.scrubInterval);
    m_scrubDue = m_clock.steady() + wait;
    m_verifyDue = m_clock.steady() + verifyWait();
    m_jobs.renew();
    wantImport();
}

void Caretaker::stop()
{
    m_running = false;
    m_timer.stop();
    m_looks.clear();
    m_jobs.stop();
}

/// Of the records, those that no token has been seen of yet.
void Caretaker::meetAccounts()
{
    ObjectKey after;
    bool more = true;
    while (more) {
        more = false;
        (void)m_tools.environment->catalogue.walk(after, 1, [&](const ObjectKey &key, const auto &) {
            const QByteArray account = key.left(key.indexOf('/'));
            m_tools.accounts.see(account);
            after = account + char('/' + 1);
            more = true;
        });
    }
}

/// With the state directory the accounts are gone; the person's own identity knows one.
void Caretaker::meetOwnAccount()
{
    m_tools.tokens.obtainOwn(this, [this](const Result<Credentials> &credentials) {
        if (credentials)
            m_tools.accounts.see(credentials->account);
    });
}

/// From the end of the last one, or else from the time that the ring has been there.
Caretaker::Time Caretaker::verifyWait() const
{
    qint64 from = m_began;
    for (const auto &[number, member] : m_tools.members.all())
        from = std::min(from, member.since);
    if (const auto last = m_jobs.lastDone(kScrub, kDeep))
        from = last->changed;
    const Time interval = m_tools.environment->config.repair.deepVerifyInterval;
    return std::max<Time>(std::min<Time>(kFirstScrub, interval), Time(from) + interval - m_clock.wall());
}

bool Caretaker::knowsAllServers() const
{
    const auto &members = m_tools.members.all();
    return std::none_of(members.begin(), members.end(), [this](const auto &member) {
        return m_tools.members.unseenSince(member.second.id).has_value();
    });
}

bool Caretaker::hasNewAccounts() const
{
    const QByteArrayList accounts = m_tools.accounts.all();
    return std::any_of(accounts.begin(), accounts.end(), [this](const QByteArray &account) {
        return !m_tools.accounts.isImported(account) && !m_tools.environment->isDisabled(account);
    });
}

bool Caretaker::canImport() const
{
    const QByteArrayList accounts = m_tools.accounts.all();
    return std::any_of(accounts.begin(), accounts.end(), [this](const QByteArray &account) {
        return !m_tools.accounts.isImported(account) && !m_skipped.contains(account) &&
               !m_tools.environment->isDisabled(account);
    });
}

// ---- what is due ----

void Caretaker::lookSoon()
{
    if (m_running && (!m_timer.isActive() || m_timer.remainingTimeAsDuration() > kSoon))
        m_timer.start(kSoon);
}

void Caretaker::wantImport()
{
    m_importWanted = true;
    m_retry = kFirstRetry;
    m_importAgain = {};
    m_importDue = m_clock.steady();
    lookSoon();
}

void Caretaker::look()
{
    const Time now = m_clock.steady();
    tidyFindings();
    tidyCatalogue();
    if (m_tools.environment->backends.all().isEmpty())
        return; // The first one that is up begins it.
    if (m_importDue <= now)
        startImport();
    // What is new is gone through first, and once.
    const bool importing = m_jobs.underWay(kImport).has_value();
    const bool free = !importing && !m_jobs.underWay(kScrub);
    if (free && (m_scrubDue <= now || m_verifyDue <= now))
        startScrub(m_verifyDue <= now);
    Time next = now + kLookInterval;
    for (const Time due : {m_importDue, m_scrubDue, m_verifyDue}) {
        if (due > now)
            next = std::min(next, due);
    }
    m_timer.start(std::max<Time>(kSoon, next - now));
}

/// What was put right, or written or deleted by a client since, is a finding no more.
void Caretaker::tidyFindings()
{
    if (m_tools.findings.count() == 0)
        return;
    const state::Catalogue &catalogue = m_tools.environment->catalogue;
    m_tools.findings.withdrawIf([&](const state::Finding &finding) {
        using Kind = state::Finding::Kind;
        if (finding.kind == Kind::Damage)
            return !catalogue.debt(finding.key, finding.server);
        const auto record = catalogue.find(finding.key);
        return record && record->changed > finding.since;
    });
}

/// Records that a folder's delete covers, and deletes that nobody can undo any more.
void Caretaker::tidyCatalogue()
{
    // The scrub finds by them what is to go.
    if (m_tools.environment->catalogue.powerCutAt() > 0)
        return;
    const Time now = m_clock.wall();
    const Time tombstones = now - m_tools.environment->config.repair.tombstoneTime;
    m_tidied = m_tools.environment->catalogue.tidy(m_tidied, kTidiedAtOnce,
                                                   {(now - kCovered).count(), tombstones.count()});
}

void Caretaker::startImport()
{
    if (m_jobs.underWay(kImport))
        return;
    m_importWanted = false;
    m_importDue = m_clock.steady() + m_retry;
    if (canImport())
        (void)m_jobs.start(kImport);
}

void Caretaker::startScrub(bool deep)
{
    QJsonObject parameters;
    if (deep)
        parameters.insert(kDeep, true);
    // Whatever was written while the ring was not there, or was taken from its memory since.
    if ((m_afterStart || m_past.powerCut) && m_past.lastAlive > 0) {
        parameters.insert(QStringLiteral("unseen_from"), m_past.lastAlive);
        parameters.insert(QStringLiteral("unseen_to"), m_began);
    }
    if (m_jobs.start(kScrub, parameters))
        m_afterStart = false;
}

void Caretaker::handleEnded(qint64 id)
{
    const auto job = m_jobs.find(id);
    if (!m_running || !job)
        return;
    QJsonObject skipped = job->summary.value(QStringLiteral("skipped")).toObject();
    skipped.remove(Scrub::kEveryAccount);
    if (job->kind == kScrub || job->kind == kImport) {
        for (auto it = skipped.begin(); it != skipped.end(); ++it)
            m_skipped.insert(it.key().toLatin1());
    }
    if (job->kind == kScrub)
        handleScrubbed(*job);
    else if (job->kind == kImport)
        handleImported(*job);
    lookSoon();
}

void Caretaker::handleScrubbed(const Jobs::Info &job)
{
    const config::Repair &settings = m_tools.environment->config.repair;
    const bool done = job.state == Jobs::State::Done;
    const Time now = m_clock.steady();
    m_scrubDue = now + settings.scrubInterval;
    if (done && !knowsAllServers())
        m_scrubDue = std::min(m_scrubDue, now + nextRetry());
    if (job.parameters.value(kDeep).toBool())
        m_verifyDue = now + settings.deepVerifyInterval;
    QJsonObject skipped = job.summary.value(QStringLiteral("skipped")).toObject();
    skipped.remove(Scrub::kEveryAccount);
    const bool complete = done && skipped.isEmpty() &&
                          job.summary.value(QStringLiteral("unheard")).toObject().isEmpty() &&
                          job.summary.value(kUnsettled).toInteger() == 0;
    // One that goes on from before has not seen all of it since.
    if (complete && job.created >= m_began && !hasNewAccounts()) {
        m_past.powerCut = false;
        m_tools.environment->catalogue.endPowerCut();
        Q_EMIT settled();
    } else if (done && m_past.powerCut) {
        m_again = std::min<Time>(settings.scrubInterval, std::max<Time>(kUrgentScrub, 2 * m_again));
        m_scrubDue = std::min(m_scrubDue, now + m_again);
    }
}

void Caretaker::handleImported(const Jobs::Info &job)
{
    const Time now = m_clock.steady();
    if (m_importWanted) {
        m_importDue = now;
    } else if (job.state == Jobs::State::Done && job.summary.value(kUnsettled).toInteger() > 0) {
        m_importAgain = std::min<Time>(kFirstRetry, std::max<Time>(kUrgentScrub, 2 * m_importAgain));
        m_importDue = now + m_importAgain;
    } else if (job.state == Jobs::State::Done) {
        m_importDue = now + nextRetry();
    } else {
        m_importDue = now + m_tools.environment->config.repair.scrubInterval;
    }
}

Caretaker::Time Caretaker::nextRetry()
{
    const Time limit = m_tools.environment->config.repair.scrubInterval;
    return std::min(limit, std::exchange(m_retry, std::min(limit, 2 * m_retry)));
}

} // namespace cring::repair
