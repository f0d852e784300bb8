// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/accounts/simserver.h"

namespace cring::test {

/// Servers without servers, and rounds between them. What is remembered goes through its bytes in every
/// round.
class SimRing
{
public:
    explicit SimRing(int count)
    {
        for (int i = 0; i < count; ++i)
            servers.emplace_back(QByteArray(1, static_cast<char>('a' + i)));
    }

    /// Of those that are there. The last merge is kept for looking at.
    void round()
    {
        std::vector<accounts::ServerState> states;
        std::vector<SimServer *> present;
        for (SimServer &server : servers) {
            if (!away.contains(server.id())) {
                states.push_back(server.state());
                present.push_back(&server);
            }
        }
        last = accounts::merge(state, states, hasFiles);
        std::vector<std::vector<bool>> done;
        changes = 0;
        for (size_t i = 0; i < present.size(); ++i) {
            done.push_back(present[i]->apply(last.plans[i].units));
            changes += done.back().size();
        }
        state = accounts::settle(state, last, states, done);
        auto read = accounts::Synchronised::fromBytes(state.toBytes());
        isRemembered = read.ok() && *read == state;
    }

    /// Rounds until nothing is left to do; how many of them did something. -1: no end.
    int settle()
    {
        for (int rounds = 0; rounds < 6; ++rounds) {
            round();
            if (changes == 0)
                return rounds;
        }
        return -1;
    }

    std::vector<SimServer> servers;
    QSet<QByteArray> away;
    accounts::Synchronised state;
    accounts::Merged last;
    size_t changes = 0; ///< Of the last round.
    bool isRemembered = false;
    accounts::FileProbe hasFiles = [](const QByteArray &) {
        return false;
    };
};

} // namespace cring::test
