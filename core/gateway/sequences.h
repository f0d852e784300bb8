// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/answers.h"
#include "core/replica/environment.h"
#include "core/state/floors.h"

#include <functional>
#include <list>

namespace cring::gateway {

/// Hands out sequence numbers so that none is handed out twice (P6), whichever servers are there: requests
/// for one (account, name) go one after another, and a number counts only when a majority of all servers' own
/// rows have reached it (charm::SequenceRound). What was handed out is remembered, so that a GET never says
/// less. One for all configurations: requests of an old one and of its successor stand in the same line.
class Sequences final : public QObject
{
    Q_OBJECT

public:
    /// `floors` outlives it.
    explicit Sequences(state::Floors &floors, QObject *parent = nullptr);
    ~Sequences() override;

    /// The next number. `done` is called once, from the event loop, unless `context` dies first; the number
    /// is used up all the same.
    void advance(replica::Environment &environment, const replica::Credentials &credentials,
                 const QByteArray &name, QObject *context, std::function<void(replica::Outcome)> done);
    /// The number handed out last, or what a majority of servers has. While no server can be used and the
    /// account's files can be read from the archive: the former alone, where it is known.
    void read(replica::Environment &environment, const replica::Credentials &credentials,
              const QByteArray &name, const QByteArray &body, QObject *context,
              std::function<void(replica::Outcome)> done);

Q_SIGNALS:
    /// A number was handed out, and is on the disk.
    void advanced();

private:
    class Round;
    class Look;
    struct Waiting
    {
        replica::Environment *environment; ///< That of the context, which lives as long.
        replica::Credentials credentials;
        QPointer<QObject> context;
        std::function<void(replica::Outcome)> done;
    };
    struct Line
    {
        std::list<Waiting> waiting;
        bool busy = false;
    };

    void startNext(const QByteArray &key, const QByteArray &name);

    state::Floors &m_floors;
    QHash<QByteArray, Line> m_lines; ///< By "<account>/<name>", while somebody waits.
};

} // namespace cring::gateway
