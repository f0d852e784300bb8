// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QElapsedTimer>
#include <QJsonObject>
#include <QList>
#include <QSslSocket>
#include <QUrl>

#include <functional>
#include <memory>
#include <utility>

namespace cring::test {

using Headers = QList<std::pair<QByteArray, QByteArray>>;

struct HttpResponse
{
    int status = 0; ///< 0: no status line came.
    QByteArray reason;
    Headers headers;
    QByteArray body; ///< Decoded. Empty when a sink took it.
    qint64 bodySize = 0;
    QList<int> interim;     ///< 1xx statuses that came before.
    bool complete = false;  ///< The end came where the framing says.
    bool cut = false;       ///< The connection ended before that.
    bool malformed = false; ///< Neither: the bytes are no HTTP.
    qint64 tookMs = 0;      ///< From the call that reads to the end.

    QByteArray header(const QByteArray &name) const;
    QJsonObject json() const;
    /// The "message" of Charm's errors.
    QString message() const;
    /// For QVERIFY2.
    QByteArray text() const;
};

/// One connection on which a test says exactly which bytes go out, and sees exactly what comes back. Calls
/// wait by spinning the event loop; the limit of each is in milliseconds. Not thread-safe.
class HttpClient
{
public:
    explicit HttpClient(const QUrl &url);
    HttpClient(const QString &host, quint16 port);

    bool connectNow(int limit = 5'000);
    bool isOpen() const;
    /// Queues the bytes and returns; connects first when it has to.
    void send(const QByteArray &bytes);
    /// Waits until everything that was sent has left for the kernel. False when the peer does not take it in
    /// time.
    bool flush(int limit = 30'000);
    /// The next response, after any 1xx. headRequest: the head has no body, whatever it says.
    HttpResponse read(int limit = 30'000, bool headRequest = false);
    /// Waits for the next 1xx alone; its status, or 0 when a final response or nothing came.
    int readInterim(int limit = 5'000);
    /// send() and read(). Adds Host, and Content-Length when there is a body and no framing was given.
    HttpResponse request(const QByteArray &method, const QByteArray &target, const Headers &headers = {},
                         const QByteArray &body = {}, int limit = 30'000);
    /// Waits for the peer to close. False when it does not.
    bool waitForClose(int limit = 5'000);
    void close();
    /// Ends the connection with a reset.
    void reset();

    /// Takes body bytes instead of HttpResponse::body: for large ones.
    void setBodySink(std::function<void(const QByteArray &)> sink) { m_sink = std::move(sink); }

    QSslSocket &socket() { return *m_socket; }

    // Charm's own calls.
    static Headers bearer(const QByteArray &token);
    /// The envelope that the real client sends: one part "data".
    static QByteArray multipart(const QByteArray &data, const QByteArray &boundary = "test-boundary",
                                const QByteArray &fileName = "file");
    HttpResponse upload(const QByteArray &target, const QByteArray &data, const QByteArray &token,
                        quint32 mode = 0644, int limit = 30'000);
    HttpResponse get(const QByteArray &target, const QByteArray &token, int limit = 30'000);
    HttpResponse remove(const QByteArray &target, const QByteArray &token, int limit = 30'000);
    /// The head of an upload with a body of that many bytes, for tests that send the body their own way.
    QByteArray uploadHead(const QByteArray &target, qint64 bodySize, const QByteArray &token,
                          quint32 mode = 0644, const Headers &more = {}) const;

private:
    enum class Framing { None, Length, Chunked, ToEnd };

    struct Reading
    {
        bool inBody = false;
        Framing framing = Framing::None;
        qint64 left = 0; ///< Of the body, or of the chunk.
        bool inChunk = false;
        bool lastChunk = false;
    };

    bool advance(Reading &reading, HttpResponse &response, bool headRequest);
    bool takeHead(HttpResponse &response);
    static Framing framingOf(const HttpResponse &response, bool headRequest, qint64 &length);
    bool takeChunks(Reading &reading, HttpResponse &response);
    void takeBody(HttpResponse &response, qsizetype size);
    QByteArray authority() const;

    QUrl m_url;
    std::unique_ptr<QSslSocket> m_socket;
    QByteArray m_in;
    std::function<void(const QByteArray &)> m_sink;
};

} // namespace cring::test
