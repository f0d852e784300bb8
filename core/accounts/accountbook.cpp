// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountbook.h"

#include "core/accounts/charmfolder.h"
#include "core/accounts/localnode.h"
#include "core/accounts/prunegone.h"
#include "core/accounts/replicasurvey.h"

namespace cring::accounts {

namespace {

/// What 100,000 accounts take is a third of it.
constexpr qint64 kMostBytes = 256LL * 1024 * 1024;
/// The time of the last round that is written down is at most so old, while nothing else changes.
constexpr std::chrono::milliseconds kTimeKept = std::chrono::minutes(5);
/// Between two looks at what can be forgotten.
constexpr std::chrono::milliseconds kPruneInterval = std::chrono::hours(1);

} // namespace

/// A server before it is known whether it takes part.
struct AccountBook::Candidate
{
    const Source &source;
    QByteArray key;             ///< "": it cannot be read.
    bool isHeard = false;       ///< Its key is known, be it from earlier.
    std::optional<Error> error; ///< It cannot be reached.
};

AccountBook::AccountBook(QString directory, const IClock &clock, std::chrono::milliseconds patience)
    : m_directory(std::move(directory))
    , m_clock(clock)
    , m_patience(patience)
{
}

QString AccountBook::databaseIn(const config::NodePlace &place)
{
    return place.path + u'/' + charmfolder::kDatabase;
}

Status AccountBook::load()
{
    LocalNode node({{}, {}, config::NodePlace::kSshPort, m_directory}, m_clock, {});
    const Result<QByteArray> bytes = readAll(node, kFile, kMostBytes);
    if (!bytes) {
        m_unread =
            Error{bytes.error().code, QStringLiteral("what was known of the accounts cannot be read, and "
                                                     "nothing is done with them until it can be: %1")
                                          .arg(bytes.error().detail)};
        return *m_unread;
    }
    m_unread.reset();
    Result<Synchronised> state = Synchronised::fromBytes(*bytes);
    if (!state)
        return state.error();
    m_state = std::move(*state);
    return {};
}

/// A passing error of the disk must not make it begin anew: what was disabled or unlinked would come back.
Status AccountBook::readAtLast()
{
    if (!m_unread)
        return {};
    const Status read = load();
    if (!read && read.error().code == Code::AccountsSeen)
        m_unread = read.error();
    return read;
}

Status AccountBook::keep()
{
    if (m_directory.isEmpty())
        return {};
    m_state.lastTime = std::max(m_state.lastTime, m_lastTime);
    LocalNode node({{}, {}, config::NodePlace::kSshPort, m_directory}, m_clock, {});
    const QByteArray bytes = m_state.toBytes();
    // It could not be read again.
    const Status written =
        bytes.size() > kMostBytes
            ? Status(Error{Code::AccountsSeen, QStringLiteral("what is known of the accounts has become too "
                                                              "much to be kept")})
            : writeAll(node, kFile, bytes, 0600);
    m_unkept = !written;
    return written;
}

std::shared_ptr<const AccountBook::Known> AccountBook::known() const
{
    return std::make_shared<const Known>(
        Known{m_state.accounts, keyOwners(m_state.accounts), m_state.gone, m_state.gone.allDisabled()});
}

// ---- rounds ----

std::vector<AccountBook::Candidate> AccountBook::candidates(const QList<Source> &sources) const
{
    std::vector<Candidate> all;
    for (const Source &source : sources) {
        Candidate &one = all.emplace_back(Candidate{source, {}, true, {}});
        if (source.local) {
            one.key = source.local->key ? *source.local->key : source.local->lastKey;
            if (!source.local->key)
                one.error = source.local->key.error();
        } else if (source.remote->look) {
            one.key = source.remote->look->key;
        } else {
            one.key = source.remote->lastKey;
            one.error = source.remote->look.error();
        }
        one.isHeard = !one.key.isEmpty();
        if (one.isHeard && !source.signingKey.isEmpty() && !isOfKey(one.key, source.signingKey)) {
            one.key.clear(); // says nothing of this cluster
            one.error =
                Error{Code::BackendKeyDiffers,
                      QStringLiteral("the key in %1 is not the one that the server itself shows: look "
                                     "whether `data` names its own directory")
                          .arg(source.server.data->toString())};
        }
    }
    return all;
}

/// The one with which accounts were kept in earlier rounds. At first, the key that more servers have than any
/// other one; "" without such a key. While some have never been heard, one that is alone may be another
/// cluster's, unless it has taken part before.
QByteArray AccountBook::ownKey(const std::vector<Candidate> &candidates) const
{
    if (!m_state.serverKey.isEmpty())
        return m_state.serverKey;
    std::map<QByteArray, int> votes;
    for (const Candidate &one : candidates) {
        if (!one.key.isEmpty())
            ++votes[one.key];
    }
    const auto fewer = [](const auto &one, const auto &other) {
        return one.second < other.second;
    };
    const auto most = std::max_element(votes.begin(), votes.end(), fewer);
    const bool isAlone = most != votes.end() && std::all_of(votes.begin(), votes.end(), [&](const auto &one) {
                             return one.first == most->first || one.second < most->second;
                         });
    if (!isAlone)
        return {};
    const bool allHeard =
        std::all_of(candidates.begin(), candidates.end(), [](const Candidate &one) { return one.isHeard; });
    const bool tookPart = std::any_of(candidates.begin(), candidates.end(), [&](const Candidate &one) {
        return one.isHeard && one.key == most->first &&
               m_state.servers.contains(one.source.server.id.toUtf8());
    });
    return most->second > 1 || allHeard || tookPart ? most->first : QByteArray();
}

void AccountBook::openLocal(const QList<Source> &sources)
{
    std::set<QString> files;
    for (const Source &source : sources) {
        if (source.local)
            files.insert(databaseIn(*source.server.data));
    }
    std::erase_if(m_local, [&](const auto &one) { return !files.contains(one.first); });
    for (const QString &file : files) {
        std::unique_ptr<LocalDatabase> &database = m_local[file];
        if (!database)
            database = std::make_unique<LocalDatabase>(file, m_patience);
    }
}

/// A small cost on this machine; over SSH, what nobody has touched is not fetched again.
void AccountBook::forgetChanged(const QList<Source> &sources)
{
    for (const Source &source : sources) {
        const QString &id = source.server.id;
        QByteArray stamp;
        if (source.remote && source.remote->look)
            stamp = source.server.data->toString().toUtf8() + ' ' + source.remote->look->stamp;
        if (stamp.isEmpty() || m_read[id] != stamp)
            m_sync.forget(id.toUtf8());
        m_read[id] = stamp;
    }
}

Error AccountBook::whyLeftOut(const Candidate &one, const std::vector<Candidate> &all) const
{
    if (one.error)
        return *one.error;
    const QString place = one.source.server.data->toString();
    QStringList unheard;
    for (const Candidate &other : all) {
        if (!other.isHeard)
            unheard << other.source.server.name;
    }
    QString words = QStringLiteral("its key cannot be read in %1");
    if (!one.key.isEmpty() && !m_state.serverKey.isEmpty())
        words =
            QStringLiteral("the key in %1 is not the one of the servers whose accounts are kept here: look "
                           "whether `data` names its own directory. If the key of all servers was "
                           "changed, stop the service and remove %2 from its state directory")
                .arg(QStringLiteral("%1"), u'`' + kFile + u'`');
    else if (!one.key.isEmpty() && !unheard.isEmpty())
        words =
            QStringLiteral("the key in %1 cannot be compared with those of the others: that of %2 has not "
                           "been read yet")
                .arg(QStringLiteral("%1"), unheard.join(QStringLiteral(", ")));
    else if (!one.key.isEmpty())
        words = QStringLiteral("the key in %1 is not that of the other servers: look whether `data` names "
                               "its own directory");
    return {Code::BackendKeyDiffers, words.arg(place)};
}

/// Each time costs the length of what is remembered.
void AccountBook::prune(std::chrono::milliseconds keepGone, bool allHeard)
{
    const auto now = m_clock.steady();
    if (m_pruned && now - *m_pruned < kPruneInterval)
        return;
    m_pruned = now;
    pruneGone(m_state, m_clock.wall(), keepGone, allHeard);
}

AccountBook::Outcome AccountBook::round(const QList<Source> &sources, size_t configured,
                                        std::chrono::milliseconds keepGone, const std::stop_token &stop)
{
    const bool wasUnread = m_unread.has_value();
    if (const Status readable = readAtLast(); !readable) {
        Outcome outcome;
        for (const Source &source : sources)
            outcome.round.servers.push_back(
                {source.server.id.toUtf8(), source.server.name, readable.error(), {}});
        return outcome;
    }
    openLocal(sources);
    forgetChanged(sources);
    const std::vector<Candidate> all = candidates(sources);
    const QByteArray ours = ownKey(all);
    std::vector<SyncServer> members;
    std::vector<ServerOutcome> leftOut;
    for (const Candidate &one : all) {
        const Server &server = one.source.server;
        if (one.error || ours.isEmpty() || one.key != ours) {
            leftOut.push_back({server.id.toUtf8(), server.name, whyLeftOut(one, all), {}});
            continue;
        }
        if (one.source.remote) {
            RemoteDatabase &database = *one.source.remote->database;
            members.push_back({server.id.toUtf8(), server.name, &database.sql(), database.files()});
        } else {
            LocalDatabase &database = *m_local.at(databaseIn(*server.data));
            members.push_back({server.id.toUtf8(), server.name, &database, database.files()});
        }
    }
    // One that takes no part may have files of an account that looks blank on all others.
    if (members.size() < configured) {
        for (SyncServer &member : members)
            member.hasFiles = {};
    }
    const Synchronised before = m_state;
    Outcome outcome;
    outcome.round = m_sync.round(m_state, members, stop);
    prune(keepGone, members.size() == configured && outcome.round.isComplete());
    bool due = m_unkept;
    if (outcome.round.anyTookPart()) {
        m_state.serverKey = ours;
        m_lastTime = m_clock.wall().count();
        due = due || m_lastTime - m_state.lastTime > kTimeKept.count();
    }
    outcome.round.servers.insert(outcome.round.servers.end(), leftOut.begin(), leftOut.end());
    if (const bool same = m_state == before; !same || due || wasUnread) {
        outcome.kept = keep();
        outcome.known = same && !wasUnread ? nullptr : known();
    }
    return outcome;
}

AccountBook::Edited AccountBook::edit(const Edit &edit)
{
    if (m_unread)
        return {*m_unread, nullptr};
    const Synchronised before = m_state;
    Status status = edit(m_state);
    const bool changed = status && m_state != before;
    if (changed)
        status = keep();
    if (!status)
        m_state = before;
    // It may be in the file all the same, when only the folder could not be synced.
    if (changed && !status)
        (void)keep();
    return {status, changed && status ? known() : nullptr};
}

} // namespace cring::accounts
