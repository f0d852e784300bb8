// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountkeeper.h"

#include "core/accounts/charmfolder.h"
#include "core/accounts/localnode.h"
#include "core/accounts/localsql.h"
#include "core/base/random.h"

#include <QDateTime>
#include <QFileInfo>

namespace cring::accounts {

namespace {

using namespace std::chrono_literals;

/// Between two looks at whether a database was written to.
constexpr auto kLook = 1s;
/// A round in any case, also for what a look cannot see.
constexpr auto kAnyway = 60s;
const QString kFile = QStringLiteral("accounts");
/// What 100,000 accounts take is a third of it.
constexpr qint64 kMostBytes = 256LL * 1024 * 1024;

QString databaseOf(const config::NodePlace &place)
{
    return place.path + u'/' + charmfolder::kDatabase;
}

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

/// Whose key is that of more servers than any other. Without such a key, nobody's.
QByteArray keyOfMost(const QList<QByteArray> &keys)
{
    QByteArray most;
    for (const QByteArray &key : keys) {
        if (keys.count(key) > keys.count(most))
            most = key;
    }
    const bool alone = std::all_of(keys.begin(), keys.end(), [&](const QByteArray &key) {
        return key == most || keys.count(key) < keys.count(most);
    });
    return alone ? most : QByteArray();
}

/// Of a key that is not the account's nothing changes.
Status unlinkKey(Synchronised &state, const QByteArray &charmId, const QByteArray &keyText)
{
    const auto found = state.accounts.find(charmId);
    const PublicKey *key = found == state.accounts.end() ? nullptr : findKey(found->second.keys, keyText);
    if (!key)
        return {};
    if (found->second.keys.size() == 1)
        return Error{Code::LoginRefused,
                     QStringLiteral("this is the last key of its account, which goes with it: unlink it when "
                                    "a server is back")};
    state.gone.keys[{charmId, keyText}] = key->createdAt;
    found->second.keys.removeIf([&](const PublicKey &one) { return one.text == keyText; });
    return {};
}

} // namespace

struct AccountKeeper::Book
{
    QString directory; ///< "": nothing is written.
    const IClock &clock;
    Synchronised state = {};
    SystemRandom random = {};

    bool unkept = false; ///< What is in the file is older.

    /// The public key of a server, without the comment; "" when it cannot be read.
    QByteArray keyOf(const config::NodePlace &place) const
    {
        LocalNode node(place, clock, {});
        const Result<QByteArray> text = readAll(node, charmfolder::kPublicKey);
        return text ? text->simplified().split(' ').mid(0, 2).join(' ') : QByteArray();
    }

    std::shared_ptr<const Known> known() const
    {
        return std::make_shared<const Known>(Known{state.accounts, keyOwners(state.accounts), state.gone});
    }

    Status keep()
    {
        if (directory.isEmpty())
            return {};
        LocalNode node({{}, {}, config::NodePlace::kSshPort, directory}, clock, {});
        const Status written = writeAll(node, kFile, state.toBytes(), 0600);
        unkept = !written;
        return written;
    }
};

AccountKeeper::AccountKeeper(const QString &stateDirectory, const IClock &clock,
                             telemetry::ActivityLog &activity, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_activity(activity)
    , m_file(stateDirectory.isEmpty() ? QString() : stateDirectory + u'/' + kFile)
    , m_book(std::make_shared<Book>(Book{stateDirectory, clock}))
    , m_known(std::make_shared<const Known>())
{
    m_timer.setInterval(kLook);
    connect(&m_timer, &QTimer::timeout, this, &AccountKeeper::look);
}

AccountKeeper::~AccountKeeper()
{
    m_stop.request_stop();
}

void AccountKeeper::load()
{
    if (m_file.isEmpty() || !QFileInfo::exists(m_file))
        return;
    LocalNode node({{}, {}, config::NodePlace::kSshPort, m_book->directory}, m_clock, {});
    const Result<QByteArray> bytes = readAll(node, kFile, kMostBytes);
    Result<Synchronised> state =
        bytes ? Synchronised::fromBytes(*bytes) : Result<Synchronised>(bytes.error());
    if (state) {
        m_report =
            Report{std::chrono::milliseconds(QFileInfo(m_file).lastModified().toMSecsSinceEpoch()), {}};
        m_book->state = std::move(*state);
        learn(m_book->known());
        return;
    }
    const QString aside = m_file + QStringLiteral(".damaged-%1").arg(m_clock.wall().count());
    const bool moved = QFile::rename(m_file, aside);
    m_activity.record(
        telemetry::Level::Error, telemetry::Category::Service,
        QStringLiteral("what was known of the accounts cannot be read (%1)%2; it begins anew with "
                       "what the servers have")
            .arg(state.error().detail, moved ? QStringLiteral(" and is now %1").arg(aside) : QString()));
}

void AccountKeeper::configure(const QList<Server> &servers)
{
    m_servers = servers;
    m_due = m_clock.steady();
    if (reachable().isEmpty())
        m_timer.stop();
    else
        m_timer.start();
}

/// A database of another machine is not reached yet.
QList<AccountKeeper::Server> AccountKeeper::reachable() const
{
    QList<Server> list;
    std::copy_if(m_servers.begin(), m_servers.end(), std::back_inserter(list),
                 [](const Server &server) { return server.data && server.data->isLocal(); });
    return list;
}

// ---- rounds ----

/// Sizes and times of the files that a writer touches. Stats alone: opening them would take SQLite's locks
/// away (LocalSql).
QByteArray AccountKeeper::stampOf(const QList<Server> &servers)
{
    QByteArray stamp;
    for (const Server &server : servers) {
        for (const QString &suffix : {QString(), QStringLiteral("-wal")}) {
            const QFileInfo file(databaseOf(*server.data) + suffix);
            stamp += QByteArray::number(file.size()) + '@' +
                     QByteArray::number(file.lastModified().toMSecsSinceEpoch()) + ' ';
        }
    }
    return stamp;
}

void AccountKeeper::look()
{
    if (m_running)
        return;
    if (m_clock.steady() >= m_due || stampOf(reachable()) != m_stamp)
        begin();
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
    (m_running ? m_next : m_waiting).push_back({context, std::move(done)});
    if (!m_running)
        begin();
}

void AccountKeeper::begin()
{
    m_running = true;
    m_due = m_clock.steady() + kAnyway;
    const QList<Server> servers = reachable();
    m_stamp = stampOf(servers);
    m_workers.run([this, book = m_book, servers, stop = m_stop.get_token()] {
        QList<QByteArray> keys;
        for (const Server &server : servers)
            keys << book->keyOf(*server.data);
        const QByteArray ours = keyOfMost(keys);
        std::vector<std::unique_ptr<ISqlRunner>> runners;
        std::vector<SyncServer> all;
        std::vector<ServerOutcome> foreign;
        for (qsizetype i = 0; i < servers.size(); ++i) {
            const Server &server = servers[i];
            if (ours.isEmpty() || keys[i] != ours) {
                ServerOutcome &said = foreign.emplace_back();
                said.id = server.id.toUtf8();
                said.name = server.name;
                said.error = Error{
                    Code::BackendKeyDiffers,
                    keys[i].isEmpty() ? QStringLiteral("its key cannot be read in %1").arg(server.data->path)
                                      : QStringLiteral("the key in %1 is not that of the other servers: look "
                                                       "whether `data` names its own directory")
                                            .arg(server.data->path)};
                continue;
            }
            const QString file = databaseOf(*server.data);
            runners.push_back(std::make_unique<LocalSql>(file));
            all.push_back({server.id.toUtf8(), server.name, runners.back().get(), filesBeside(file)});
        }
        const Synchronised before = book->state;
        auto outcome =
            std::make_shared<RoundOutcome>(AccountSync(book->random).round(book->state, all, stop));
        outcome->servers.insert(outcome->servers.end(), foreign.begin(), foreign.end());
        const bool same = book->state == before;
        const Status kept = same && !book->unkept ? Status() : book->keep();
        const auto known = same ? nullptr : book->known();
        m_workers.post(this, [this, outcome, kept, known] {
            learn(known);
            handleRound(*outcome, kept);
        });
    });
}

void AccountKeeper::learn(std::shared_ptr<const Known> known)
{
    if (!known)
        return; // what was known holds
    const QMutexLocker lock(&m_mutex);
    m_known.swap(known);
}

void AccountKeeper::handleRound(const RoundOutcome &outcome, const Status &kept)
{
    m_running = false;
    m_report = Report{m_clock.wall(), outcome};
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
            failed
                ? QStringLiteral("its accounts could not be brought up to date: %1").arg(server.error->detail)
                : QString(),
            server.name);
        if (server.done > 0) {
            m_activity.record(telemetry::Level::Info, telemetry::Category::Service,
                              QStringLiteral("got what others know of accounts: %1 changes").arg(server.done),
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
    return m_report ? std::optional(m_report->at) : std::nullopt;
}

bool AccountKeeper::isDisabled(const QByteArray &charmId) const
{
    const QMutexLocker lock(&m_mutex);
    return m_known->gone.isDisabled(charmId);
}

// ---- changes by people ----

void AccountKeeper::edit(Edit edit, QObject *context, std::function<void(const Status &)> done)
{
    m_workers.run([this, book = m_book, edit = std::move(edit), context = QPointer<QObject>(context),
                   done = std::move(done)] {
        const Synchronised before = book->state;
        Status status = edit(book->state);
        const bool changed = status && book->state != before;
        if (changed)
            status = book->keep();
        if (!status)
            book->state = before;
        const auto known = changed && status ? book->known() : nullptr;
        m_workers.post(this, [this, known, status, context, done] {
            learn(known);
            hurry();
            if (context)
                done(status);
        });
    });
}

void AccountKeeper::inspect(std::function<void(const Synchronised &)> look, QObject *context,
                            std::function<void()> done)
{
    m_workers.run([this, book = m_book, look = std::move(look), context = QPointer<QObject>(context),
                   done = std::move(done)] {
        look(book->state);
        m_workers.post(this, [context, done] {
            if (context)
                done();
        });
    });
}

/// It is gone from what all are to hold, and the next round takes it from every server.
void AccountKeeper::unlink(const QByteArray &charmId, const QByteArray &keyText, QObject *context, Done done)
{
    edit([charmId, keyText](Synchronised &state) { return unlinkKey(state, charmId, keyText); }, context,
         std::move(done));
}

} // namespace cring::accounts
