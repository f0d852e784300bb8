// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/chaos/gate.h"
#include "tests/chaos/script.h"
#include "tests/chaos/transport.h"

#include <functional>

namespace cring::chaos {

/// One client: follows its script and writes down what it is told. Lives in a thread of its own.
class Worker
{
public:
    struct Options
    {
        int client = 0;
        int account = 0;
        test::Endpoint ring;
        QByteArray token;
        int operations = 0; ///< At most; 0: until the gate ends it.
        std::function<Moment()> now;
    };

    Worker(const Options &options, const Script &script, Gate &gate);

    void run();
    /// The ring has been started anew since run().
    void reconnect() { m_transport.drop(); }
    /// One operation, and what became of it.
    Entry perform(const Operation &operation, int number);

    const Journal &journal() const { return m_journal; }

private:
    Answer send(const Operation &operation, int number, Entry &entry);
    void settle(const Answer &answer, Entry &entry) const;
    void settleRead(const Answer &answer, Entry &entry) const;

    Options m_options;
    Script m_script;
    Gate &m_gate;
    Transport m_transport;
    Journal m_journal;
};

} // namespace cring::chaos
