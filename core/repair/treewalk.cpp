// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/treewalk.h"

#include "core/charm/trialname.h"
#include "core/replica/answers.h"
#include "core/replica/requests.h"

#include <algorithm>

namespace cring::repair {

using replica::isAtOrBelow;

namespace {

using namespace std::chrono_literals;

/// Tries at one listing before it is given up.
constexpr int kTries = 3;
constexpr auto kFirstRetry = 500ms;
/// Folders of a server that cannot be listed before the server is not asked any more.
constexpr qsizetype kMostUnlisted = 1'000;

} // namespace

TreeWalk::TreeWalk(Environment &environment, health::Backend &backend, const Credentials &credentials,
                   QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_use(environment.use)
    , m_backend(backend)
    , m_credentials(credentials)
    , m_account(credentials.account)
{
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &TreeWalk::ask);
}

void TreeWalk::start(const ObjectKey &after)
{
    m_after = after;
    list(m_account);
}

void TreeWalk::advance()
{
    Q_ASSERT(m_state == State::At);
    next();
}

void TreeWalk::next()
{
    while (!m_levels.empty() && m_levels.back().items.empty())
        m_levels.pop_back();
    if (m_levels.empty()) {
        m_state = State::Ended;
        return;
    }
    Level &level = m_levels.back();
    const Item item = std::move(level.items.front());
    level.items.pop_front();
    const ObjectKey key = level.folder + '/' + item.name;
    if (item.descend) {
        list(key);
        return;
    }
    m_state = State::At;
    m_entry = {key, item.folder, item.size, item.mode, std::chrono::milliseconds(item.modified)};
}

// ---- listings ----

void TreeWalk::list(const ObjectKey &folder)
{
    m_state = State::Listing;
    m_listing = folder;
    m_attempts = 0;
    ask();
}

void TreeWalk::ask()
{
    ++m_attempts;
    const QByteArray path = m_listing.sliced(std::min(m_listing.size(), m_account.size() + 1));
    m_backend.pool().exchange(replica::fileRequest("GET", m_credentials, path),
                              m_environment.config.timing.answerTimeout, charm::kMaxListing, this,
                              [this](const Result<http::Response> &result) { handleAnswer(result); });
}

void TreeWalk::handleAnswer(const Result<http::Response> &result)
{
    if (!result) {
        again(result.error().detail);
        return;
    }
    const QByteArray type = result->headers.value("Content-Type");
    if (replica::isMissingUser(result->status, result->body)) {
        fail(replica::describeAnswer(result->status, type, result->body));
    } else if (result->status == 404) {
        m_hasNothing = m_listing == m_account;
        open({});
    } else if (result->status == 200 && type.startsWith("application/json")) {
        auto listing = charm::parseListing(result->body);
        if (listing)
            open(std::move(*listing));
        else
            skip(listing.error().detail);
    } else if (result->status == 200) {
        skip(QStringLiteral("has a file where it had a folder"));
    } else if (result->status / 100 == 5) {
        again(replica::describeAnswer(result->status, type, result->body));
    } else {
        fail(replica::describeAnswer(result->status, type, result->body));
    }
}

/// What a folder holds, and what lies in its folders, as the keys of all that have their order: "a-b" stands
/// between "a" and "a/b".
void TreeWalk::open(charm::Listing listing)
{
    Level level{m_listing, {}};
    std::vector<Item> items;
    for (charm::Entry &entry : listing.files) {
        const ObjectKey key = m_listing + '/' + entry.name;
        if (m_listing == m_account && !entry.isDir && charm::isTrialName(entry.name) &&
            !m_environment.catalogue.find(key))
            continue; // a test's, which takes it away itself
        const ObjectKey below = key + '/';
        if (entry.isDir && (below > m_after || m_after.startsWith(below)))
            items.push_back({entry.name, true, true});
        if (key > m_after)
            items.push_back({std::move(entry.name), entry.isDir, false, entry.isDir ? -1 : entry.size,
                             entry.mode, charm::millisecondsOf(entry.modTime)});
    }
    const auto place = [](const Item &item) {
        return item.descend ? item.name + '/' : item.name;
    };
    std::sort(items.begin(), items.end(),
              [&](const Item &one, const Item &other) { return place(one) < place(other); });
    level.items.assign(std::make_move_iterator(items.begin()), std::make_move_iterator(items.end()));
    m_levels.push_back(std::move(level));
    next();
    if (m_state != State::Listing)
        Q_EMIT moved();
}

void TreeWalk::again(const QString &problem)
{
    if (m_attempts < kTries)
        m_retry.start(kFirstRetry * (1 << (m_attempts - 1)));
    else if (!m_backend.usable())
        fail(problem);
    else
        skip(problem);
}

/// On without what is in this folder.
void TreeWalk::skip(const QString &problem)
{
    if (m_listing == m_account || m_unlisted.size() >= kMostUnlisted) {
        fail(problem);
        return;
    }
    m_problem = problem;
    m_unlisted << m_listing;
    next();
    if (m_state != State::Listing)
        Q_EMIT moved();
}

void TreeWalk::fail(const QString &problem)
{
    m_problem = problem;
    m_state = State::Failed;
    m_levels.clear();
    Q_EMIT moved();
}

bool TreeWalk::speaksFor(const ObjectKey &key) const
{
    if (m_state == State::Failed)
        return false;
    return std::none_of(m_unlisted.begin(), m_unlisted.end(), [&](const ObjectKey &folder) {
        return key.size() > folder.size() && isAtOrBelow(key, folder);
    });
}

} // namespace cring::repair
