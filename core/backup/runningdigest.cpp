// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/runningdigest.h"

#include <openssl/evp.h>

namespace cring::backup {

namespace {

/// Takes some ten microseconds, as the way to a worker and back does.
constexpr qsizetype kSmall = 16 * 1024;

} // namespace

struct RunningDigest::State
{
    explicit State(Hash hash)
        : context(EVP_MD_CTX_new())
    {
        EVP_DigestInit_ex(context, hash == Hash::Sha256 ? EVP_sha256() : EVP_md5(), nullptr);
    }

    ~State() { EVP_MD_CTX_free(context); }

    Q_DISABLE_COPY(State)

    void add(const QByteArray &piece)
    {
        EVP_DigestUpdate(context, piece.constData(), static_cast<size_t>(piece.size()));
    }

    EVP_MD_CTX *context;
};

RunningDigest::RunningDigest(Hash hash, Workers &workers, QObject *parent)
    : QObject(parent)
    , m_workers(workers)
    , m_state(std::make_shared<State>(hash))
{
}

RunningDigest::~RunningDigest() = default;

void RunningDigest::add(const QByteArray &piece)
{
    if (!m_working && piece.size() <= kSmall) {
        m_state->add(piece);
        return;
    }
    m_behind += piece.size();
    m_waiting.append(piece);
    work();
}

void RunningDigest::finish(std::function<void(QByteArray)> done)
{
    m_done = std::move(done);
    work();
}

void RunningDigest::work()
{
    if (m_working)
        return;
    if (m_waiting.isEmpty()) {
        if (!m_done)
            return;
        QByteArray digest(EVP_MD_CTX_size(m_state->context), '\0');
        EVP_DigestFinal_ex(m_state->context, reinterpret_cast<unsigned char *>(digest.data()), nullptr);
        std::exchange(m_done, nullptr)(digest);
        return;
    }
    m_working = true;
    const auto pieces = std::make_shared<QList<QByteArray>>(std::exchange(m_waiting, {}));
    m_workers.run(
        [state = m_state, pieces] {
            for (const QByteArray &piece : std::as_const(*pieces))
                state->add(piece);
        },
        this,
        [this, pieces] {
            m_working = false;
            for (const QByteArray &piece : std::as_const(*pieces))
                m_behind -= piece.size();
            const QPointer<RunningDigest> self(this);
            Q_EMIT advanced();
            if (self)
                work();
        });
}

} // namespace cring::backup
