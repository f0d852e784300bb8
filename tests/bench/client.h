// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/bench/load.h"

#include <memory>

namespace cring::bench {

/// One client of a load. One thread.
class Client
{
public:
    Client(const Work &work, size_t number);

    /// One request, to all servers at the same time; returns when it is decided. True when it was completed.
    bool request();
    /// Waits until every server has answered to everything.
    void drain();

    size_t completed() const { return m_completed; }

    size_t failed() const { return m_failed; }

    size_t failedCopies() const { return m_failedCopies; }

    const std::string &problem() const { return m_problem; }

private:
    /// A request on its way to one server.
    struct Sending
    {
        std::unique_ptr<BareConnection> connection;
        size_t server = 0;
        size_t request = 0;
    };

    std::string nextName();
    std::string head(const std::string &name, const Endpoint &server) const;
    void send(const std::string &name, size_t server);
    void wait();
    void settle(Sending &sending, bool timedOut);

    const Work &m_work;
    size_t m_number;
    size_t m_counter = 0;
    size_t m_request = 0; ///< The current one's number.
    size_t m_good = 0;    ///< Servers that have completed the current one.
    size_t m_bad = 0;
    std::vector<Sending> m_underWay;
    std::vector<std::vector<std::unique_ptr<BareConnection>>> m_idle; ///< By server.
    size_t m_completed = 0;
    size_t m_failed = 0;
    size_t m_failedCopies = 0;
    std::string m_problem;
};

} // namespace cring::bench
