// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

namespace cring::repair {

struct CopyPlaces;

/// Where the copies of all files are, against where they should be: how many files have 0, 1, 2, 3 … good
/// copies, and what each server has, lacks, and has too much of. Found by walking the catalogue in short
/// steps that let the event loop breathe; the result is a value that never changes, replaced a while after
/// something did.
///
/// On its way it sees to what needs no person's word: owners that lack a copy of a file with fewer good ones
/// than it should have owe it, and what a draining server holds is brought to its owners. Files with enough
/// copies at the wrong places are left to a Rebalance. One thread.
class Survey final : public QObject
{
    Q_OBJECT

public:
    /// Files, and their bytes where these are known.
    struct Amount
    {
        qint64 files = 0;
        qint64 bytes = 0;

        void add(qint64 size)
        {
            ++files;
            bytes += std::max<qint64>(0, size);
        }
        bool operator==(const Amount &) const = default;
    };

    /// A good copy is one that nothing is held against.
    struct Server
    {
        Amount wanted;  ///< It is an owner.
        Amount present; ///< It has a good copy.
        Amount missing; ///< Wanted and not present.
        Amount extra;   ///< Present and not wanted.
        /// Of these, what some owner still lacks: nothing, and the server can be taken away.
        Amount needed;

        bool operator==(const Server &) const = default;
    };

    struct Counts
    {
        qint64 takenMs = 0;   ///< Wall time.
        int replicas = 0;     ///< R.
        Amount all;           ///< Files, not folders; without those that are left alone.
        Amount leftAlone;     ///< Of disabled accounts: nothing of what follows counts them but `needed`.
        QList<qint64> copies; ///< [n]: files with n good copies on the servers of the ring; at least R + 1.
        QMap<QString, Server> servers; ///< Of the ring, by id.

        bool operator==(const Counts &) const = default;
    };

    explicit Survey(state::Catalogue &catalogue, QObject *parent = nullptr);
    ~Survey() override;

    /// With every new configuration: begins anew.
    void setEnvironment(replica::Environment &environment);
    /// No further walk.
    void stop();

    /// Null before the first walk has ended.
    const std::shared_ptr<const Counts> &counts() const { return m_counts; }
    /// Walks now, from the beginning; taken() follows.
    void refresh();

Q_SIGNALS:
    /// counts() are new.
    void taken();

private:
    void handleTimer();
    void begin();
    void step();
    void visit(const replica::ObjectKey &key, const replica::Record &record, const QList<QString> &holders);
    void visitLeftAlone(const CopyPlaces &places, qint64 size);
    void owe(const replica::ObjectKey &key, const health::Backend &backend, replica::Debt debt);
    void finish();
    bool holdsOther(const QString &server) const;
    void tellDrained();

    state::Catalogue &m_catalogue;
    replica::Environment *m_environment = nullptr;
    std::shared_ptr<const Counts> m_counts;
    std::shared_ptr<Counts> m_walk; ///< Null when none is under way.
    replica::ObjectKey m_cursor;
    struct Found
    {
        replica::ObjectKey key;
        QString server;
        replica::Debt debt;
    };
    QList<Found> m_owed;     ///< In this step.
    QSet<QString> m_drained; ///< Servers of which that was said.
    std::chrono::milliseconds m_began{0};
    std::optional<quint64> m_seen; ///< The catalogue's changes when the last walk began.
    bool m_stopped = false;
    QTimer m_timer;
};

} // namespace cring::repair
