// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountkeeper.h"

#include "core/accounts/accountedit.h"
#include "core/base/words.h"

#include <QDateTime>
#include <QFileInfo>

namespace cring::accounts {

namespace {

using namespace std::chrono_literals;

/// Between two looks at whether a database was written to.
constexpr auto kLook = 1s;
/// A round in any case, also for what a look cannot see.
constexpr auto kAnyway = 60s;

ssh::DirectoryAccount cardOf(const Account &account)
{
    ssh::DirectoryAccount card{account.charmId, account.name, {}};
    for (const PublicKey &key : account.keys) {
        ssh::DirectoryAccount::Key one{key.text, key.createdAt, {}};
        for (const EncryptKey &encryptKey : key.encryptKeys)
            one.encryptKeys.append({encryptKey.globalId, encryptKey.sealed, encryptKey.createdAt});
        card.keys.append(one);
    }
    return card;
}

} // namespace

AccountKeeper::AccountKeeper(const QString &stateDirectory, const IClock &clock,
                             telemetry::ActivityLog &activity, SshAccess access, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_activity(activity)
    , m_file(stateDirectory.isEmpty() ? QString() : stateDirectory + u'/' + AccountBook::kFile)
    , m_remote(clock, std::move(access))
    , m_book(std::make_shared<AccountBook>(stateDirectory, clock))
    , m_known(std::make_shared<const Known>())
{
    m_timer.setInterval(kLook);
    connect(&m_timer, &QTimer::timeout, this, &AccountKeeper::look);
    connect(&m_remote, &RemoteServers::changed, this, &AccountKeeper::hurry);
    connect(&m_local, &LocalServers::changed, this, [this] {
        if (m_running)
            hurry();
        else
            begin();
    });
}

AccountKeeper::~AccountKeeper()
{
    m_stop.request_stop();
    m_remote.callOff();
}

void AccountKeeper::load()
{
    if (m_file.isEmpty() || !QFileInfo::exists(m_file))
        return;
    const Status read = m_book->load();
    if (read) {
        // Earlier releases kept no time.
        const qint64 time = m_book->state().lastTime;
        m_syncedAt = std::chrono::milliseconds(
            time != 0 ? time : QFileInfo(m_file).lastModified().toMSecsSinceEpoch());
        m_report = Report{*m_syncedAt, {}, {}};
        learn(m_book->known());
        return;
    }
    if (read.error().code != Code::AccountsSeen) {
        say(QStringLiteral("unread"), telemetry::Level::Error, read.error().detail);
        return;
    }
    const QString aside = m_file + QStringLiteral(".damaged-%1").arg(m_clock.wall().count());
    const bool moved = QFile::rename(m_file, aside);
    m_activity.record(
        telemetry::Level::Error, telemetry::Category::Service,
        QStringLiteral("what was known of the accounts cannot be read (%1)%2; it begins anew with "
                       "what the servers have")
            .arg(read.error().detail, moved ? QStringLiteral(" and is now %1").arg(aside) : QString()));
}

void AccountKeeper::configure(const QList<Server> &servers, std::chrono::milliseconds keepGone,
                              SigningKey signingKey)
{
    m_servers = servers;
    m_signingKey = std::move(signingKey);
    m_keepGone = keepGone;
    m_due = m_clock.steady();
    std::map<QString, config::NodePlace> local;
    std::map<QString, config::NodePlace> remote;
    const QList<Server> all = reachable();
    for (const Server &server : all)
        (server.data->isLocal() ? local : remote).emplace(server.id, *server.data);
    m_local.configure(local);
    m_remote.configure(remote);
    if (all.isEmpty())
        m_timer.stop();
    else
        m_timer.start();
}

bool AccountKeeper::hasAccessTo(const QString &id) const
{
    return std::any_of(m_servers.begin(), m_servers.end(),
                       [&](const Server &server) { return server.id == id && server.data; });
}

QList<AccountKeeper::Server> AccountKeeper::reachable() const
{
    QList<Server> list;
    std::copy_if(m_servers.begin(), m_servers.end(), std::back_inserter(list),
                 [](const Server &server) { return server.data.has_value(); });
    return list;
}

// ---- rounds ----

void AccountKeeper::look()
{
    if (m_running)
        return;
    if (m_clock.steady() >= m_due) {
        begin();
        return;
    }
    m_local.poll();
    m_remote.poll();
}

void AccountKeeper::hurry()
{
    m_due = m_clock.steady();
}

void AccountKeeper::sync(QObject *context, Synced done)
{
    if (reachable().isEmpty()) {
        done(Error{Code::NotFound,
                   QStringLiteral("no server's data directory is known: name it with `data` in "
                                  "the configuration, or `cring backends edit NAME --data`")});
        return;
    }
    (m_reading ? m_next : m_waiting).push_back({context, std::move(done)});
    if (!m_running)
        begin();
}

void AccountKeeper::begin()
{
    m_running = true;
    m_begun = m_clock.wall();
    m_due = m_clock.steady() + kAnyway;
    m_local.look([this] { m_remote.look([this] { beginRound(); }); });
}

void AccountKeeper::beginRound()
{
    m_reading = true;
    QList<AccountBook::Source> sources;
    const QList<Server> servers = reachable();
    for (const Server &server : servers) {
        AccountBook::Source source{server, {}, {}};
        if (m_signingKey)
            source.signingKey = m_signingKey(server.id);
        if (server.data->isLocal())
            source.local = m_local.at(server.id);
        else
            source.remote = m_remote.at(server.id);
        sources.append(source);
    }
    const auto configured = static_cast<size_t>(m_servers.size());
    m_worker.run([this, book = m_book, sources, configured, keepGone = m_keepGone,
                  stop = m_stop.get_token()]() -> LoneWorker::Message {
        const auto outcome =
            std::make_shared<const AccountBook::Outcome>(book->round(sources, configured, keepGone, stop));
        return [this, outcome] {
            learn(outcome->known);
            handleRound(outcome->round, outcome->kept);
        };
    });
}

void AccountKeeper::learn(std::shared_ptr<const Known> known)
{
    if (!known)
        return; // what was known holds
    {
        const QMutexLocker lock(&m_mutex);
        m_known.swap(known);
    }
    if (m_known->disabled != known->disabled)
        Q_EMIT disabledChanged();
}

void AccountKeeper::handleRound(const RoundOutcome &outcome, const Status &kept)
{
    m_running = m_reading = false;
    m_report = Report{m_clock.wall(), outcome, m_begun};
    if (outcome.anyTookPart())
        m_syncedAt = m_report->at;
    say(QStringLiteral("file"), telemetry::Level::Error,
        kept ? QString()
             : QStringLiteral("what is known of the accounts cannot be written down: %1")
                   .arg(kept.error().detail));
    tell(outcome);
    const std::vector<Waiting> told = std::exchange(m_waiting, std::exchange(m_next, {}));
    for (const Waiting &one : told) {
        if (one.context)
            one.done(*m_report);
    }
    Q_EMIT synchronised();
    if (!m_waiting.empty() && !m_running)
        begin();
}

void AccountKeeper::tell(const RoundOutcome &outcome)
{
    for (const ServerOutcome &server : outcome.servers) {
        const bool failed = server.error && server.error->code != Code::AccountsStopped;
        say(QStringLiteral("server ") + server.name, telemetry::Level::Warning,
            failed ? QStringLiteral("its accounts could not be brought up to date: %1").arg(server.problem())
                   : QString(),
            server.name);
        if (server.done > 0) {
            m_activity.record(telemetry::Level::Info, telemetry::Category::Service,
                              QStringLiteral("got what others know of accounts: %1")
                                  .arg(words::counted(server.done, "change")),
                              server.name);
        }
    }
    QStringList clashes;
    for (const Clash &clash : outcome.clashes)
        clashes << clash.toString();
    say(QStringLiteral("clashes"), telemetry::Level::Warning, clashes.join(QStringLiteral("; ")));
}

/// Once, until it is something else, or over.
void AccountKeeper::say(const QString &topic, telemetry::Level level, const QString &text,
                        const QString &server)
{
    if (m_said.value(topic) == text)
        return;
    m_said.insert(topic, text);
    if (!text.isEmpty())
        m_activity.record(level, telemetry::Category::Service, text, server);
}

// ---- the directory ----

std::shared_ptr<const AccountSet> AccountKeeper::accounts() const
{
    const QMutexLocker lock(&m_mutex);
    return {m_known, &m_known->accounts};
}

std::shared_ptr<const ssh::DirectoryAccount> AccountKeeper::find(const QByteArray &keyText) const
{
    std::shared_ptr<const Known> known;
    {
        const QMutexLocker lock(&m_mutex);
        known = m_known;
    }
    const auto found = known->accounts.find(known->owners.value(keyText));
    return found == known->accounts.end()
               ? nullptr
               : std::make_shared<const ssh::DirectoryAccount>(cardOf(found->second));
}

std::optional<std::chrono::milliseconds> AccountKeeper::synchronisedAt() const
{
    return m_syncedAt;
}

bool AccountKeeper::isDisabled(const QByteArray &charmId) const
{
    const QMutexLocker lock(&m_mutex);
    return m_known->disabled.contains(charmId);
}

std::shared_ptr<const std::set<QByteArray>> AccountKeeper::disabledAccounts() const
{
    const QMutexLocker lock(&m_mutex);
    return {m_known, &m_known->disabled};
}

std::shared_ptr<const Gone> AccountKeeper::gone() const
{
    const QMutexLocker lock(&m_mutex);
    return {m_known, &m_known->gone};
}

// ---- changes by people ----

void AccountKeeper::edit(Edit edit, QObject *context, std::function<void(const Status &)> done)
{
    m_worker.run([this, book = m_book, edit = std::move(edit), context = QPointer<QObject>(context),
                  done = std::move(done)]() -> LoneWorker::Message {
        const AccountBook::Edited edited = book->edit(edit);
        return [this, edited, context, done] {
            learn(edited.known);
            hurry();
            if (context)
                done(edited.status);
        };
    });
}

void AccountKeeper::inspect(std::function<void(const Synchronised &)> look, QObject *context,
                            std::function<void()> done)
{
    m_worker.run([book = m_book, look = std::move(look), context = QPointer<QObject>(context),
                  done = std::move(done)]() -> LoneWorker::Message {
        look(book->state());
        return [context, done] {
            if (context)
                done();
        };
    });
}

/// It is gone from what all are to hold, and the next round takes it from every server.
void AccountKeeper::unlink(const QByteArray &charmId, const QByteArray &keyText, QObject *context, Done done)
{
    edit([charmId, keyText](Synchronised &state) { return edit::unlink(state, charmId, keyText); }, context,
         std::move(done));
}

} // namespace cring::accounts
