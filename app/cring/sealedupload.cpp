// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/sealedupload.h"

#include "core/base/random.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cring::app {
using std::chrono::milliseconds;

namespace {

constexpr qint64 kPiece = 256 * 1024;
constexpr qsizetype kMostAnswer = 64 * 1024;
constexpr milliseconds kStall{60'000};

QByteArray boundary()
{
    SystemRandom random;
    return QByteArray::number(random.next(), 16) + QByteArray::number(random.next(), 16);
}

} // namespace

void SealedUpload::Work::next()
{
    sealed.clear();
    if (!begun) {
        begun = true;
        const auto header = sealer.begin();
        if (!header) {
            problem = header.error().detail;
            return;
        }
        sealed = *header;
    }
    // One byte more than is left: none is to be there.
    QByteArray piece(std::min(kPiece, left + 1), Qt::Uninitialized);
    ssize_t count = 0;
    do {
        count = ::read(file->get(), piece.data(), static_cast<size_t>(piece.size()));
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        problem = QStringLiteral("cannot be read: %1").arg(QString::fromLocal8Bit(std::strerror(errno)));
    } else if (count > left || (count == 0 && left > 0)) {
        problem = QStringLiteral("was changed while it was read");
    } else if (count == 0) {
        sealed += sealer.finish();
        left = -1;
    } else {
        left -= count;
        sealed += sealer.add(QByteArrayView(piece).first(count));
    }
}

SealedUpload::SealedUpload(CharmSession &session, QByteArray path, quint32 mode,
                           std::shared_ptr<backup::Descriptor> file, qint64 size, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_path(std::move(path))
    , m_mode(mode)
    , m_isFolder(!file)
    , m_size(size)
    , m_envelope(charm::makeEnvelope(boundary()))
    , m_work(std::make_shared<Work>(
          Work{charm::ContentsSealer(session.keys()), std::move(file), size, false, {}, {}}))
{
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, [this] {
        end(Error{Code::BackendTimeout, QStringLiteral("the ring does not take it in time")});
    });
}

SealedUpload::~SealedUpload()
{
    if (m_connection) {
        m_connection->detach();
        m_connection->abort();
    }
}

void SealedUpload::start()
{
    m_session.authorize(this, [this](const Result<QByteArray> &authorization) {
        if (authorization)
            send(*authorization);
        else
            end(authorization.error());
    });
}

void SealedUpload::send(const QByteArray &authorization)
{
    const qint64 body = m_isFolder ? 0 : charm::ContentsSealer::sealedSize(m_size);
    http::RequestHead head;
    head.method = "POST";
    head.target = "/v1/fs/" + m_path + "?mode=" + QByteArray::number(m_mode);
    head.headers.append("Host", m_session.pool().origin().authority());
    head.headers.append("Authorization", authorization);
    head.headers.append("Content-Type", m_envelope.contentType);
    head.headers.append("Content-Length",
                        QByteArray::number(m_envelope.head.size() + body + m_envelope.tail.size()));
    m_connection = m_session.pool().take(http::Pool::Want::Fresh);
    m_connection->begin(this, serialise(head));
    m_connection->write(m_envelope.head);
    m_limit.start(kStall);
    if (m_isFolder) {
        m_work->left = -1;
        handleRead();
    } else {
        readMore();
    }
}

void SealedUpload::readMore()
{
    m_reading = true;
    m_session.workers().run([work = m_work] { work->next(); }, this, [this] { handleRead(); });
}

void SealedUpload::handleRead()
{
    m_reading = false;
    if (m_ended || !m_connection)
        return;
    if (!m_work->problem.isEmpty()) {
        end(Error{Code::RestoreFailed, m_work->problem});
        return;
    }
    m_connection->write(m_work->sealed);
    m_limit.start(kStall);
    if (m_work->left < 0) {
        m_sent = true;
        m_connection->write(m_envelope.tail);
        m_connection->endRequest();
    } else if (m_connection->pending() <= http::ClientConnection::kLowWater) {
        readMore();
    }
}

void SealedUpload::handleWritable()
{
    if (!m_reading && !m_sent && !m_ended)
        readMore();
}

void SealedUpload::handleHead(const http::ResponseHead &head)
{
    m_status = head.status;
}

void SealedUpload::handleBody(const QByteArray &data)
{
    m_answer += data.first(std::min(data.size(), kMostAnswer - m_answer.size()));
}

void SealedUpload::handleFinished()
{
    if (m_status == 200 && !m_sent) {
        end(Error{Code::BackendProtocol,
                  QStringLiteral("the ring says that it has the file before it was sent")});
        return;
    }
    if (m_sent && m_connection) {
        m_connection->detach(); // It is the pool's again.
        m_connection = nullptr;
    }
    end(m_status == 200 ? Status() : Status(answerError(m_status, m_answer)));
}

void SealedUpload::handleFailed(const Error &error)
{
    m_connection = nullptr;
    end(error);
}

void SealedUpload::end(const Status &status)
{
    if (std::exchange(m_ended, true))
        return;
    m_limit.stop();
    QMetaObject::invokeMethod(
        this, [this, status] { Q_EMIT finished(status); }, Qt::QueuedConnection);
}

} // namespace cring::app
