// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/sink.h"

#include "tests/bench/payload.h"
#include "tests/support/bareconnection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace cring::bench {

namespace {

constexpr size_t HeadLimit = 64 * 1024;

/// Downloads by size; made once each.
class Files
{
public:
    const std::string &ofSize(size_t size)
    {
        const std::lock_guard lock(m_mutex);
        std::string &file = m_files[size];
        if (file.empty())
            file = Payload(size).chunked();
        return file;
    }

private:
    std::mutex m_mutex;
    std::map<size_t, std::string> m_files;
};

std::string answer(const std::string &status, const std::string &fields)
{
    const std::time_t now = std::time(nullptr);
    std::tm parts = {};
    ::gmtime_r(&now, &parts);
    char date[64];
    std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return "HTTP/1.1 " + status + "\r\nDate: " + date + "\r\n" + fields;
}

std::string json(const std::string &status, const std::string &body)
{
    return answer(status, "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                              "\r\n\r\n") +
           body;
}

/// One client's connection, on a thread of its own: two system calls for a small request.
class Guest
{
public:
    Guest(int socket, const SinkOptions &options, Files &files)
        : m_socket(socket)
        , m_options(options)
        , m_files(files)
    {
    }

    ~Guest() { ::close(m_socket); }

    void serve()
    {
        while (const std::optional<std::string> head = readHead()) {
            if (!swallowBody(*head) || !reply(*head))
                return;
        }
    }

private:
    /// Up to and with the empty line; what follows stays in m_text.
    std::optional<std::string> readHead()
    {
        size_t end = m_text.find("\r\n\r\n");
        while (end == std::string::npos) {
            const size_t before = m_text.size();
            m_text.resize(before + HeadLimit);
            const ssize_t got = ::recv(m_socket, m_text.data() + before, HeadLimit, 0);
            if (got <= 0 || before > HeadLimit)
                return {};
            m_text.resize(before + static_cast<size_t>(got));
            end = m_text.find("\r\n\r\n");
        }
        std::string head = m_text.substr(0, end + 4);
        m_text.erase(0, end + 4);
        return head;
    }

    bool swallowBody(const std::string &head)
    {
        constexpr std::string_view LengthField = "\r\nContent-Length: ";
        const size_t at = head.find(LengthField);
        if (at == std::string::npos)
            return head.find("\r\nTransfer-Encoding:") == std::string::npos;
        size_t left = 0;
        std::from_chars(head.data() + at + LengthField.size(), head.data() + head.size(), left);
        // The ring sends part of the body right behind the head: 100 as long as something is to come.
        if (m_text.size() < left && head.find("\r\nExpect: 100-continue\r\n") != std::string::npos &&
            !send("HTTP/1.1 100 Continue\r\n\r\n"))
            return false;
        const size_t here = std::min(left, m_text.size());
        m_text.erase(0, here);
        left -= here;
        while (left > 0) {
            // MSG_TRUNC: the kernel throws the bytes away, and nobody copies them (tcp(7)).
            const ssize_t got = ::recv(m_socket, nullptr, left, MSG_TRUNC);
            if (got <= 0)
                return false;
            left -= static_cast<size_t>(got);
        }
        return true;
    }

    bool reply(const std::string &head)
    {
        if (head.starts_with("GET /v1/public/jwks "))
            return send(json("200 OK", m_options.keys));
        if (head.starts_with("GET /.well-known/openid-configuration ")) {
            return send(json("200 OK", R"({"issuer":")" + m_options.issuer + R"(","jwks_uri":")" +
                                           m_options.issuer + R"(/v1/public/jwks"})"));
        }
        if (head.starts_with("GET "))
            return sendFile(head);
        if (head.starts_with("HEAD "))
            return send(answer("404 Not Found", "Content-Length: 0\r\n\r\n"));
        return send(answer("200 OK", "Content-Length: 0\r\n\r\n"));
    }

    bool sendFile(const std::string &head)
    {
        constexpr std::string_view Folder = "/read-";
        const size_t at = head.find(Folder);
        size_t size = 0;
        if (at == std::string::npos ||
            std::from_chars(head.data() + at + Folder.size(), head.data() + head.size(), size).ec !=
                std::errc())
            return send(json("404 Not Found", R"({"message":"file not found"})"));
        const std::string start = answer("200 OK", "Content-Type: application/octet-stream\r\n"
                                                   "X-File-Mode: 420\r\nTransfer-Encoding: chunked\r\n\r\n");
        const std::string &file = m_files.ofSize(size);
        // A small answer in one piece, as Go's buffered writer sends it.
        return size <= HeadLimit ? send(start + file) : send(start) && send(file);
    }

    bool send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes.remove_prefix(static_cast<size_t>(sent));
        }
        return true;
    }

    int m_socket;
    const SinkOptions &m_options;
    Files &m_files;
    std::string m_text;
};

} // namespace

int runSink(const SinkOptions &options)
{
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = test::Endpoint{options.address, options.port}.socketAddress();
    if (::bind(listening, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        ::listen(listening, SOMAXCONN) != 0)
        return 1;
    Files files;
    for (;;) {
        const int socket = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0)
            continue;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::thread([socket, &options, &files] { Guest(socket, options, files).serve(); }).detach();
    }
}

} // namespace cring::bench
