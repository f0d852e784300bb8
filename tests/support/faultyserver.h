// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QList>
#include <QThread>
#include <QUrl>

#include <memory>

namespace cring::test {

/// What a FaultyServer does with one request. Made by the functions below.
struct Fault
{
    enum class Kind {
        Forward,      ///< To the real server behind it; 404 when there is none.
        Silent,       ///< Takes every byte, answers nothing, not even 100.
        Answer,       ///< Reads the whole request (sends 100 when asked), then these bytes.
        EarlyAnswer,  ///< These bytes as soon as the head is there; the body is read and dropped.
        StallRequest, ///< Stops reading after `at` bytes of the body. 100 is sent.
        CutRequest,   ///< Closes after `at` bytes of the body. 100 is sent. What came before went to the real
                      ///< server.
        CutResponse,  ///< Closes after `at` bytes of the real (or given) answer's body.
        LoseResponse, ///< The real server gets and does everything, its final answer is dropped and the
                      ///< connection closed.
        HoldResponse, ///< The same, but the connection stays open and silent.
        Trickle,      ///< The given bytes, `at` of them every `interval` milliseconds.
        DelayEnd,     ///< The real server gets the end of the body `interval` milliseconds late, even when
                      ///< the client has gone by then: what a stopped server's kernel does to it.
        Slowly,       ///< The real server gets `at` bytes of the body a second.
    };

    Kind kind = Kind::Forward;
    qint64 at = 0;
    QByteArray bytes = {}; ///< A whole answer, head and body.
    int interval = 0;
    bool withReset = false; ///< RST instead of FIN where it closes.

    static Fault forward() { return {}; }

    static Fault silent() { return {Kind::Silent}; }

    static Fault status(int code, const QByteArray &body = {}, const QByteArray &type = "application/json")
    {
        return {Kind::Answer, 0, answerBytes(code, body, type)};
    }

    static Fault early(int code, const QByteArray &body = {})
    {
        return {Kind::EarlyAnswer, 0, answerBytes(code, body, "application/json")};
    }

    /// Anything: garbage, a wrong Content-Length.
    static Fault raw(const QByteArray &bytes) { return {Kind::Answer, 0, bytes}; }

    static Fault stallRequest(qint64 at) { return {Kind::StallRequest, at}; }

    static Fault cutRequest(qint64 at) { return {Kind::CutRequest, at}; }

    static Fault cutResponse(qint64 at) { return {Kind::CutResponse, at}; }

    static Fault loseResponse() { return {Kind::LoseResponse}; }

    static Fault holdResponse() { return {Kind::HoldResponse}; }

    static Fault trickle(const QByteArray &bytes, qint64 at, int interval)
    {
        return {Kind::Trickle, at, bytes, interval};
    }

    static Fault delayEnd(int interval) { return {Kind::DelayEnd, 0, {}, interval}; }

    static Fault slowly(qint64 bytesPerSecond) { return {Kind::Slowly, bytesPerSecond}; }

    Fault reset() const
    {
        Fault fault = *this;
        fault.withReset = true;
        return fault;
    }

    static QByteArray answerBytes(int code, const QByteArray &body, const QByteArray &type);
};

/// An HTTP server, in a thread of its own, for faults that a real Charm server cannot be brought to show.
/// Alone it answers by its rules; in front of a real server it passes everything on except what a rule says
/// otherwise, so that "the real server, but its answer to this upload gets lost" is one line. It may be
/// called from the test's thread.
class FaultyServer
{
public:
    struct Request
    {
        QByteArray method;
        QByteArray target;
        QByteArray head;     ///< Request line and header, as they came.
        qint64 bodySize = 0; ///< So far.
        bool complete = false;
    };

    /// Listens on a free port of a loopback address of this process.
    FaultyServer();
    ~FaultyServer();
    FaultyServer(const FaultyServer &) = delete;
    FaultyServer &operator=(const FaultyServer &) = delete;

    QUrl url() const;
    quint16 port() const;
    /// What no rule says otherwise about goes there.
    void forwardTo(const QUrl &server);
    /// From the next request on, this happens to requests with that method ("" = all) whose target starts
    /// with prefix. The newest rule that fits wins; times < 0: for ever.
    void on(const QByteArray &method, const QByteArray &prefix, const Fault &fault, int times = -1);
    void clearRules();
    QList<Request> requests(const QByteArray &method = {}, const QByteArray &prefix = {}) const;
    /// Accepted so far.
    int connections() const;
    int openConnections() const;
    /// Closes the listening port and all connections, as a stopped server: connects are refused from then on.
    void stop();

private:
    struct Shared;
    class Listener;
    class Connection;

    std::shared_ptr<Shared> m_shared;
    QThread m_thread;
    Listener *m_listener = nullptr; ///< Lives in m_thread, deleted with it.
};

} // namespace cring::test
