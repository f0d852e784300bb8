// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QUrl>

#include <chrono>
#include <map>
#include <stop_token>

namespace cring::test {

/// What a client's requests of one kind came to.
struct LoadTimes
{
    int count = 0;
    int failed = 0;
    std::chrono::milliseconds longest{0};
    std::chrono::microseconds all{0};
    QByteArray firstFailure;

    void add(std::chrono::microseconds took, const QByteArray &failure);
    void add(const LoadTimes &other);
    QByteArray text() const;
};

/// By kind of request.
using Load = std::map<QByteArray, LoadTimes>;

/// One client that writes to a Charm server's database a hundred times a second, or as
/// often as it is let: draws numbers, changes its name, posts
/// encrypt keys. Blocks: run it on a thread of its own.
class LoadClient
{
public:
    struct Account
    {
        QByteArray token;
        QByteArray publicKey;
        QByteArray namePrefix; ///< No other account's.
    };

    LoadClient(const QUrl &server, Account account)
        : m_server(server)
        , m_account(std::move(account))
    {
    }

    Load run(const std::stop_token &stop);

private:
    QUrl m_server;
    Account m_account;
};

} // namespace cring::test
