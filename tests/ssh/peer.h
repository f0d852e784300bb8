// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/listener.h"
#include "core/ssh/socketend.h"

#include <QByteArray>

#include <functional>
#include <memory>
#include <vector>

namespace cring::test {

/// One end of a connection that a test drives: it can close one direction, stop reading, and vanish.
class Peer final : public QObject
{
public:
    explicit Peer(int descriptor);
    /// To 127.0.0.1; the kernel answers before it returns.
    static std::unique_ptr<Peer> connectTo(quint16 port);

    /// What the kernel does not take at once goes out later.
    void send(const QByteArray &bytes);
    /// The end of file, behind what is still to go out.
    void finishSending();
    void pauseReading(bool paused);
    /// Closes at once with a reset.
    void reset();

    /// Called whenever something has come.
    void onReceived(std::function<void()> hook) { m_hook = std::move(hook); }

    const QByteArray &received() const { return m_received; }

    /// The other side's end of file came.
    bool ended() const { return m_ended; }

    bool gone() const { return m_ended || m_broken; }

    bool sentAll() const { return m_sent == m_toSend.size(); }

private:
    void handleReadable();
    void handleWritable();

    int m_descriptor;
    std::unique_ptr<ssh::SocketEnd> m_socket;
    QByteArray m_received;
    QByteArray m_toSend;
    qsizetype m_sent = 0;
    std::function<void()> m_hook;
    bool m_finishing = false;
    bool m_ended = false;
    bool m_broken = false;
};

/// Listens on 127.0.0.1 and behaves like an SSH server, or not.
class FakeSshServer final : public QObject
{
public:
    enum class Manner {
        Greets,          ///< Sends its identification line at once.
        GreetsAfterText, ///< The same, after two lines of text.
        AwaitsTheClient, ///< Sends it when the client's has come.
        Silent,          ///< Accepts and says nothing, as a stopped process does.
        ClosesAtOnce,
        ResetsAtOnce,
        TalksHttp,
        TalksNonsense, ///< Bytes without a line.
        Trickles,      ///< Half of an identification line, never the rest.
        GreetsAndHangsUp,
        GreetsAndTalksNonsense,
    };

    static constexpr const char *kBanner = "SSH-2.0-Fake\r\n";

    explicit FakeSshServer(Manner manner);

    quint16 port() const { return m_listener.port(); }

    void setManner(Manner manner) { m_manner = manner; }

    /// Accepted so far, those that were closed too.
    int sessions() const { return static_cast<int>(m_peers.size()); }

    Peer &peer(int index = 0) { return *m_peers.at(static_cast<size_t>(index)); }

private:
    void handleAccepted(qintptr descriptor);

    Manner m_manner;
    http::Listener m_listener;
    std::vector<std::unique_ptr<Peer>> m_peers;
};

} // namespace cring::test
