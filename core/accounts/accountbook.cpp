// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/accountbook.h"

#include "core/accounts/charmfolder.h"
#include "core/accounts/localnode.h"
#include "core/accounts/localsql.h"

namespace cring::accounts {

namespace {

/// What 100,000 accounts take is a third of it.
constexpr qint64 kMostBytes = 256LL * 1024 * 1024;

} // namespace

/// A server before it is known whether it takes part.
struct AccountBook::Candidate
{
    const Source &source;
    QByteArray key;             ///< "": it cannot be read.
    bool isHeard = false;       ///< Its key is known, be it from earlier.
    std::optional<Error> error; ///< It cannot be reached.
};

AccountBook::AccountBook(QString directory, const IClock &clock)
    : m_directory(std::move(directory))
    , m_clock(clock)
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
    if (!bytes)
        return bytes.error();
    Result<Synchronised> state = Synchronised::fromBytes(*bytes);
    if (!state)
        return state.error();
    m_state = std::move(*state);
    return {};
}

Status AccountBook::keep()
{
    if (m_directory.isEmpty())
        return {};
    LocalNode node({{}, {}, config::NodePlace::kSshPort, m_directory}, m_clock, {});
    const Status written = writeAll(node, kFile, m_state.toBytes(), 0600);
    m_unkept = !written;
    return written;
}

std::shared_ptr<const AccountBook::Known> AccountBook::known() const
{
    return std::make_shared<const Known>(Known{m_state.accounts, keyOwners(m_state.accounts), m_state.gone});
}

// ---- rounds ----

std::vector<AccountBook::Candidate> AccountBook::candidates(const QList<Source> &sources) const
{
    std::vector<Candidate> all;
    for (const Source &source : sources) {
        Candidate &one = all.emplace_back(Candidate{source, {}, true, {}});
        if (!source.remote) {
            LocalNode node(*source.server.data, m_clock, {});
            const Result<QByteArray> key = serverKeyIn(node);
            one.key = key ? *key : QByteArray();
        } else if (source.remote->look) {
            one.key = source.remote->look->key;
        } else {
            one.key = source.remote->lastKey;
            one.isHeard = !one.key.isEmpty();
            one.error = source.remote->look.error();
        }
    }
    return all;
}

/// The key that more servers have than any other one; "" without such a key. While some have never been
/// heard, one that is alone may be another cluster's, unless it has taken part before.
QByteArray AccountBook::ownKey(const std::vector<Candidate> &candidates) const
{
    std::map<QByteArray, int> votes;
    for (const Candidate &one : candidates) {
        if (one.isHeard)
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

Error AccountBook::whyLeftOut(const Candidate &one, const std::vector<Candidate> &all)
{
    if (one.error)
        return *one.error;
    const QString place = one.source.server.data->toString();
    const bool othersAreUnheard =
        std::any_of(all.begin(), all.end(), [](const Candidate &other) { return !other.isHeard; });
    QString words = QStringLiteral("its key cannot be read in %1");
    if (!one.key.isEmpty() && othersAreUnheard)
        words = QStringLiteral("the key in %1 cannot be compared with those of the others, which have not "
                               "been reached yet");
    else if (!one.key.isEmpty())
        words = QStringLiteral("the key in %1 is not that of the other servers: look whether `data` names "
                               "its own directory");
    return {Code::BackendKeyDiffers, words.arg(place)};
}

AccountBook::Outcome AccountBook::round(const QList<Source> &sources, const std::stop_token &stop)
{
    forgetChanged(sources);
    const std::vector<Candidate> all = candidates(sources);
    const QByteArray ours = ownKey(all);
    std::vector<std::unique_ptr<ISqlRunner>> local;
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
            const QString file = databaseIn(*server.data);
            local.push_back(std::make_unique<LocalSql>(file));
            members.push_back({server.id.toUtf8(), server.name, local.back().get(), filesBeside(file)});
        }
    }
    const Synchronised before = m_state;
    Outcome outcome;
    outcome.round = m_sync.round(m_state, members, stop);
    outcome.round.servers.insert(outcome.round.servers.end(), leftOut.begin(), leftOut.end());
    if (const bool same = m_state == before; !same || m_unkept) {
        outcome.kept = keep();
        outcome.known = same ? nullptr : known();
    }
    return outcome;
}

AccountBook::Edited AccountBook::edit(const Edit &edit)
{
    const Synchronised before = m_state;
    Status status = edit(m_state);
    const bool changed = status && m_state != before;
    if (changed)
        status = keep();
    if (!status)
        m_state = before;
    return {status, changed && status ? known() : nullptr};
}

} // namespace cring::accounts
