// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/bareconnection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <vector>

namespace cring::test {

namespace {

constexpr size_t BufferSize = 256 * 1024;

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// The value of a field in a lower-cased head; empty when it is absent.
std::string_view fieldOf(std::string_view head, std::string_view name)
{
    const size_t at = head.find("\r\n" + std::string(name) + ':');
    if (at == std::string_view::npos)
        return {};
    head.remove_prefix(at + name.size() + 3);
    head = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.find_first_not_of(' '), head.size()));
    return head;
}

bool readNumber(std::string_view text, size_t &number, int base)
{
    return std::from_chars(text.data(), text.data() + text.size(), number, base).ec == std::errc();
}

} // namespace

sockaddr_in Endpoint::socketAddress() const
{
    sockaddr_in out = {};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &out.sin_addr);
    return out;
}

BareConnection::BareConnection(const Endpoint &endpoint)
    : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
{
    const int on = 1;
    ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const sockaddr_in address = endpoint.socketAddress();
    // Under way, usually; if it is refused, sending fails.
    (void)::connect(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address);
}

BareConnection::~BareConnection()
{
    ::close(m_socket);
}

void BareConnection::start(std::string head, std::string_view body, std::string_view expected)
{
    m_state = State::Head;
    m_head = std::move(head);
    m_body = body;
    m_sent = 0;
    m_expected = expected;
    m_received = 0;
    m_status = 0;
    m_right = true;
    m_text.clear();
    m_answerHead.clear();
    // A connection that is not there yet is polled for.
    send();
}

std::string_view BareConnection::field(std::string_view name) const
{
    return fieldOf(m_answerHead, name);
}

short BareConnection::events() const
{
    return static_cast<short>(m_sent < m_head.size() + m_body.size() ? POLLIN | POLLOUT : POLLIN);
}

void BareConnection::advance()
{
    if (send())
        receive();
}

/// False when the connection is dead.
bool BareConnection::send()
{
    while (m_sent < m_head.size() + m_body.size()) {
        const size_t ofHead = std::min(m_sent, m_head.size());
        const size_t ofBody = m_sent - ofHead;
        iovec pieces[] = {{m_head.data() + ofHead, m_head.size() - ofHead},
                          {const_cast<char *>(m_body.data()) + ofBody, m_body.size() - ofBody}};
        msghdr message = {};
        message.msg_iov = pieces;
        message.msg_iovlen = 2;
        const ssize_t sent = ::sendmsg(m_socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN || errno == EINTR))
            return true;
        if (sent < 0) {
            m_state = State::Failed;
            return false;
        }
        m_sent += static_cast<size_t>(sent);
    }
    return true;
}

void BareConnection::receive()
{
    thread_local std::vector<char> buffer(BufferSize);
    while (!done()) {
        const ssize_t got = ::recv(m_socket, buffer.data(), buffer.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            m_state = State::Failed;
            return;
        }
        feed({buffer.data(), static_cast<size_t>(got)});
    }
}

void BareConnection::feed(std::string_view bytes)
{
    while (!bytes.empty() && m_state != State::Failed) {
        if (m_state == State::Head)
            takeHead(bytes);
        else if (m_state == State::Counted || m_state == State::Chunk)
            takeBody(bytes);
        else if (m_state == State::Done)
            m_state = State::Failed; // More than an answer.
        else
            takeLine(bytes);
    }
}

void BareConnection::takeHead(std::string_view &bytes)
{
    const size_t before = m_text.size();
    m_text += bytes;
    const size_t end = m_text.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) {
        bytes = {};
        return;
    }
    bytes.remove_prefix(end + 4 - before);
    m_text.resize(end + 2);
    readHead();
    m_text.clear();
}

void BareConnection::readHead()
{
    size_t status = 0;
    if (!m_text.starts_with("HTTP/1.1 ") || !readNumber(std::string_view(m_text).substr(9, 3), status, 10)) {
        m_state = State::Failed;
        return;
    }
    if (status / 100 == 1)
        return;
    m_status = static_cast<int>(status);
    m_right = status == 200;
    m_answerHead = lowered(m_text);
    if (field("transfer-encoding") == "chunked") {
        m_state = State::ChunkSize;
        return;
    }
    m_state = readNumber(field("content-length"), m_left, 10) ? State::Counted : State::Failed;
    if (m_state == State::Counted && m_left == 0)
        endOfBody();
}

void BareConnection::takeBody(std::string_view &bytes)
{
    const std::string_view piece = bytes.substr(0, m_left);
    bytes.remove_prefix(piece.size());
    if (m_right && !m_expected.empty()) {
        m_right = m_received + piece.size() <= m_expected.size() &&
                  m_expected.substr(m_received, piece.size()) == piece;
    }
    if (m_sink)
        m_sink(piece);
    m_received += piece.size();
    m_left -= piece.size();
    if (m_left > 0)
        return;
    if (m_state == State::Chunk)
        m_state = State::ChunkEnd;
    else
        endOfBody();
}

/// The lines around chunks: a size, the end of a chunk, and what follows the last.
void BareConnection::takeLine(std::string_view &bytes)
{
    const size_t end = bytes.find('\n');
    m_text += bytes.substr(0, end);
    if (end == std::string_view::npos) {
        bytes = {};
        return;
    }
    bytes.remove_prefix(end + 1);
    const bool empty = m_text == "\r";
    if (m_state == State::ChunkEnd)
        m_state = empty ? State::ChunkSize : State::Failed;
    else if (m_state == State::ChunkSize && !readNumber(m_text, m_left, 16))
        m_state = State::Failed;
    else if (m_state == State::ChunkSize)
        m_state = m_left > 0 ? State::Chunk : State::Trailer;
    else if (empty)
        endOfBody();
    m_text.clear();
}

void BareConnection::endOfBody()
{
    m_state = State::Done;
    if (!m_expected.empty() && m_received != m_expected.size())
        m_right = false;
}

} // namespace cring::test
