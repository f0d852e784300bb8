// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/listingmerge.h"

#include "core/charm/trialname.h"
#include "core/http/exchange.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"

#include <QSet>

#include <algorithm>

namespace cring::gateway {

using replica::CopyState;
using replica::ObjectKey;

ListingMerge::ListingMerge(replica::Environment &environment, const replica::Credentials &credentials,
                           const QByteArray &path, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_credentials(credentials)
    , m_path(path)
    , m_key(replica::objectKey(credentials.account, path))
{
    m_rest.setSingleShot(true);
    connect(&m_rest, &QTimer::timeout, this, &ListingMerge::conclude);
}

void ListingMerge::start()
{
    m_imported = m_environment.accounts.isImported(m_credentials.account);
    m_environment.locks.whenFree(m_key, this, m_environment.readerWait(), [this](bool isFree) {
        if (!isFree) {
            m_done = true;
            Q_EMIT finished(replica::beingWritten(), {});
            return;
        }
        const http::Request request = replica::fileRequest("GET", m_credentials, m_path);
        m_waiting = 1;
        const QList<health::Backend *> all = m_environment.backends.all();
        for (health::Backend *backend : all) {
            if (!m_environment.catalogue.trusts(backend->id())) {
                m_reasons << backend->name() + QStringLiteral(" has missed too many changes to be asked");
                continue;
            }
            if (!replica::admits(*backend, m_reasons))
                continue;
            ++m_waiting;
            replica::askForAccount(
                m_environment, *backend, m_credentials.account, request,
                m_environment.config.timing.answerTimeout, charm::kMaxListing, this,
                [this, backend](const Result<http::Response> &result) { handleAnswer(backend, result); });
        }
        --m_waiting;
        evaluate();
    });
}

void ListingMerge::handleAnswer(health::Backend *backend, const Result<http::Response> &result)
{
    --m_waiting;
    if (m_done)
        return;
    if (!result) {
        m_reasons << backend->name() + u' ' + result.error().detail;
        evaluate();
        return;
    }
    const QByteArray type = result->headers.value("Content-Type");
    if (result->status == 200 && type.startsWith("application/json")) {
        auto listing = charm::parseListing(result->body);
        if (listing && m_path.isEmpty())
            std::erase_if(listing->files, [this](const charm::Entry &entry) {
                return !entry.isDir && charm::isTrialName(entry.name) &&
                       !m_environment.catalogue.find(m_key + '/' + entry.name);
            });
        if (listing)
            m_answers.push_back({backend, std::move(*listing), result->headers.value("X-File-Mode")});
        else
            m_reasons << backend->name() + u' ' + listing.error().detail;
    } else if (replica::isMissingUser(result->status, result->body)) {
        // It can hold nothing of the account, and says nothing about the folder.
        ++m_missingUsers;
        m_missingUser = replica::Outcome{404, type, result->body, {}};
        m_reasons << backend->name() + u' ' + replica::describeAnswer(404, type, result->body);
    } else if (result->status == 404) {
        ++m_absences;
        m_absent << backend->id();
        m_notFound = replica::Outcome{404, type, result->body, {}};
    } else {
        const QString words = result->status == 200
                                  ? QStringLiteral("has a file where the others have a folder")
                                  : replica::describeAnswer(result->status, type, result->body);
        m_reasons << backend->name() + u' ' + words;
        if (result->status / 100 == 4)
            m_refused = replica::Outcome{result->status, type, result->body, words};
        m_refusals += result->status / 100 == 4 ? 1 : 0;
    }
    evaluate();
}

void ListingMerge::evaluate()
{
    if (m_done)
        return;
    if (m_waiting == 0 || (m_imported && !m_answers.empty() && speaksForAll(m_answers.back())))
        conclude();
    else if (isEnough() && !m_rest.isActive())
        m_rest.start(m_imported ? m_environment.config.timing.listingTimeout : m_environment.kAbsenceGrace);
}

/// A listing made of the answers so far can be complete.
bool ListingMerge::isEnough() const
{
    if (m_imported)
        return heard() > 0;
    return (m_answers.empty() ? m_absences : heard()) >= m_environment.absenceQuorum(m_credentials.account);
}

/// It has every name that is known, and no other one: whether a quorum has that, the others know.
bool ListingMerge::speaksForAll(const Answer &answer) const
{
    QSet<QByteArray> names;
    for (const charm::Entry &entry : answer.listing.files) {
        const ObjectKey key = m_key + '/' + entry.name;
        if (!m_environment.catalogue.lives(key) && !m_environment.catalogue.find(key))
            return false;
        names.insert(entry.name);
    }
    const QByteArrayList known = m_environment.catalogue.names(m_key);
    return std::all_of(known.begin(), known.end(),
                       [&](const QByteArray &name) { return names.contains(name); });
}

bool ListingMerge::isHidden(const ObjectKey &key, const QString &backend) const
{
    const auto record = m_environment.catalogue.find(key);
    if (record && record->deleted)
        return !m_environment.catalogue.livesBelow(key, record->version);
    // Where the catalogue has nothing to say, a copy in doubt or behind has not either, as long as somebody
    // can say it better.
    return !record && m_environment.catalogue.copyState(key, backend) != CopyState::Unknown &&
           isAnsweredFor(key);
}

/// An owner of the path that nothing is held against has answered.
bool ListingMerge::isAnsweredFor(const ObjectKey &key) const
{
    const QList<health::Backend *> owners = m_environment.owners(key);
    return std::any_of(owners.begin(), owners.end(), [&](const health::Backend *owner) {
        const bool answered = m_absent.contains(owner->id()) ||
                              std::any_of(m_answers.begin(), m_answers.end(),
                                          [&](const Answer &answer) { return answer.backend == owner; });
        return answered && m_environment.catalogue.copyState(key, owner->id()) == CopyState::Unknown;
    });
}

void ListingMerge::hideWhatIsGone(Answer &answer) const
{
    std::erase_if(answer.listing.files, [&](const charm::Entry &entry) {
        return isHidden(m_key + '/' + entry.name, answer.backend->id());
    });
}

void ListingMerge::conclude()
{
    if (m_done)
        return;
    m_done = true;
    m_rest.stop();
    const bool allHeard = heard() == m_environment.backends.size();
    if (m_answers.empty() && m_missingUser && allHeard && m_absences == 0) {
        Q_EMIT finished(*m_missingUser, {});
        return;
    }
    // Without any server in the configuration, none at all are "all".
    if (heard() == 0 || (!isEnough() && !(m_answers.empty() && allHeard))) {
        concludeWithout();
        return;
    }
    const auto record = m_environment.catalogue.find(m_key);
    const bool isThere =
        m_imported ? m_environment.catalogue.lives(m_key) || !m_answers.empty() : !m_answers.empty();
    if (!isThere || (record && isHidden(m_key, {}))) {
        Q_EMIT finished(m_notFound ? *m_notFound : replica::refusal(404, QStringLiteral("file not found")),
                        {});
        return;
    }
    charm::Listing merged = mergedAnswers();
    if (m_imported)
        merged = fromCatalogue(std::move(merged));
    else if (const QByteArray missing = missingName(merged); !missing.isEmpty()) {
        m_reasons << QStringLiteral("none that holds \"%1\" can be reached").arg(QString::fromUtf8(missing));
        concludeWithout();
        return;
    }
    Q_EMIT finished({200, "application/json", charm::serialise(merged), {}},
                    m_answers.empty() ? QByteArray::number(merged.mode) : m_answers.front().mode);
}

charm::Listing ListingMerge::mergedAnswers()
{
    std::vector<charm::Listing> listings;
    for (Answer &answer : m_answers) {
        hideWhatIsGone(answer);
        listings.push_back(answer.listing); // its names are still asked for
    }
    return charm::merge(listings);
}

/// The servers' answers cannot make a whole.
void ListingMerge::concludeWithout()
{
    const bool covered = m_environment.archive.covers(m_credentials.account);
    if (m_imported && covered && m_environment.isReadOnly(m_credentials.account)) {
        if (m_environment.catalogue.lives(m_key)) {
            const charm::Listing recorded = fromCatalogue({});
            Q_EMIT finished({200, "application/json", charm::serialise(recorded), {}},
                            QByteArray::number(recorded.mode));
        } else {
            Q_EMIT finished(replica::refusal(404, QStringLiteral("file not found")), {});
        }
        return;
    }
    // What a quorum has not got, or refuses, is not asked about elsewhere.
    const int against = m_absences + m_missingUsers + m_refusals;
    if (m_imported || !covered || (m_answers.empty() && against >= m_environment.config.quorum())) {
        refuse();
        return;
    }
    m_environment.archive.list(m_key, this, [this](const Result<std::optional<charm::Listing>> &listing) {
        handleArchived(listing);
    });
}

void ListingMerge::handleArchived(const Result<std::optional<charm::Listing>> &listing)
{
    if (!listing) {
        m_reasons << listing.error().detail;
        refuse();
        return;
    }
    const auto record = m_environment.catalogue.find(m_key);
    const bool isThere = *listing || !m_answers.empty() || m_environment.catalogue.lives(m_key);
    if (!isThere || (record && isHidden(m_key, {}))) {
        Q_EMIT finished(replica::refusal(404, QStringLiteral("file not found")), {});
        return;
    }
    charm::Listing merged = mergedAnswers();
    if (*listing) {
        charm::Listing archived = **listing;
        std::erase_if(archived.files, [this](const charm::Entry &entry) {
            const auto known = m_environment.catalogue.find(m_key + '/' + entry.name);
            return known && known->deleted && isHidden(m_key + '/' + entry.name, {});
        });
        merged = charm::merge(std::vector<charm::Listing>{std::move(archived), std::move(merged)});
    }
    fillIn(merged);
    Q_EMIT finished({200, "application/json", charm::serialise(merged), {}}, QByteArray::number(merged.mode));
}

/// What servers say of a path that is recorded is not asked for; what is not recorded is shown when so many
/// of its owners have it that it may be somebody's acknowledged write past the ring.
charm::Listing ListingMerge::fromCatalogue(charm::Listing merged) const
{
    const QSet<QByteArray> shared = atAQuorum();
    std::erase_if(merged.files, [&](const charm::Entry &entry) {
        return !shared.contains(entry.name) && !m_environment.catalogue.lives(m_key + '/' + entry.name);
    });
    fillIn(merged);
    return merged;
}

/// What is recorded and not listed, or listed as something else.
void ListingMerge::fillIn(charm::Listing &merged) const
{
    if (merged.modTime.isEmpty()) {
        merged.name = m_path.mid(m_path.lastIndexOf('/') + 1);
        merged.modTime = charm::instantText(m_environment.clock.wall().count());
        const auto folder = m_environment.catalogue.find(m_key);
        merged.mode = folder && folder->folder ? folder->mode : replica::Folders::modeFor(0);
    }
    QHash<QByteArray, size_t> shown;
    for (size_t i = 0; i < merged.files.size(); ++i)
        shown.insert(merged.files[i].name, i);
    const QByteArrayList known = m_environment.catalogue.names(m_key);
    for (const QByteArray &name : known) {
        const auto record = m_environment.catalogue.find(m_key + '/' + name);
        if (!shown.contains(name)) {
            // A mark on a copy is no file.
            if (m_environment.catalogue.lives(m_key + '/' + name))
                merged.files.push_back(recorded(name));
            continue;
        }
        charm::Entry &entry = merged.files[shown.value(name)];
        const bool isFile = record && !record->deleted && !record->folder;
        // A server that is behind says the size of what it has.
        if (isFile && record->size >= 0 && (entry.isDir || entry.size != record->size))
            entry = recorded(name);
    }
    std::sort(merged.files.begin(), merged.files.end(),
              [](const charm::Entry &a, const charm::Entry &b) { return a.name < b.name; });
}

charm::Entry ListingMerge::recorded(const QByteArray &name) const
{
    const auto record = m_environment.catalogue.find(m_key + '/' + name);
    if (record && !record->deleted && !record->folder)
        return charm::makeEntry(name, false, std::max<qint64>(0, record->size), record->mode,
                                record->changed);
    const quint32 mode = record && record->folder ? record->mode : replica::Folders::modeFor(0);
    return charm::makeEntry(name, true, 0, mode,
                            record ? record->changed : m_environment.clock.wall().count());
}

/// Names that a quorum of their owners has.
QSet<QByteArray> ListingMerge::atAQuorum() const
{
    QHash<QByteArray, int> counts;
    QSet<QByteArray> names;
    for (const Answer &answer : m_answers) {
        for (const charm::Entry &entry : answer.listing.files) {
            const ObjectKey key = m_key + '/' + entry.name;
            if (m_environment.owners(key).contains(answer.backend) &&
                ++counts[entry.name] >= m_environment.config.quorum())
                names.insert(entry.name);
        }
    }
    return names;
}

int ListingMerge::heard() const
{
    return static_cast<int>(m_answers.size()) + m_absences + m_missingUsers;
}

/// A name that is known to be in the folder, and that nobody who has answered could speak for. The listing is
/// merged, and so by name.
QByteArray ListingMerge::missingName(const charm::Listing &listing) const
{
    const QByteArrayList known = m_environment.catalogue.names(m_key);
    for (const QByteArray &name : known) {
        const auto entry = std::lower_bound(
            listing.files.begin(), listing.files.end(), name,
            [](const charm::Entry &one, const QByteArray &wanted) { return one.name < wanted; });
        const bool listed = entry != listing.files.end() && entry->name == name;
        if (!listed && !isAnsweredFor(m_key + '/' + name))
            return name;
    }
    return {};
}

void ListingMerge::refuse()
{
    if (m_refused) {
        Q_EMIT finished(*m_refused, {});
        return;
    }
    Q_EMIT finished(
        replica::refusal(503, QStringLiteral("the folder's listing would not be complete: %1 of %2 servers "
                                             "answered, need %3: %4")
                                  .arg(heard())
                                  .arg(m_environment.backends.size())
                                  .arg(m_environment.absenceQuorum(m_credentials.account))
                                  .arg(replica::listed(m_reasons))),
        {});
}

} // namespace cring::gateway
