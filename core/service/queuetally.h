// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/accountwork.h"
#include "core/state/catalogue.h"

#include <QMap>
#include <QTimer>

namespace cring::service {

/// What servers have not got yet, by server and kind: how much, and since when. Counted behind, in short
/// steps that let the event loop breathe, every few seconds and more seldom when there is much: asking for it
/// costs nothing. One thread.
class QueueTally final : public QObject
{
    Q_OBJECT

public:
    struct Row
    {
        qint64 count = 0;
        qint64 oldestMs = 0; ///< Wall time; 0: nothing is owed.

        void add(qint64 sinceMs)
        {
            oldestMs = count == 0 ? sinceMs : std::min(oldestMs, sinceMs);
            ++count;
        }
        bool operator==(const Row &) const = default;
    };
    using Rows = QMap<QString, Row>; ///< By kind.

    struct Parts
    {
        const state::Catalogue &catalogue;
        const state::AccountWork &accountWork;
        const IClock &clock;
        /// Ids, of the configuration that holds.
        std::function<QStringList()> servers;
        /// What is owed of these rests, and is not counted.
        std::function<bool(const QByteArray &account)> isSetAside;
    };

    /// What kinds there are, as queue.list has them.
    static const QStringList &kinds();

    /// The parts outlive it.
    explicit QueueTally(Parts parts, QObject *parent = nullptr);

    /// Counts from now on, again and again; before that there are no rows. From the event loop.
    void start() { m_timer.start(0); }

    /// Of a server, by its id; kinds of which nothing is owed are not there.
    Rows of(const QString &server) const;

private:
    void begin();
    void step();
    void finish();

    const Parts m_parts;
    QMap<QString, Rows> m_rows;
    // Under way.
    QMap<QString, Rows> m_next;
    QStringList m_left;
    state::ObjectKey m_after;
    std::chrono::milliseconds m_spent{0};
    QTimer m_timer;
    bool m_isCounting = false;
};

} // namespace cring::service
