// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/faultyserver.h"

#include "app/playground/loopback.h"

#include <QMutex>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>

#include <sys/socket.h>

namespace cring::test {

namespace {

constexpr qint64 ReadWindow = 256 * 1024;
constexpr qint64 WriteWindow = 1024 * 1024;
/// Of a body, what DelayEnd keeps back: more than any closing delimiter with its chunk.
constexpr qsizetype DelayedEnd = 128;
/// Slowly sends a share of its rate so often.
constexpr int SlowInterval = 100;

QByteArray headerValue(const QByteArray &head, const QByteArray &name)
{
    for (const QByteArray &line : head.split('\n')) {
        const qsizetype colon = line.indexOf(':');
        if (colon > 0 && line.left(colon).trimmed().compare(name, Qt::CaseInsensitive) == 0)
            return line.mid(colon + 1).trimmed();
    }
    return {};
}

/// Counts a body to its end, by length or by chunks, without changing it.
class BodyCounter
{
public:
    void begin(const QByteArray &head)
    {
        m_chunked = headerValue(head, "Transfer-Encoding").compare("chunked", Qt::CaseInsensitive) == 0;
        m_left = m_chunked ? 0 : headerValue(head, "Content-Length").toLongLong();
        m_line.clear();
        m_state = m_chunked ? State::Size : State::Data;
        m_done = !m_chunked && m_left == 0;
    }

    bool done() const { return m_done; }

    /// How many of the bytes belong to this body.
    qsizetype take(const QByteArray &bytes)
    {
        qsizetype at = 0;
        while (at < bytes.size() && !m_done)
            at += m_state == State::Data ? takeData(bytes.size() - at) : takeLineByte(bytes.at(at));
        return at;
    }

private:
    enum class State { Size, Data, DataEnd, Trailer };

    qsizetype takeData(qsizetype available)
    {
        const qsizetype size = std::min<qsizetype>(available, m_left);
        m_left -= size;
        if (m_left == 0) {
            m_done = !m_chunked;
            m_state = State::DataEnd;
        }
        return size;
    }

    qsizetype takeLineByte(char byte)
    {
        if (byte != '\n') {
            m_line += byte;
            return 1;
        }
        const QByteArray line = m_line.trimmed();
        m_line.clear();
        if (m_state == State::Trailer) {
            m_done = line.isEmpty();
        } else if (m_state == State::DataEnd) {
            m_state = State::Size;
        } else {
            m_left = line.split(';').first().toLongLong(nullptr, 16);
            m_state = m_left == 0 ? State::Trailer : State::Data;
        }
        return 1;
    }

    bool m_chunked = false;
    bool m_done = true;
    qint64 m_left = 0;
    State m_state = State::Data;
    QByteArray m_line;
};

} // namespace

QByteArray Fault::answerBytes(int code, const QByteArray &body, const QByteArray &type)
{
    return "HTTP/1.1 " + QByteArray::number(code) + " Status\r\nContent-Type: " + type +
           "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

/// What the test's thread and the server's thread both touch, under the mutex.
struct FaultyServer::Shared
{
    struct Rule
    {
        QByteArray method;
        QByteArray prefix;
        Fault fault;
        int times;

        bool fits(const Request &request) const
        {
            return times != 0 && (method.isEmpty() || method == request.method) &&
                   request.target.startsWith(prefix);
        }
    };

    Fault take(const Request &request)
    {
        const QMutexLocker lock(&mutex);
        for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
            if (rule->fits(request)) {
                if (rule->times > 0)
                    --rule->times;
                return rule->fault;
            }
        }
        return upstream.isEmpty() ? Fault::status(404, R"({"message":"not here"})") : Fault::forward();
    }

    qsizetype record(const Request &request)
    {
        const QMutexLocker lock(&mutex);
        requests.append(request);
        return requests.size() - 1;
    }

    void update(qsizetype index, qint64 bodySize, bool complete)
    {
        const QMutexLocker lock(&mutex);
        requests[index].bodySize = bodySize;
        requests[index].complete = complete;
    }

    mutable QMutex mutex;
    QList<Rule> rules;
    QList<Request> requests;
    QUrl upstream;
    QUrl url;
    int accepted = 0;
    int open = 0;
};

/// One client's connection, and the one to the real server that belongs to it.
class FaultyServer::Connection : public QObject
{
public:
    Connection(QTcpSocket *client, std::shared_ptr<Shared> shared, QObject *parent)
        : QObject(parent)
        , m_shared(std::move(shared))
        , m_client(client)
    {
        m_client->setParent(this);
        m_client->setReadBufferSize(ReadWindow);
        connect(m_client, &QTcpSocket::readyRead, this, &Connection::readClient);
        connect(m_client, &QTcpSocket::bytesWritten, this, &Connection::readUpstream);
        connect(m_client, &QTcpSocket::disconnected, this, &Connection::end);
        connect(&m_trickle, &QTimer::timeout, this, &Connection::trickle);
        m_delay.setSingleShot(true);
        connect(&m_delay, &QTimer::timeout, this, &Connection::sendDelayed);
    }

    ~Connection() override
    {
        m_client->disconnect(this);
        if (m_upstream)
            m_upstream->disconnect(this);
        const QMutexLocker lock(&m_shared->mutex);
        --m_shared->open;
    }

    void readClient()
    {
        for (bool progress = true; progress && !m_ended;) {
            if (m_stalled || (m_upstream && m_upstream->bytesToWrite() > WriteWindow))
                return;
            m_in += m_client->readAll();
            progress = m_inBody ? takeBody() : takeHead();
        }
    }

private:
    /// True when a whole head was there.
    bool takeHead()
    {
        const qsizetype end = m_in.indexOf("\r\n\r\n");
        if (end < 0)
            return false;
        m_request = Request();
        m_request.head = m_in.left(end + 4);
        m_in.remove(0, end + 4);
        const QList<QByteArray> line = m_request.head.left(m_request.head.indexOf('\r')).split(' ');
        m_request.method = line.value(0);
        m_request.target = line.value(1);
        m_index = m_shared->record(m_request);
        m_fault = m_shared->take(m_request);
        m_counter.begin(m_request.head);
        m_inBody = true;
        m_answerHead.clear();
        m_answerHeadDone = false;
        m_answerBody = 0;
        startRequest();
        return true;
    }

    bool forwards() const
    {
        const Fault::Kind kind = m_fault.kind;
        const bool reachesServer = kind == Fault::Kind::Forward || kind == Fault::Kind::CutRequest ||
                                   kind == Fault::Kind::CutResponse || kind == Fault::Kind::LoseResponse ||
                                   kind == Fault::Kind::HoldResponse || kind == Fault::Kind::StallRequest ||
                                   kind == Fault::Kind::DelayEnd || kind == Fault::Kind::Slowly;
        const QMutexLocker lock(&m_shared->mutex);
        return reachesServer && !m_shared->upstream.isEmpty() && m_fault.bytes.isEmpty();
    }

    void startRequest()
    {
        m_forwarding = forwards();
        if (m_forwarding) {
            connectUpstream();
            m_upstream->write(m_request.head);
        } else if (m_fault.kind == Fault::Kind::EarlyAnswer) {
            m_client->write(m_fault.bytes);
        } else if (m_fault.kind != Fault::Kind::Silent &&
                   headerValue(m_request.head, "Expect").toLower() == "100-continue") {
            m_client->write("HTTP/1.1 100 Continue\r\n\r\n");
        }
        if (m_fault.kind == Fault::Kind::CutRequest && m_fault.at == 0)
            cut();
        else if (m_fault.kind == Fault::Kind::StallRequest && m_fault.at == 0)
            m_stalled = true;
        else if (m_counter.done())
            finishRequest();
    }

    /// True when the body ended and more may follow.
    bool takeBody()
    {
        if (m_counter.done() || m_in.isEmpty())
            return false;
        QByteArray piece = m_in;
        const bool bounded =
            m_fault.kind == Fault::Kind::CutRequest || m_fault.kind == Fault::Kind::StallRequest;
        if (bounded)
            piece.truncate(std::max<qint64>(0, m_fault.at - m_request.bodySize));
        piece.truncate(m_counter.take(piece));
        m_in.remove(0, piece.size());
        m_request.bodySize += piece.size();
        m_shared->update(m_index, m_request.bodySize, m_counter.done());
        if (m_forwarding)
            forward(piece);
        if (bounded && m_request.bodySize >= m_fault.at) {
            m_stalled = true;
            if (m_fault.kind == Fault::Kind::CutRequest)
                cut();
            return false;
        }
        if (m_counter.done())
            finishRequest();
        return !m_in.isEmpty() || m_client->bytesAvailable() > 0;
    }

    void forward(const QByteArray &piece)
    {
        const bool slowly = m_fault.kind == Fault::Kind::Slowly;
        if (!slowly && m_fault.kind != Fault::Kind::DelayEnd) {
            m_upstream->write(piece);
            return;
        }
        m_delayed += piece;
        if (slowly) {
            if (!m_delay.isActive())
                m_delay.start(SlowInterval);
            return;
        }
        if (m_delayed.size() > DelayedEnd) {
            m_upstream->write(m_delayed.chopped(DelayedEnd));
            m_delayed = m_delayed.right(DelayedEnd);
        }
        if (m_counter.done())
            m_delay.start(m_fault.interval);
    }

    void sendDelayed()
    {
        if (m_fault.kind != Fault::Kind::Slowly) {
            m_upstream->write(std::exchange(m_delayed, {}));
            return;
        }
        const qint64 share = std::max<qint64>(1, m_fault.at * SlowInterval / 1'000);
        m_upstream->write(m_delayed.left(share));
        m_delayed.remove(0, share);
        if (!m_delayed.isEmpty())
            m_delay.start(SlowInterval);
    }

    void finishRequest()
    {
        m_shared->update(m_index, m_request.bodySize, true);
        m_inBody = false;
        if (m_forwarding)
            return;
        switch (m_fault.kind) {
        case Fault::Kind::Answer:
            m_client->write(m_fault.bytes);
            break;
        case Fault::Kind::CutResponse:
            m_client->write(m_fault.bytes.left(m_fault.bytes.indexOf("\r\n\r\n") + 4 + m_fault.at));
            cut();
            break;
        case Fault::Kind::LoseResponse:
            cut();
            break;
        case Fault::Kind::Trickle:
            m_trickleLeft = m_fault.bytes;
            m_trickle.start(m_fault.interval);
            break;
        default:
            break;
        }
    }

    void trickle()
    {
        m_client->write(m_trickleLeft.left(m_fault.at));
        m_trickleLeft.remove(0, m_fault.at);
        if (m_trickleLeft.isEmpty())
            m_trickle.stop();
    }

    void connectUpstream()
    {
        if (m_upstream && m_upstream->state() != QAbstractSocket::UnconnectedState)
            return;
        delete m_upstream;
        m_upstream = new QTcpSocket(this);
        m_upstream->setReadBufferSize(ReadWindow);
        connect(m_upstream, &QTcpSocket::readyRead, this, &Connection::readUpstream);
        connect(m_upstream, &QTcpSocket::bytesWritten, this, &Connection::readClient);
        // The real server's end is the client's end.
        connect(m_upstream, &QTcpSocket::disconnected, this, [this] {
            readUpstream();
            m_client->disconnectFromHost();
        });
        connect(m_upstream, &QTcpSocket::errorOccurred, this, [this](QAbstractSocket::SocketError error) {
            if (error == QAbstractSocket::ConnectionRefusedError)
                m_client->abort();
        });
        const QMutexLocker lock(&m_shared->mutex);
        m_upstream->connectToHost(m_shared->upstream.host(), static_cast<quint16>(m_shared->upstream.port()));
    }

    void readUpstream()
    {
        while (!m_ended && m_upstream && m_upstream->bytesAvailable() > 0 &&
               m_client->bytesToWrite() < WriteWindow)
            passAnswer(m_upstream->readAll());
    }

    void passAnswer(const QByteArray &bytes)
    {
        if (m_clientLeft) {
            end();
            return;
        }
        if (m_fault.kind == Fault::Kind::Forward) {
            m_client->write(bytes);
            return;
        }
        m_answerHead += bytes;
        while (!m_answerHeadDone) {
            const qsizetype end = m_answerHead.indexOf("\r\n\r\n");
            if (end < 0)
                return;
            const QByteArray head = m_answerHead.left(end + 4);
            m_answerHeadDone = !head.startsWith("HTTP/1.1 1");
            if (m_answerHeadDone && m_fault.kind == Fault::Kind::LoseResponse) {
                cut();
                return;
            }
            m_answerHead.remove(0, end + 4);
            if (!m_answerHeadDone || m_fault.kind != Fault::Kind::HoldResponse)
                m_client->write(head);
        }
        passAnswerBody(std::exchange(m_answerHead, {}));
    }

    void passAnswerBody(QByteArray bytes)
    {
        if (m_fault.kind == Fault::Kind::HoldResponse)
            return;
        if (m_fault.kind == Fault::Kind::CutResponse)
            bytes.truncate(m_fault.at - m_answerBody);
        m_client->write(bytes);
        m_answerBody += bytes.size();
        if (m_fault.kind == Fault::Kind::CutResponse && m_answerBody >= m_fault.at)
            cut();
    }

    void cut()
    {
        m_stalled = true;
        if (m_fault.withReset) {
            m_client->flush();
            const linger now{1, 0};
            ::setsockopt(static_cast<int>(m_client->socketDescriptor()), SOL_SOCKET, SO_LINGER, &now,
                         sizeof now);
            m_client->abort();
        } else {
            m_client->disconnectFromHost();
        }
    }

    void end()
    {
        if (m_delay.isActive()) {
            m_clientLeft = true;
            return;
        }
        if (std::exchange(m_ended, true))
            return;
        m_trickle.stop();
        if (m_upstream)
            m_upstream->disconnectFromHost();
        deleteLater();
    }

    std::shared_ptr<Shared> m_shared;
    QTcpSocket *m_client;
    QTcpSocket *m_upstream = nullptr;
    QTimer m_trickle;
    QByteArray m_trickleLeft;
    QTimer m_delay;
    QByteArray m_delayed; ///< What the real server does not have yet.
    bool m_clientLeft = false;
    QByteArray m_in;
    Request m_request;
    qsizetype m_index = 0;
    Fault m_fault;
    BodyCounter m_counter;
    QByteArray m_answerHead;
    qint64 m_answerBody = 0;
    bool m_answerHeadDone = false;
    bool m_inBody = false;
    bool m_forwarding = false;
    bool m_stalled = false;
    bool m_ended = false;
};

class FaultyServer::Listener : public QTcpServer
{
public:
    explicit Listener(std::shared_ptr<Shared> shared)
        : m_shared(std::move(shared))
    {
        const QString address = playground::ownLoopbackAddress(3);
        listen(QHostAddress(address), 0);
        m_shared->url = QUrl(QStringLiteral("http://%1:%2").arg(address).arg(serverPort()));
        connect(this, &QTcpServer::newConnection, this, [this] {
            while (QTcpSocket *socket = nextPendingConnection()) {
                {
                    const QMutexLocker lock(&m_shared->mutex);
                    ++m_shared->accepted;
                    ++m_shared->open;
                }
                // Bytes may be there already.
                (new Connection(socket, m_shared, this))->readClient();
            }
        });
    }

private:
    std::shared_ptr<Shared> m_shared;
};

FaultyServer::FaultyServer()
    : m_shared(std::make_shared<Shared>())
{
    m_listener = new Listener(m_shared);
    m_listener->moveToThread(&m_thread);
    QObject::connect(&m_thread, &QThread::finished, m_listener, &QObject::deleteLater);
    m_thread.start();
}

FaultyServer::~FaultyServer()
{
    stop();
}

QUrl FaultyServer::url() const
{
    return m_shared->url;
}

quint16 FaultyServer::port() const
{
    return static_cast<quint16>(m_shared->url.port());
}

void FaultyServer::forwardTo(const QUrl &server)
{
    const QMutexLocker lock(&m_shared->mutex);
    m_shared->upstream = server;
}

void FaultyServer::on(const QByteArray &method, const QByteArray &prefix, const Fault &fault, int times)
{
    const QMutexLocker lock(&m_shared->mutex);
    m_shared->rules.append({method, prefix, fault, times});
}

void FaultyServer::clearRules()
{
    const QMutexLocker lock(&m_shared->mutex);
    m_shared->rules.clear();
}

QList<FaultyServer::Request> FaultyServer::requests(const QByteArray &method, const QByteArray &prefix) const
{
    const QMutexLocker lock(&m_shared->mutex);
    QList<Request> fitting;
    for (const Request &request : m_shared->requests) {
        if ((method.isEmpty() || method == request.method) && request.target.startsWith(prefix))
            fitting.append(request);
    }
    return fitting;
}

int FaultyServer::connections() const
{
    const QMutexLocker lock(&m_shared->mutex);
    return m_shared->accepted;
}

int FaultyServer::openConnections() const
{
    const QMutexLocker lock(&m_shared->mutex);
    return m_shared->open;
}

void FaultyServer::stop()
{
    m_thread.quit();
    m_thread.wait();
}

} // namespace cring::test
