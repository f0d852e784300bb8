// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/client.h"

#include <poll.h>

namespace cring::bench {

namespace {

constexpr int AnswerLimit = 30'000; ///< Milliseconds without any progress.

} // namespace

Client::Client(const Work &work, size_t number)
    : m_work(work)
    , m_number(number)
    , m_idle(work.servers.size())
{
}

bool Client::request()
{
    ++m_request;
    m_good = m_bad = 0;
    const std::string name = nextName();
    for (size_t server = 0; server < m_work.servers.size(); ++server)
        send(name, server);
    while (m_good < m_work.needed && m_bad <= m_work.servers.size() - m_work.needed)
        wait();
    const bool completed = m_good >= m_work.needed;
    ++(completed ? m_completed : m_failed);
    if (completed)
        m_failedCopies += m_bad;
    return completed;
}

void Client::drain()
{
    while (!m_underWay.empty())
        wait();
}

/// What client 0 has stored under a limited number of names is what all clients read.
std::string Client::nextName()
{
    const bool download = m_work.kind == Work::Kind::Download;
    const size_t counter = m_counter++ + (download ? m_number : 0);
    return std::string(1, 'c')
        .append(std::to_string(download ? 0 : m_number))
        .append(1, '-')
        .append(std::to_string(m_work.names > 0 ? counter % m_work.names : counter));
}

std::string Client::head(const std::string &name, const Endpoint &server) const
{
    const std::string target = m_work.folder + '/' + name;
    const std::string fields = " HTTP/1.1\r\nHost: " + server.authority() + "\r\nAuthorization: bearer " +
                               m_work.authorization + "\r\n";
    if (m_work.kind == Work::Kind::Download)
        return "GET " + target + fields + "\r\n";
    return "POST " + target + "?mode=420" + fields +
           "Content-Type: multipart/form-data; boundary=" + Payload::Boundary +
           "\r\nContent-Length: " + std::to_string(m_work.payload->upload().size()) + "\r\n\r\n";
}

void Client::send(const std::string &name, size_t server)
{
    Sending sending;
    sending.server = server;
    sending.request = m_request;
    auto &idle = m_idle[server];
    if (idle.empty()) {
        sending.connection = std::make_unique<BareConnection>(m_work.servers[server]);
    } else {
        sending.connection = std::move(idle.back());
        idle.pop_back();
    }
    const bool download = m_work.kind == Work::Kind::Download;
    sending.connection->start(head(name, m_work.servers[server]),
                              download ? std::string_view() : m_work.payload->upload(),
                              download ? m_work.payload->file() : std::string_view());
    m_underWay.push_back(std::move(sending));
}

/// Until something has happened on a connection, and takes care of it.
void Client::wait()
{
    std::vector<pollfd> descriptors;
    descriptors.reserve(m_underWay.size());
    for (const Sending &sending : m_underWay)
        descriptors.push_back({sending.connection->descriptor(), sending.connection->events(), 0});
    const bool timedOut = ::poll(descriptors.data(), descriptors.size(), AnswerLimit) == 0;
    for (size_t index = 0; index < descriptors.size(); ++index) {
        Sending &sending = m_underWay[index];
        if (descriptors[index].revents != 0)
            sending.connection->advance();
        if (sending.connection->done() || timedOut)
            settle(sending, timedOut);
    }
    std::erase_if(m_underWay, [](const Sending &sending) { return !sending.connection; });
}

void Client::settle(Sending &sending, bool timedOut)
{
    const bool good = sending.connection->good();
    const bool current = sending.request == m_request;
    if (good) {
        m_good += current ? 1 : 0;
        m_idle[sending.server].push_back(std::move(sending.connection));
        return;
    }
    const int status = sending.connection->status();
    m_problem = m_work.servers[sending.server].authority() + (timedOut      ? " did not answer"
                                                              : status == 0 ? " closed the connection"
                                                              : status == 200
                                                                  ? " answered with other bytes"
                                                                  : " answered " + std::to_string(status));
    if (current)
        ++m_bad;
    // A late failure of a request that was completed without this server.
    else
        ++m_failedCopies;
    sending.connection.reset();
}

} // namespace cring::bench
