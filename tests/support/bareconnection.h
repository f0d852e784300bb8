// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <netinet/in.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cring::test {

struct Endpoint
{
    std::string address; ///< Dotted IPv4.
    uint16_t port = 0;

    std::string authority() const { return address + ':' + std::to_string(port); }

    sockaddr_in socketAddress() const;
};

/// A kept HTTP/1.1 connection of a client, one request after the other. It is bare, so that a load generator
/// takes little of the machine from what it loads, and shares no code with the ring. Never blocks; the owner
/// polls. One thread.
class BareConnection
{
public:
    explicit BareConnection(const Endpoint &endpoint);
    ~BareConnection();
    BareConnection(const BareConnection &) = delete;
    BareConnection &operator=(const BareConnection &) = delete;

    /// Sends a request; body and expected have to live until it is done. The answer is good when its status
    /// is 200 and its body is, byte for byte, what is expected; an empty expectation takes any body.
    void start(std::string head, std::string_view body, std::string_view expected);
    /// Gets the body bytes of every answer from now on.
    void setSink(std::function<void(std::string_view)> sink) { m_sink = std::move(sink); }
    /// Sends and receives what can be without waiting.
    void advance();
    /// The answer is complete, or there will be none.
    bool done() const { return m_state == State::Done || m_state == State::Failed; }
    /// It was the right one, and the connection can be used again.
    bool good() const { return m_state == State::Done && m_right; }

    /// It ended where its framing says, whatever it was.
    bool whole() const { return m_state == State::Done; }
    /// Bytes of the request that the kernel has taken.
    size_t sent() const { return m_sent; }
    /// The value of a header field of the answer, in lower case; empty when it is absent. The name in lower
    /// case.
    std::string_view field(std::string_view name) const;

    int descriptor() const { return m_socket; }

    /// For poll(2).
    short events() const;

    /// What came, for the words about a failure.
    int status() const { return m_status; }

private:
    enum class State { Head, Counted, ChunkSize, Chunk, ChunkEnd, Trailer, Done, Failed };

    bool send();
    void receive();
    void feed(std::string_view bytes);
    void takeHead(std::string_view &bytes);
    void readHead();
    void takeBody(std::string_view &bytes);
    void takeLine(std::string_view &bytes);
    void endOfBody();

    int m_socket = -1;
    State m_state = State::Failed;
    std::string m_head;
    std::string_view m_body;
    size_t m_sent = 0;
    std::string_view m_expected;
    size_t m_received = 0;
    size_t m_left = 0; ///< Of a body with a length, or of a chunk.
    int m_status = 0;
    bool m_right = false;
    std::function<void(std::string_view)> m_sink;
    std::string m_answerHead; ///< In lower case.
    std::string m_text;       ///< The head, or a line between chunks, as far as it has come.
};

} // namespace cring::test
