// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/copywriting.h"

#include "core/charm/multipart.h"
#include "core/repair/copychange.h"
#include "core/replica/folders.h"
#include "core/replica/requests.h"
#include "core/replica/serverchange.h"

namespace cring::repair {

using replica::OwnerStream;
using replica::PathLocks;
using state::Debt;

namespace {

using namespace std::chrono_literals;

/// Without the server taking anything.
constexpr auto kStallTime = 10s;

charm::Envelope envelope()
{
    return charm::makeEnvelope("charmedringmending8e1c5d0f61b94a37");
}

} // namespace

CopyWriting::CopyWriting(replica::Environment &environment, health::Backend &target,
                         const replica::ObjectKey &key, const replica::Credentials &credentials,
                         quint64 version, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_target(target)
    , m_key(key)
    , m_path(key.sliced(qMin(key.size(), credentials.account.size() + 1)))
    , m_credentials(credentials)
    , m_version(version)
{
    m_wanted.setSingleShot(true);
    connect(&m_wanted, &QTimer::timeout, this, &CopyWriting::makeWay);
    m_stall.setSingleShot(true);
    connect(&m_stall, &QTimer::timeout, this,
            [this] { end(QStringLiteral("was too slow to take the file")); });
}

CopyWriting::~CopyWriting() = default;

// ---- a file ----

void CopyWriting::open(quint32 mode)
{
    m_mode = mode;
    m_size = 0;
    const charm::Envelope parts = envelope();
    http::RequestHead head;
    head.method = "POST";
    head.target = "/v1/fs/" + m_path + "?mode=" + QByteArray::number(mode);
    head.headers.append("Authorization", m_credentials.authorization);
    head.headers.append("Content-Type", parts.contentType);
    head.headers.append("Transfer-Encoding", "chunked");
    m_stream = std::make_unique<OwnerStream>(m_environment, m_target, m_key, nullptr);
    connect(m_stream.get(), &OwnerStream::changed, this, &CopyWriting::handleStreamChanged);
    m_stream->start(head);
    m_stream->offer(http::chunk(parts.head));
}

void CopyWriting::offer(const QByteArray &data)
{
    m_size += data.size();
    m_stream->offer(http::chunk(data));
    handleStreamChanged();
}

void CopyWriting::complete()
{
    m_complete = true;
    handleStreamChanged();
}

void CopyWriting::abandon()
{
    m_stream.reset();
    m_stall.stop();
    m_paused = false;
}

void CopyWriting::handleStreamChanged()
{
    if (m_ended || !m_stream)
        return;
    const bool blocked = m_stream->beforeTail() && m_stream->blocked();
    if (!m_replacing && (blocked || (m_complete && m_stream->beforeTail()))) {
        if (!m_stall.isActive())
            m_stall.start(kStallTime);
    } else {
        m_stall.stop();
    }
    switch (m_stream->state()) {
    case OwnerStream::State::Stored:
        end({});
        return;
    case OwnerStream::State::Late:
        // It may still act, and what it does is waited for, but nobody else has to.
        m_environment.catalogue.mark(m_key, m_target.id(), Debt::InDoubt);
        m_lease.release();
        return;
    case OwnerStream::State::InDoubt:
        m_environment.catalogue.mark(m_key, m_target.id(), Debt::InDoubt);
        end(m_stream->reason());
        return;
    case OwnerStream::State::Refused:
    case OwnerStream::State::Failed:
        end(m_stream->reason());
        return;
    case OwnerStream::State::TailSent:
        if (m_makesWay)
            makeWay();
        return;
    case OwnerStream::State::Preparing:
        break;
    case OwnerStream::State::Open:
        if (m_complete && !m_replacing && !m_released && m_stream->ready()) {
            m_replacing = true;
            m_stall.stop();
            clearWay(WayClearing::Wanted::File, [this] { locked([this] { replace(); }); });
        }
        break;
    }
    if (blocked == m_paused || m_complete)
        return;
    m_paused = blocked;
    Q_EMIT paused(blocked);
}

/// What stands there is in doubt or old in any case.
void CopyWriting::replace()
{
    // From here on it is gone, or half written, whatever becomes of this.
    m_environment.catalogue.mark(m_key, m_target.id(), Debt::Stale);
    deleteOld([this] {
        m_environment.folders.prepareFor(m_environment, m_credentials, m_path, m_mode, {&m_target}, {}, this,
                                         [this] { release(); });
    });
}

void CopyWriting::release()
{
    if (m_ended)
        return;
    m_replacing = false;
    m_released = true;
    m_stream->release(http::chunk(envelope().tail) + http::kLastChunk.toByteArray(),
                      replica::timeToStore(m_environment, m_size));
}

// ---- a folder, or nothing ----

void CopyWriting::putFolder(quint32 mode)
{
    clearWay(WayClearing::Wanted::Folder, [this, mode] { locked([this, mode] { makeFolder(mode); }); });
}

void CopyWriting::makeFolder(quint32 mode)
{
    replica::ServerChange::send(
        m_environment, m_target, m_key, replica::folderRequest(m_credentials, m_path, mode),
        m_environment.config.timing.answerTimeout, this, [this](const Result<http::Response> &result) {
            end(result && result->status == 200 ? QString() : QStringLiteral("refused a folder"));
        });
}

void CopyWriting::remove()
{
    locked([this] { deleteOld([this] { end({}); }); });
}

// ---- the way there ----

void CopyWriting::clearWay(WayClearing::Wanted wanted, std::function<void()> then)
{
    auto *clearing = new WayClearing(m_environment, m_target, m_key, m_credentials, wanted, this);
    connect(clearing, &WayClearing::finished, this,
            [this, clearing, then = std::move(then)](const QString &problem) {
                if (clearing->isBlockedAbove())
                    suspectAbove();
                if (problem.isEmpty())
                    then();
                else
                    end(problem);
            });
    clearing->start();
}

void CopyWriting::suspectAbove()
{
    replica::forEachAncestor(m_key, [this](QByteArrayView above) {
        const replica::ObjectKey key = above.toByteArray();
        if (key == m_credentials.account || !m_environment.catalogue.find(key))
            return;
        m_environment.folders.forget(m_target.id(), key);
        m_environment.catalogue.mark(key, m_target.id(), Debt::Stale);
    });
}

void CopyWriting::locked(std::function<void()> then)
{
    lockVersion(
        m_environment, m_key, m_version, this,
        [this, then = std::move(then)](Result<PathLocks::Lease> lease) {
            if (m_ended)
                return;
            if (!lease) {
                end(lease.error().detail);
                return;
            }
            m_lease = std::move(*lease);
            then();
        },
        [this] { m_wanted.start(m_environment.config.timing.stallBudget); });
}

void CopyWriting::deleteOld(std::function<void()> then)
{
    if (m_environment.catalogue.livesBelow(m_key, m_version)) {
        end(QStringLiteral("something newer lies below the path"));
        return;
    }
    deleteCopy(m_environment, m_target, m_key, m_credentials, this,
               [this, then = std::move(then)](int status, const QString &problem) {
                   if (status / 100 == 5)
                       suspectAbove();
                   if (problem.isEmpty())
                       then();
                   else
                       end(problem);
               });
}

/// A client waits for the path. What the server has in its hands is waited for, but by nobody else; all other
/// steps end soon by themselves.
void CopyWriting::makeWay()
{
    m_makesWay = true;
    if (m_ended || !m_stream || m_stream->state() != OwnerStream::State::TailSent)
        return;
    m_environment.catalogue.mark(m_key, m_target.id(), Debt::InDoubt);
    m_lease.release();
}

void CopyWriting::cancel()
{
    m_ended = true;
    m_stall.stop();
    if (m_stream) {
        m_stream->disconnect(this);
        m_stream->drop(QStringLiteral("was let go of"), false);
    }
    m_lease.release();
}

void CopyWriting::end(const QString &problem)
{
    if (m_ended)
        return;
    cancel();
    Q_EMIT finished(problem);
}

} // namespace cring::repair
