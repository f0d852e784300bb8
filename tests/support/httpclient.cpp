// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/httpclient.h"

#include "tests/support/spin.h"

#include <QJsonDocument>

#include <sys/socket.h>

namespace cring::test {

namespace {

const Headers MultipartType{{"Content-Type", "multipart/form-data; boundary=test-boundary"}};

bool sameName(const QByteArray &left, const QByteArray &right)
{
    return left.compare(right, Qt::CaseInsensitive) == 0;
}

bool names(const Headers &headers, const QByteArray &name)
{
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto &header) { return sameName(header.first, name); });
}

QByteArray toBytes(const Headers &headers)
{
    QByteArray bytes;
    for (const auto &[name, value] : headers)
        bytes += name + ": " + value + "\r\n";
    return bytes;
}

} // namespace

QByteArray HttpResponse::header(const QByteArray &name) const
{
    for (const auto &[key, value] : headers) {
        if (sameName(key, name))
            return value;
    }
    return {};
}

QJsonObject HttpResponse::json() const
{
    return QJsonDocument::fromJson(body).object();
}

QString HttpResponse::message() const
{
    return json().value(QStringLiteral("message")).toString();
}

QByteArray HttpResponse::text() const
{
    return "status " + QByteArray::number(status) +
           (complete ? ", complete"
            : cut    ? ", cut"
                     : ", not complete") +
           (malformed ? ", malformed" : "") + ", " + QByteArray::number(bodySize) + " bytes in " +
           QByteArray::number(tookMs) + " ms: " + body.left(500);
}

HttpClient::HttpClient(const QUrl &url)
    : m_url(url)
    , m_socket(std::make_unique<QSslSocket>())
{
    // What has come is taken from the front piece by piece: a heap of it would be moved each time.
    m_socket->setReadBufferSize(1024 * 1024);
    m_socket->setPeerVerifyMode(QSslSocket::VerifyNone);
}

HttpClient::HttpClient(const QString &host, quint16 port)
    : HttpClient(
          QUrl(QStringLiteral("http://%1:%2").arg(host.contains(u':') ? u'[' + host + u']' : host).arg(port)))
{
}

bool HttpClient::connectNow(int limit)
{
    if (isOpen())
        return true;
    m_in.clear();
    const auto port = static_cast<quint16>(m_url.port());
    if (m_url.scheme() == QLatin1String("https")) {
        m_socket->connectToHostEncrypted(m_url.host(), port);
        return spinUntil([&] { return m_socket->isEncrypted(); }, limit);
    }
    m_socket->connectToHost(m_url.host(), port);
    return spinUntil([&] { return isOpen() || m_socket->error() == QAbstractSocket::ConnectionRefusedError; },
                     limit) &&
           isOpen();
}

bool HttpClient::isOpen() const
{
    return m_socket->state() == QAbstractSocket::ConnectedState;
}

void HttpClient::send(const QByteArray &bytes)
{
    if (connectNow())
        m_socket->write(bytes);
}

bool HttpClient::flush(int limit)
{
    return spinUntil(
               [&] { return !isOpen() || m_socket->bytesToWrite() + m_socket->encryptedBytesToWrite() == 0; },
               limit) &&
           isOpen();
}

HttpResponse HttpClient::read(int limit, bool headRequest)
{
    QElapsedTimer timer;
    timer.start();
    HttpResponse response;
    Reading reading;
    (void)spinUntil(
        [&] {
            const bool open = isOpen();
            m_in += m_socket->readAll();
            if (advance(reading, response, headRequest) || response.malformed)
                return true;
            if (open)
                return false;
            response.complete = reading.inBody && reading.framing == Framing::ToEnd;
            response.cut = !response.complete;
            return true;
        },
        limit);
    response.tookMs = timer.elapsed();
    return response;
}

int HttpClient::readInterim(int limit)
{
    HttpResponse response;
    (void)spinUntil(
        [&] {
            m_in += m_socket->readAll();
            return m_in.contains("\r\n\r\n") || !isOpen();
        },
        limit);
    if (m_in.startsWith("HTTP/1.1 1") && takeHead(response))
        return response.status;
    return 0;
}

HttpResponse HttpClient::request(const QByteArray &method, const QByteArray &target, const Headers &headers,
                                 const QByteArray &body, int limit)
{
    QByteArray head = method + ' ' + target + " HTTP/1.1\r\n";
    if (!names(headers, "Host"))
        head += "Host: " + authority() + "\r\n";
    head += toBytes(headers);
    if (!body.isEmpty() && !names(headers, "Content-Length") && !names(headers, "Transfer-Encoding"))
        head += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    send(head + "\r\n" + body);
    return read(limit, method == "HEAD");
}

bool HttpClient::waitForClose(int limit)
{
    return spinUntil(
        [&] {
            m_in += m_socket->readAll();
            return !isOpen();
        },
        limit);
}

void HttpClient::close()
{
    m_socket->disconnectFromHost();
    (void)spinUntil([&] { return m_socket->state() == QAbstractSocket::UnconnectedState; }, 2'000);
}

void HttpClient::reset()
{
    const linger now{1, 0};
    ::setsockopt(static_cast<int>(m_socket->socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    m_socket->abort();
}

Headers HttpClient::bearer(const QByteArray &token)
{
    if (token.isEmpty())
        return {};
    return {{"Authorization", "bearer " + token}};
}

QByteArray HttpClient::multipart(const QByteArray &data, const QByteArray &boundary,
                                 const QByteArray &fileName)
{
    return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"data\"; filename=\"" + fileName +
           "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + data + "\r\n--" + boundary + "--\r\n";
}

HttpResponse HttpClient::upload(const QByteArray &target, const QByteArray &data, const QByteArray &token,
                                quint32 mode, int limit)
{
    const QByteArray body = multipart(data);
    send(uploadHead(target, body.size(), token, mode) + body);
    return read(limit);
}

HttpResponse HttpClient::get(const QByteArray &target, const QByteArray &token, int limit)
{
    return request("GET", target, bearer(token), {}, limit);
}

HttpResponse HttpClient::remove(const QByteArray &target, const QByteArray &token, int limit)
{
    return request("DELETE", target, bearer(token), {}, limit);
}

QByteArray HttpClient::uploadHead(const QByteArray &target, qint64 bodySize, const QByteArray &token,
                                  quint32 mode, const Headers &more) const
{
    return "POST " + target + "?mode=" + QByteArray::number(mode) + " HTTP/1.1\r\nHost: " + authority() +
           "\r\n" + toBytes(bearer(token)) + toBytes(MultipartType) + toBytes(more) +
           "Content-Length: " + QByteArray::number(bodySize) + "\r\n\r\n";
}

/// Takes what m_in holds; true at the end of the response.
bool HttpClient::advance(Reading &reading, HttpResponse &response, bool headRequest)
{
    while (!reading.inBody) {
        if (!takeHead(response))
            return false;
        if (response.status >= 100 && response.status < 200) {
            const QList<int> interim = response.interim + QList<int>{response.status};
            response = HttpResponse();
            response.interim = interim;
            continue;
        }
        reading.inBody = true;
        reading.framing = framingOf(response, headRequest, reading.left);
    }
    switch (reading.framing) {
    case Framing::None:
        response.complete = true;
        break;
    case Framing::Length: {
        const qsizetype size = std::min<qsizetype>(reading.left, m_in.size());
        takeBody(response, size);
        reading.left -= size;
        response.complete = reading.left == 0;
        break;
    }
    case Framing::Chunked:
        response.complete = takeChunks(reading, response);
        break;
    case Framing::ToEnd:
        takeBody(response, m_in.size());
        break;
    }
    return response.complete;
}

bool HttpClient::takeHead(HttpResponse &response)
{
    const qsizetype end = m_in.indexOf("\r\n\r\n");
    if (end < 0) {
        response.malformed =
            !m_in.isEmpty() && !m_in.startsWith(QByteArrayLiteral("HTTP/1.").left(m_in.size()));
        return false;
    }
    const QList<QByteArray> lines = m_in.left(end).split('\n');
    m_in.remove(0, end + 4);
    const QByteArray statusLine = lines.first().trimmed();
    response.status = statusLine.mid(9, 3).toInt();
    response.reason = statusLine.mid(13);
    response.malformed = !statusLine.startsWith("HTTP/1.") || response.status < 100;
    for (const QByteArray &line : lines.mid(1)) {
        const qsizetype colon = line.indexOf(':');
        response.headers.append({line.left(colon).trimmed(), line.mid(colon + 1).trimmed()});
    }
    return !response.malformed;
}

HttpClient::Framing HttpClient::framingOf(const HttpResponse &response, bool headRequest, qint64 &length)
{
    if (headRequest || response.status == 204 || response.status == 304)
        return Framing::None;
    if (sameName(response.header("Transfer-Encoding"), "chunked"))
        return Framing::Chunked;
    if (names(response.headers, "Content-Length")) {
        length = response.header("Content-Length").toLongLong();
        return Framing::Length;
    }
    return Framing::ToEnd;
}

bool HttpClient::takeChunks(Reading &reading, HttpResponse &response)
{
    for (;;) {
        if (reading.inChunk) {
            const qsizetype size = std::min<qsizetype>(reading.left, m_in.size());
            takeBody(response, size);
            reading.left -= size;
            if (reading.left > 0 || m_in.size() < 2)
                return false;
            m_in.remove(0, 2);
            reading.inChunk = false;
        }
        const qsizetype end = m_in.indexOf("\r\n");
        if (end < 0)
            return false;
        const QByteArray line = m_in.left(end);
        m_in.remove(0, end + 2);
        if (reading.lastChunk) {
            if (line.isEmpty())
                return true; // The end of the trailer.
            continue;
        }
        bool isNumber = false;
        reading.left = line.split(';').first().trimmed().toLongLong(&isNumber, 16);
        response.malformed = !isNumber;
        if (!isNumber)
            return false;
        reading.lastChunk = reading.left == 0;
        reading.inChunk = !reading.lastChunk;
    }
}

void HttpClient::takeBody(HttpResponse &response, qsizetype size)
{
    if (m_sink)
        m_sink(m_in.left(size));
    else
        response.body += m_in.left(size);
    response.bodySize += size;
    m_in.remove(0, size);
}

QByteArray HttpClient::authority() const
{
    return m_url.authority().toLatin1();
}

} // namespace cring::test
