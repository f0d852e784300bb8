// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/bareconnection.h"

#include <QByteArray>

#include <memory>

namespace cring::chaos {

/// How a request ended.
struct Answer
{
    enum class End {
        Whole,    ///< An answer that ended where its framing says.
        Cut,      ///< The connection ended before, after some of the request had left.
        TimedOut, ///< Nothing moved for as long as a client waits.
        Left,     ///< The client went away, as it was told to.
        NotSent,  ///< Nothing of the request has left.
    };

    End end = End::NotSent;
    int status = 0;
    bool isJson = false;
    quint32 mode = 0; ///< X-File-Mode.
    QByteArray body;
};

/// One client's requests, one after the other, on a kept connection. One thread.
class Transport
{
public:
    Transport(test::Endpoint server, const QByteArray &token);

    /// abandonAfter: goes away after so many bytes; −1: stays.
    Answer request(const QByteArray &method, const QByteArray &target, const QByteArray &contentType = {},
                   const QByteArray &body = {}, qint64 abandonAfter = -1);
    Answer upload(const QByteArray &target, const QByteArray &data, quint32 mode, qint64 abandonAfter = -1);

    /// The server at the other end has gone: the next request comes on a connection of its own.
    void drop() { m_connection.reset(); }

private:
    Answer::End converse(qint64 abandonAfter);

    test::Endpoint m_server;
    QByteArray m_fields;
    std::unique_ptr<test::BareConnection> m_connection;
};

} // namespace cring::chaos
