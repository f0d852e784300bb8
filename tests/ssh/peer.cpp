// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ssh/peer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

namespace cring::test {
using ssh::SocketEnd;
using ssh::UniqueFd;
using Kind = SocketEnd::Io::Kind;

Peer::Peer(int descriptor)
    : m_descriptor(descriptor)
    , m_socket(std::make_unique<SocketEnd>(UniqueFd(descriptor)))
{
    connect(m_socket.get(), &SocketEnd::readable, this, &Peer::handleReadable);
    connect(m_socket.get(), &SocketEnd::writable, this, &Peer::handleWritable);
    m_socket->watchRead(true);
}

std::unique_ptr<Peer> Peer::connectTo(quint16 port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        qFatal("cannot connect to port %d", int(port));
    return std::make_unique<Peer>(descriptor);
}

void Peer::send(const QByteArray &bytes)
{
    m_toSend += bytes;
    handleWritable();
}

void Peer::finishSending()
{
    m_finishing = true;
    handleWritable();
}

void Peer::pauseReading(bool paused)
{
    m_socket->watchRead(!paused && !gone());
}

void Peer::reset()
{
    const linger abrupt{1, 0};
    ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
    m_socket->close();
    m_broken = true;
}

void Peer::handleReadable()
{
    static std::array<char, 64 * 1024> buffer;
    const SocketEnd::Io got = m_socket->read(buffer);
    if (got.kind == Kind::Moved)
        m_received.append(buffer.data(), got.bytes);
    m_ended = m_ended || got.kind == Kind::EndOfFile;
    m_broken = m_broken || got.kind == Kind::Broken;
    if (gone())
        m_socket->watchRead(false);
    if (m_hook)
        m_hook();
}

void Peer::handleWritable()
{
    if (m_broken)
        return;
    while (!sentAll()) {
        const SocketEnd::Io put = m_socket->write(QByteArrayView(m_toSend).sliced(m_sent));
        m_broken = put.kind == Kind::Broken;
        if (put.kind != Kind::Moved)
            break;
        m_sent += put.bytes;
    }
    m_socket->watchWrite(!sentAll() && !m_broken);
    if (m_finishing && sentAll())
        m_socket->shutdownWrite();
}

FakeSshServer::FakeSshServer(Manner manner)
    : m_manner(manner)
{
    connect(&m_listener, &http::Listener::accepted, this, &FakeSshServer::handleAccepted);
    const Status status = m_listener.listen(QStringLiteral("127.0.0.1:0"));
    if (!status)
        qFatal("%s", qPrintable(status.error().toString()));
}

void FakeSshServer::handleAccepted(qintptr descriptor)
{
    m_peers.push_back(std::make_unique<Peer>(static_cast<int>(descriptor)));
    Peer &peer = *m_peers.back();
    switch (m_manner) {
    case Manner::Greets:
        peer.send(kBanner);
        break;
    case Manner::GreetsAfterText:
        peer.send("Welcome.\r\nBe kind.\r\n");
        peer.send(kBanner);
        break;
    case Manner::AwaitsTheClient:
        peer.onReceived([&peer, greeted = false]() mutable {
            if (!greeted && peer.received().contains('\n')) {
                greeted = true;
                peer.send(kBanner);
            }
        });
        break;
    case Manner::Silent:
        break;
    case Manner::ClosesAtOnce:
        peer.finishSending();
        break;
    case Manner::ResetsAtOnce:
        peer.reset();
        break;
    case Manner::TalksHttp:
        peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        peer.finishSending();
        break;
    case Manner::TalksNonsense:
        peer.send(QByteArray(4096, 'x'));
        break;
    case Manner::Trickles:
        peer.send("SSH-2.0-Fa");
        break;
    case Manner::GreetsAndHangsUp:
        peer.send(kBanner);
        peer.finishSending();
        break;
    case Manner::GreetsAndTalksNonsense:
        peer.send(kBanner + QByteArray(64 * 1024, 'x'));
        break;
    }
}

} // namespace cring::test
