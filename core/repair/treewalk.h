// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/listing.h"
#include "core/http/exchange.h"
#include "core/replica/environment.h"

#include <QTimer>

#include <deque>

namespace cring::repair {

using replica::Credentials;
using replica::Environment;
using replica::ObjectKey;

/// Goes through one account's tree on one server by its listings, in the order of the catalogue's keys: entry
/// by entry, as fast as it is asked to. It keeps the listings on the way from the account's folder to where
/// it is, never the whole tree.
///
/// A folder that cannot be listed is not empty: nothing is known of what lies below it.
class TreeWalk final : public QObject
{
    Q_OBJECT

public:
    struct Entry
    {
        ObjectKey key;
        bool folder = false;
        qint64 size = -1;                      ///< Bytes; −1 for a folder.
        quint32 mode = 0;                      ///< Go's fs.FileMode.
        std::chrono::milliseconds modified{0}; ///< By the server's clock, since 1970, UTC; 0: not known.
    };
    enum class State {
        Listing, ///< Waits for the server; moved() follows.
        At,      ///< entry() is the next one.
        Ended,   ///< Nothing comes any more.
        Failed,  ///< Nothing is known of what would come; problem() says why.
    };

    TreeWalk(Environment &environment, health::Backend &backend, const Credentials &credentials,
             QObject *parent);

    /// Once. Begins with the first entry after a key; "" for the first of all.
    void start(const ObjectKey &after);
    State state() const { return m_state; }
    /// While At.
    const Entry &entry() const { return m_entry; }
    /// While At: on to the next one.
    void advance();
    /// For the listings to come.
    void setCredentials(const Credentials &credentials) { m_credentials = credentials; }

    health::Backend &backend() const { return m_backend; }
    /// What it does not show at this key, which is not before the last entry, is not there. False at and
    /// below what could not be listed.
    bool speaksFor(const ObjectKey &key) const;
    /// The server has no folder of the account at all, as one that was emptied.
    bool hasNothing() const { return m_hasNothing; }
    /// Everything was listed so far.
    bool isComplete() const { return m_state != State::Failed && m_unlisted.isEmpty(); }
    /// Of the last folder that could not be listed, or of the whole; to follow the server's name.
    const QString &problem() const { return m_problem; }

Q_SIGNALS:
    /// It is not Listing any more; from the event loop.
    void moved();

private:
    struct Item
    {
        QByteArray name;
        bool folder = false;
        bool descend = false; ///< Not the folder itself, but what lies in it.
        qint64 size = -1;
        quint32 mode = 0;
        qint64 modified = 0;
    };
    struct Level
    {
        ObjectKey folder;
        std::deque<Item> items; ///< Still to come.
    };

    void next();
    void list(const ObjectKey &folder);
    void ask();
    void handleAnswer(const Result<http::Response> &result);
    void open(charm::Listing listing);
    void skip(const QString &problem);
    void again(const QString &problem);
    void fail(const QString &problem);

    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    health::Backend &m_backend;
    Credentials m_credentials;
    const ObjectKey m_account;
    ObjectKey m_after;
    std::vector<Level> m_levels;
    ObjectKey m_listing; ///< The folder that is asked for.
    int m_attempts = 0;  ///< At it.
    QTimer m_retry;
    State m_state = State::Listing;
    Entry m_entry;
    QList<ObjectKey> m_unlisted;
    QString m_problem;
    bool m_hasNothing = false;
};

} // namespace cring::repair
