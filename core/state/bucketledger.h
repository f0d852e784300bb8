// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/catalogue.h"

#include <list>

namespace cring::state {

/// What each bucket has of the catalogue, and so what it is owed: in memory, about 200 bytes an object, and
/// behind that in the database. What is owed is never written down: it is the difference between the two,
/// found anew at every start, so that no death can lose any of it. Keys are the catalogue's. One thread.
class BucketLedger final : public QObject
{
    Q_OBJECT

public:
    using Bucket = int; ///< A small number for a configured id, for good.

    /// What lies in the bucket under one key, as far as is known.
    struct Object
    {
        quint64 version = 0; ///< Of the catalogue; 0: as a listing had it, nobody knows of which version.
        bool folder = false;
        qint64 size = 0;
        QByteArray etag;
        QByteArray sha256;   ///< Of the body, 32 bytes; empty when not known.
        qint64 stored = 0;   ///< ms since 1970, UTC.
        qint64 verified = 0; ///< The bucket was seen to have it; ms since 1970, UTC. 0: never.
        /// It was deleted, or was to be: nothing is there, unless something older lands yet.
        bool gone = false;
        /// What was on its way to the bucket may still land on top of it: to be looked at again.
        bool doubtful = false;
        /// A delete that a person has had discarded: it stays there.
        bool kept = false;
    };
    using Objects = std::map<ObjectKey, Object, std::less<>>;

    enum class Need {
        Nothing,
        Store,  ///< What the record says.
        Remove, ///< It was deleted.
        Look,   ///< Whether it is as it should be.
    };
    struct Owed
    {
        Need need = Need::Nothing;
        qint64 bytes = 0; ///< To be stored.
        qint64 since = 0; ///< ms since 1970, UTC.

        bool operator==(const Owed &) const = default;
    };
    using Debts = std::map<ObjectKey, Owed, std::less<>>;

    struct Sum
    {
        qint64 stores = 0;
        qint64 removals = 0;
        qint64 looks = 0;
        qint64 bytes = 0;
    };

    BucketLedger(Database &database, const Catalogue &catalogue, const IClock &clock);
    ~BucketLedger() override;

    /// Before the event loop runs.
    Status load();

    /// From now on exactly these are served, by their configured ids; an account filter of each (nothing in
    /// it: every account). What is known of others stays. What they are owed is found in short steps:
    /// compared() follows.
    void configure(const QList<std::pair<QString, QSet<QByteArray>>> &buckets);
    /// Configured buckets, in their order.
    const QList<Bucket> &buckets() const { return m_configured; }
    std::optional<Bucket> find(const QString &id) const;
    /// Everything has been compared since configure().
    bool isCompared() const { return m_sweeps.empty(); }

    const Objects &objects(Bucket bucket) const;
    std::optional<Object> object(Bucket bucket, const ObjectKey &key) const;
    const Debts &debts(Bucket bucket) const;
    Sum sum(Bucket bucket) const;
    /// Of what is to be stored or removed: ms since 1970, UTC; 0: nothing is.
    qint64 oldest(Bucket bucket) const;
    /// Some configured bucket has yet to get this version of a file.
    bool isWanted(const ObjectKey &key, const QByteArray &digest) const;
    /// A configured bucket has something at or below the key that goes when it is deleted.
    bool hasAtOrBelow(const ObjectKey &key) const;
    /// The account's files go there.
    bool takes(Bucket bucket, const ObjectKey &key) const;

    /// So it is there. What that leaves owed is found at once.
    void set(Bucket bucket, const ObjectKey &key, const Object &object);
    /// What is there is of no use, whatever it says of itself: it is owed again.
    void distrust(Bucket bucket, const ObjectKey &key);
    /// Nothing is there, and nothing can land any more.
    void forget(Bucket bucket, const ObjectKey &key);

    /// A fact about a bucket by name, "" when there is none; for what has to be known after a restart.
    QByteArray fact(Bucket bucket, const QByteArray &name) const;
    void setFact(Bucket bucket, const QByteArray &name, const QByteArray &value);

Q_SIGNALS:
    /// There is more, or less.
    void owedChanged(int bucket);
    /// The same, with the path that it is about.
    void touched(const cring::state::ObjectKey &key);
    void compared();

private:
    /// What is yet to be compared: at and below a key, "" for everything.
    struct Sweep
    {
        ObjectKey top;
        ObjectKey after;
        bool recorded = false; ///< First what is in the ledgers, then what the catalogue has.
    };
    struct Held
    {
        Objects objects;
        Debts debts;
        Sum sum;
        QHash<QByteArray, QByteArray> facts;
        QSet<QByteArray> accounts;
    };

    void handleChanged(const ObjectKey &key);
    void beginSweep(const ObjectKey &top);
    void sweepMore();
    bool sweepStep(Sweep &sweep);
    void consider(const ObjectKey &key);
    void consider(Bucket bucket, const ObjectKey &key);
    Owed owedFor(const Held &held, const ObjectKey &key) const;
    static void count(Sum &sum, const Owed &owed, int sign);
    void save(Bucket bucket, const ObjectKey &key, const Object &object);

    Database &m_database;
    const Catalogue &m_catalogue;
    const IClock &m_clock;
    std::map<Bucket, Held> m_held;
    QHash<QString, Bucket> m_numbers;
    QList<Bucket> m_configured;
    std::list<Sweep> m_sweeps;
    QTimer m_sweep;
};

} // namespace cring::state
