// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/accounts/loadclient.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpSocket>
#include <QUuid>

#include <condition_variable>
#include <mutex>

namespace cring::test {

using namespace std::chrono;

namespace {

constexpr int kLimit = 20'000; // Milliseconds: the server's own wait for its database is 5 s.

/// A keep-alive connection; what goes wrong on it ends it.
class Connection
{
public:
    explicit Connection(const QUrl &server)
        : m_server(server)
    {
    }

    /// Empty when it was a 200, else what came.
    QByteArray post(const QByteArray &target, const QByteArray &token, const QByteArray &body)
    {
        if (m_socket.state() != QAbstractSocket::ConnectedState) {
            m_socket.connectToHost(m_server.host(), static_cast<quint16>(m_server.port()));
            if (!m_socket.waitForConnected(kLimit))
                return "no connection";
        }
        m_socket.write("POST " + target + " HTTP/1.1\r\nHost: charm\r\nAuthorization: bearer " + token +
                       "\r\nContent-Type: application/json\r\nContent-Length: " +
                       QByteArray::number(body.size()) + "\r\n\r\n" + body);
        QByteArray answer;
        while (!isWhole(answer)) {
            if (!m_socket.waitForReadyRead(kLimit)) {
                m_socket.abort();
                return "no answer: " + answer;
            }
            answer += m_socket.readAll();
        }
        return answer.startsWith("HTTP/1.1 200 ") ? QByteArray() : answer;
    }

private:
    static bool isWhole(const QByteArray &answer)
    {
        const qsizetype end = answer.indexOf("\r\n\r\n");
        if (end < 0)
            return false;
        const QByteArray head = answer.left(end).toLower();
        const qsizetype at = head.indexOf("\r\ncontent-length:");
        if (at < 0)
            return head.contains("chunked") ? answer.endsWith("0\r\n\r\n") : true;
        const qsizetype from = at + 17;
        return answer.size() >=
               end + 4 + head.mid(from, head.indexOf('\r', from) - from).trimmed().toLongLong();
    }

    QUrl m_server;
    QTcpSocket m_socket;
};

QByteArray json(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

} // namespace

void LoadTimes::add(microseconds took, const QByteArray &failure)
{
    ++count;
    all += took;
    longest = std::max(longest, duration_cast<milliseconds>(took));
    if (failure.isEmpty())
        return;
    if (failed++ == 0)
        firstFailure = failure;
}

void LoadTimes::add(const LoadTimes &other)
{
    if (firstFailure.isEmpty())
        firstFailure = other.firstFailure;
    count += other.count;
    failed += other.failed;
    all += other.all;
    longest = std::max(longest, other.longest);
}

QByteArray LoadTimes::text() const
{
    const auto mean = count > 0 ? static_cast<double>(all.count()) / count / 1000 : 0.0;
    return QByteArray::number(count) + " requests, " + QByteArray::number(failed) + " failed, mean " +
           QByteArray::number(mean, 'f', 1) + " ms, longest " + QByteArray::number(longest.count()) + " ms";
}

Load LoadClient::run(const std::stop_token &stop)
{
    Connection connection(m_server);
    Load load;
    const auto post = [&](const QByteArray &kind, const QByteArray &target, const QByteArray &body) {
        const auto start = steady_clock::now();
        const QByteArray failure = connection.post(target, m_account.token, body);
        load[kind].add(duration_cast<microseconds>(steady_clock::now() - start), failure);
    };
    std::mutex mutex;
    std::condition_variable_any condition;
    for (int number = 0; !stop.stop_requested(); ++number) {
        // Some time to think: else the database is never free.
        std::unique_lock lock(mutex);
        condition.wait_for(lock, stop, 5ms, [] { return false; });
        lock.unlock();
        post("seq", "/v1/seq/s" + QByteArray::number(number % 3), {});
        if (number % 4 == 1)
            post("bio", "/v1/bio",
                 json({{QStringLiteral("name"),
                        QString::fromLatin1(m_account.namePrefix + QByteArray::number(number))}}));
        // A person has few of them, and each takes rows for ever.
        if (number % 64 == 2)
            post("encrypt-key", "/v1/encrypt-key",
                 json({{QStringLiteral("id"), QUuid::createUuid().toString(QUuid::WithoutBraces)},
                       {QStringLiteral("key"), QStringLiteral("c2VhbGVk")},
                       {QStringLiteral("public_key"), QString::fromLatin1(m_account.publicKey)}}));
    }
    return load;
}

} // namespace cring::test
