// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/objectdownload.h"

#include <openssl/evp.h>

namespace cring::backup {

namespace {

constexpr qint64 kBehind = 512 * 1024;

} // namespace

struct RunningSha256::State
{
    State()
        : context(EVP_MD_CTX_new())
    {
        EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
    }

    ~State() { EVP_MD_CTX_free(context); }

    Q_DISABLE_COPY(State)

    EVP_MD_CTX *context;
};

RunningSha256::RunningSha256(Workers &workers, QObject *parent)
    : QObject(parent)
    , m_workers(workers)
    , m_state(std::make_shared<State>())
{
}

RunningSha256::~RunningSha256() = default;

void RunningSha256::add(const QByteArray &piece)
{
    m_behind += piece.size();
    m_waiting.append(piece);
    work();
}

void RunningSha256::finish(std::function<void(QByteArray)> done)
{
    m_done = std::move(done);
    work();
}

void RunningSha256::work()
{
    if (m_working)
        return;
    if (m_waiting.isEmpty()) {
        if (!m_done)
            return;
        QByteArray digest(32, '\0');
        EVP_DigestFinal_ex(m_state->context, reinterpret_cast<unsigned char *>(digest.data()), nullptr);
        std::exchange(m_done, nullptr)(digest);
        return;
    }
    m_working = true;
    const auto pieces = std::make_shared<QList<QByteArray>>(std::exchange(m_waiting, {}));
    m_workers.run(
        [state = m_state, pieces] {
            for (const QByteArray &piece : std::as_const(*pieces))
                EVP_DigestUpdate(state->context, piece.constData(), static_cast<size_t>(piece.size()));
        },
        this,
        [this, pieces] {
            m_working = false;
            for (const QByteArray &piece : std::as_const(*pieces))
                m_behind -= piece.size();
            const QPointer<RunningSha256> self(this);
            Q_EMIT advanced();
            if (self)
                work();
        });
}

ObjectDownload::ObjectDownload(S3Client &client, const GetRequest &request, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_whole(request.start == 0 && request.end < 0)
    , m_call(
          client.get(request, this, [this](const S3Result<http::Response> &answer) { handleDone(answer); }))
    , m_digest(client.session().workers())
{
    connect(m_call, &S3Call::headReceived, this, &ObjectDownload::handleHead);
    connect(m_call, &S3Call::bodyReceived, this, &ObjectDownload::handleBody);
    connect(&m_digest, &RunningSha256::advanced, this, &ObjectDownload::handleAdvanced);
}

void ObjectDownload::handleHead(const http::ResponseHead &head)
{
    m_head = readObjectHead(head.headers);
    Q_EMIT started(m_head);
}

void ObjectDownload::handleBody(const QByteArray &data)
{
    m_received += data.size();
    if (m_whole && !m_head.sha256.isEmpty()) {
        m_digest.add(data);
        if (!m_held && m_digest.behind() > kBehind && m_call) {
            m_held = true;
            m_call->pause();
        }
    }
    Q_EMIT bodyReceived(data);
}

void ObjectDownload::handleAdvanced()
{
    if (m_held && m_digest.behind() <= kBehind / 2) {
        m_held = false;
        if (m_call)
            m_call->resume();
    }
}

void ObjectDownload::handleDone(const S3Result<http::Response> &answer)
{
    if (!answer) {
        Q_EMIT failed(answer.error());
        return;
    }
    if (m_whole && m_head.size >= 0 && m_received != m_head.size) {
        refuse(S3Error::Kind::Protocol,
               QStringLiteral("%1 bytes came of %2").arg(m_received).arg(m_head.size));
        return;
    }
    if (!m_whole || m_head.sha256.isEmpty()) {
        Q_EMIT finished();
        return;
    }
    m_digest.finish([this](const QByteArray &digest) { judge(digest); });
}

void ObjectDownload::judge(const QByteArray &digest)
{
    if (digest != m_head.sha256) {
        refuse(S3Error::Kind::Digest, QStringLiteral("SHA-256 is %1…, not %2…")
                                          .arg(QString::fromLatin1(digest.left(4).toHex()),
                                               QString::fromLatin1(m_head.sha256.left(4).toHex())));
        return;
    }
    m_verified = true;
    Q_EMIT finished();
}

void ObjectDownload::refuse(S3Error::Kind kind, const QString &words)
{
    const S3Endpoint &endpoint = m_client.session().endpoint();
    S3Error error;
    error.kind = kind;
    error.message = words;
    error.operation = QStringLiteral("GetObject");
    error.host = endpoint.name();
    error.bucket = endpoint.bucket();
    Q_EMIT failed(error);
}

} // namespace cring::backup
