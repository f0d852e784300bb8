// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/accountwalk.h"

#include "core/repair/copytimes.h"

#include <algorithm>

namespace cring::repair {

using replica::isAtOrBelow;

AccountWalk::AccountWalk(Environment &environment, const Credentials &credentials, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_use(environment.use)
    , m_account(credentials.account)
{
    const QList<health::Backend *> all = environment.backends.all();
    for (health::Backend *backend : all) {
        if (!backend->usable()) {
            m_problems.insert(backend->id(), backend->unusableReason());
            m_unheard << backend;
            continue;
        }
        auto walk = std::make_unique<TreeWalk>(environment, *backend, credentials, nullptr);
        connect(walk.get(), &TreeWalk::moved, this, [this] {
            if (state() != State::Waiting)
                Q_EMIT moved();
        });
        m_walks.push_back(std::move(walk));
    }
}

AccountWalk::~AccountWalk() = default;

void AccountWalk::start(const ObjectKey &after)
{
    // The account's own folder is no object.
    m_last = std::max(after, m_account);
    for (const auto &walk : m_walks)
        walk->start(m_last);
}

void AccountWalk::setCredentials(const Credentials &credentials)
{
    for (const auto &walk : m_walks)
        walk->setCredentials(credentials);
}

AccountWalk::State AccountWalk::state() const
{
    const bool waits = std::any_of(m_walks.begin(), m_walks.end(), [](const auto &walk) {
        return walk->state() == TreeWalk::State::Listing;
    });
    if (waits)
        return State::Waiting;
    return next() ? State::Ready : State::Ended;
}

/// The least key that any of the streams is at.
std::optional<ObjectKey> AccountWalk::next() const
{
    std::optional<ObjectKey> least = nextRecord();
    for (const auto &walk : m_walks) {
        if (walk->state() == TreeWalk::State::At && (!least || walk->entry().key < *least))
            least = walk->entry().key;
    }
    return least;
}

std::optional<ObjectKey> AccountWalk::nextRecord() const
{
    std::optional<ObjectKey> found;
    (void)m_environment.catalogue.walk(m_last, 1, [&](const ObjectKey &key, const auto &) {
        if (isAtOrBelow(key, m_account))
            found = key;
    });
    return found;
}

Sight AccountWalk::take()
{
    Sight sight;
    sight.key = *next();
    sight.record = m_environment.catalogue.find(sight.key);
    m_last = sight.key;
    for (health::Backend *backend : std::as_const(m_unheard))
        sight.copies << Sight::Copy{backend};
    for (const auto &walk : m_walks) {
        Sight::Copy copy{&walk->backend()};
        if (walk->state() == TreeWalk::State::At && walk->entry().key == sight.key) {
            const TreeWalk::Entry &entry = walk->entry();
            copy.what = entry.folder ? Sight::What::Folder : Sight::What::File;
            copy.size = entry.size;
            copy.mode = entry.mode;
            copy.modified = byOurClock(walk->backend(), entry.modified);
            walk->advance();
        } else if (walk->speaksFor(sight.key)) {
            copy.what = Sight::What::Absent;
            copy.emptied = walk->hasNothing();
        }
        sight.copies << copy;
    }
    return sight;
}

QStringList AccountWalk::complete() const
{
    QStringList ids;
    for (const auto &walk : m_walks) {
        if (walk->isComplete())
            ids << walk->backend().id();
    }
    return ids;
}

QMap<QString, QString> AccountWalk::problems() const
{
    QMap<QString, QString> problems = m_problems;
    for (const auto &walk : m_walks) {
        if (!walk->isComplete())
            problems.insert(walk->backend().id(), walk->problem());
    }
    return problems;
}

} // namespace cring::repair
