// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/transport.h"

#include "tests/support/httpclient.h"

#include <poll.h>

#include <charconv>

namespace cring::chaos {

namespace {

/// Milliseconds without any progress. The ring's own patience with its servers ends long before.
constexpr int AnswerLimit = 60'000;
const QByteArray Boundary = "chaos-boundary";

} // namespace

Transport::Transport(test::Endpoint server, const QByteArray &token)
    : m_server(std::move(server))
    , m_fields(" HTTP/1.1\r\nHost: " + QByteArray::fromStdString(m_server.authority()) +
               "\r\nAuthorization: bearer " + token + "\r\n")
{
}

Answer Transport::upload(const QByteArray &target, const QByteArray &data, quint32 mode, qint64 abandonAfter)
{
    return request("POST", target + "?mode=" + QByteArray::number(mode),
                   "multipart/form-data; boundary=" + Boundary, test::HttpClient::multipart(data, Boundary),
                   abandonAfter);
}

Answer Transport::request(const QByteArray &method, const QByteArray &target, const QByteArray &contentType,
                          const QByteArray &body, qint64 abandonAfter)
{
    QByteArray head = method + ' ' + target + m_fields;
    if (!contentType.isEmpty())
        head += "Content-Type: " + contentType + "\r\n";
    if (method != "GET")
        head += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    head += "\r\n";

    Answer answer;
    if (!m_connection)
        m_connection = std::make_unique<test::BareConnection>(m_server);
    m_connection->setSink([&answer](std::string_view piece) {
        answer.body.append(piece.data(), static_cast<qsizetype>(piece.size()));
    });
    m_connection->start(head.toStdString(), {body.constData(), static_cast<size_t>(body.size())}, {});
    answer.end = converse(abandonAfter < 0 ? -1 : head.size() + abandonAfter);
    answer.status = m_connection->status();
    answer.isJson = m_connection->field("content-type").starts_with("application/json");
    const std::string_view mode = m_connection->field("x-file-mode");
    std::from_chars(mode.data(), mode.data() + mode.size(), answer.mode);
    if (answer.end != Answer::End::Whole || m_connection->field("connection") == "close")
        drop();
    return answer;
}

Answer::End Transport::converse(qint64 abandonAfter)
{
    while (!m_connection->done()) {
        if (abandonAfter >= 0 && m_connection->sent() >= static_cast<size_t>(abandonAfter))
            return Answer::End::Left;
        pollfd descriptor{m_connection->descriptor(), m_connection->events(), 0};
        if (::poll(&descriptor, 1, AnswerLimit) == 0)
            return Answer::End::TimedOut;
        m_connection->advance();
    }
    if (m_connection->whole())
        return Answer::End::Whole;
    return m_connection->sent() == 0 ? Answer::End::NotSent : Answer::End::Cut;
}

} // namespace cring::chaos
