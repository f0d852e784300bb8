// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/blobpath.h"
#include "core/charm/listing.h"
#include "core/charm/multipart.h"
#include "core/replica/answers.h"
#include "core/replica/folders.h"
#include "core/replica/mending.h"
#include "core/replica/requests.h"

namespace cring::replica {

namespace {

using namespace std::chrono_literals;

charm::Envelope envelope()
{
    return charm::makeEnvelope("charmedringmending8e1c5d0f61b94a37");
}

} // namespace

CopyMending::CopyMending(Environment &environment, health::Backend &target, const ObjectKey &key,
                         const Credentials &credentials, Task task, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_use(environment.use)
    , m_target(target)
    , m_key(key)
    , m_path(key.sliced(qMin(key.size(), credentials.account.size() + 1)))
    , m_credentials(credentials)
    , m_task(task)
{
}

CopyMending::~CopyMending() = default;

void CopyMending::start()
{
    m_environment.locks.acquire(m_key, this, [this](PathLocks::Lease lease) {
        m_lease = std::move(lease);
        handleLocked();
    });
}

void CopyMending::handleLocked()
{
    // The path was not ours before: everything is looked at anew.
    if (m_environment.lanes.isBusy(m_target.id(), m_key)) {
        end(Result::Failed, QStringLiteral("has not answered an earlier change yet"));
        return;
    }
    m_record = m_environment.ledger.find(m_key);
    if (m_task == Task::Verify)
        verify();
    else if (m_record && m_record->deleted)
        removeAround(m_path, m_record->version);
    else
        chooseSource();
}

/// Is the copy what the record says? A digest that is not known (an old version put back) is taken from the
/// source anew.
void CopyMending::verify()
{
    m_read = std::make_unique<http::ClientRequest>(m_target.pool(), fileRequest("GET", m_credentials, m_path),
                                                   http::ClientRequest::Limits{5s, 5s}, nullptr);
    connect(m_read.get(), &http::ClientRequest::headReceived, this,
            [this](const http::ResponseHead &head) { m_status = head.status; });
    connect(m_read.get(), &http::ClientRequest::bodyReceived, this,
            [this](const QByteArray &data) { m_digest.add(data); });
    connect(m_read.get(), &http::ClientRequest::failed, this,
            [this](const Error &error) { end(Result::Failed, error.detail); });
    connect(m_read.get(), &http::ClientRequest::finished, this, [this] {
        m_read.release()->deleteLater();
        const bool deleted = m_record && m_record->deleted;
        const bool same = deleted ? m_status == 404
                                  : m_status == 200 && m_record && !m_record->digest.isEmpty() &&
                                        m_digest.value() == m_record->digest;
        if (same) {
            end(Result::Mended);
            return;
        }
        m_digest.reset();
        if (deleted)
            removeAround(m_path, m_record->version);
        else
            chooseSource();
    });
    m_read->start();
}

void CopyMending::removeCopy(std::function<void()> then)
{
    m_environment.folders.forget(m_target.id(), m_key);
    m_target.pool().exchange(
        fileRequest("DELETE", m_credentials, m_path), m_environment.config.timing.answerTimeout, 16 * 1024,
        this, [this, then = std::move(then)](const cring::Result<http::Response> &result) {
            if (!result)
                end(Result::Failed, result.error().detail);
            else if (result->status != 200)
                end(Result::Failed,
                    describeAnswer(result->status, result->headers.value("Content-Type"), result->body));
            else
                then();
        });
}

/// A delete that is owed must not take what was acknowledged below the path since (P3 is no licence for a
/// RemoveAll): when there is such a thing the entries go one by one.
void CopyMending::removeAround(const QByteArray &path, quint64 version)
{
    const ObjectKey key = objectKey(m_credentials.account, path);
    const bool whole = !m_environment.ledger.livesBelow(key, version);
    if (whole)
        m_environment.folders.forget(m_target.id(), key);
    ++m_removals;
    m_target.pool().exchange(fileRequest(whole ? "DELETE" : "GET", m_credentials, path),
                             m_environment.config.timing.answerTimeout, charm::kMaxListing, this,
                             [this, path, version, whole](const cring::Result<http::Response> &result) {
                                 if (!result)
                                     end(Result::Failed, result.error().detail);
                                 else if (result->status != 200 && result->status != 404)
                                     end(Result::Failed, QStringLiteral("refused a delete that is owed"));
                                 else if (!whole && result->status == 200)
                                     removeEntries(path, version, *result);
                                 if (--m_removals == 0)
                                     end(Result::Mended);
                             });
}

/// A file that was acknowledged since stays; of a folder, what is older goes.
void CopyMending::removeEntries(const QByteArray &path, quint64 version, const http::Response &response)
{
    if (!response.headers.value("Content-Type").startsWith("application/json"))
        return;
    const auto listing = charm::parseListing(response.body);
    if (!listing) {
        end(Result::Failed, listing.error().detail);
        return;
    }
    for (const charm::Entry &entry : listing->files)
        removeAround(path.isEmpty() ? entry.name : path + '/' + entry.name, version);
}

void CopyMending::chooseSource()
{
    const QList<health::Backend *> placement = m_environment.placement(m_key);
    for (health::Backend *backend : placement) {
        if (backend != &m_target && backend->usable() &&
            m_environment.ledger.copyState(m_key, backend->id()) == CopyState::Unknown) {
            m_source = backend;
            break;
        }
    }
    if (!m_source) {
        // When every copy has something against it, one that is what the record says makes an end of that.
        if (m_record && !m_record->digest.isEmpty() && !std::exchange(m_looked, true)) {
            verify();
            return;
        }
        end(Result::NoSource, QStringLiteral("no other server can give the file"));
        return;
    }
    m_reader = Readers::Registration(m_environment.readers, m_key, m_source->id(), [this] {
        end(Result::Failed, QStringLiteral("the file was changed meanwhile"));
    });
    m_read =
        std::make_unique<http::ClientRequest>(m_source->pool(), fileRequest("GET", m_credentials, m_path),
                                              http::ClientRequest::Limits{5s, 5s}, nullptr);
    connect(m_read.get(), &http::ClientRequest::headReceived, this, &CopyMending::handleSourceHead);
    connect(m_read.get(), &http::ClientRequest::bodyReceived, this, &CopyMending::handleSourceData);
    connect(m_read.get(), &http::ClientRequest::finished, this, &CopyMending::handleSourceFinished);
    connect(m_read.get(), &http::ClientRequest::failed, this,
            [this](const Error &error) { end(Result::Failed, error.detail); });
    m_read->start();
}

void CopyMending::handleSourceHead(const http::ResponseHead &head)
{
    m_status = head.status;
    m_mode = head.headers.value("X-File-Mode").toUInt();
    if (m_status != 200)
        return; // the body says which 404 it is
    if (head.headers.value("Content-Type").startsWith("application/json"))
        makeFolder(m_mode);
    else
        beginWrite(m_mode);
}

void CopyMending::makeFolder(quint32 mode)
{
    m_read->disconnect(this);
    m_read.release()->deleteLater();
    m_target.pool().exchange(
        folderRequest(m_credentials, m_path, mode), m_environment.config.timing.answerTimeout, 16 * 1024,
        this, [this](const cring::Result<http::Response> &result) {
            const bool ok = result && result->status == 200;
            end(ok ? Result::Mended : Result::Failed, ok ? QString() : QStringLiteral("refused a folder"));
        });
}

void CopyMending::beginWrite(quint32 mode)
{
    const charm::Envelope parts = envelope();
    http::RequestHead head;
    head.method = "POST";
    head.target = "/v1/fs/" + m_path + "?mode=" + QByteArray::number(mode);
    head.headers.append("Authorization", m_credentials.authorization);
    head.headers.append("Content-Type", parts.contentType);
    head.headers.append("Transfer-Encoding", "chunked");
    m_stream = std::make_unique<OwnerStream>(m_environment, m_target, m_key, nullptr);
    connect(m_stream.get(), &OwnerStream::changed, this, &CopyMending::handleStreamChanged);
    m_stream->start(head);
    m_stream->offer(http::chunk(parts.head));
}

void CopyMending::handleSourceData(const QByteArray &data)
{
    if (m_status != 200 || !m_stream)
        return;
    m_digest.add(data);
    m_stream->offer(http::chunk(data));
    handleStreamChanged();
}

void CopyMending::handleSourceFinished()
{
    m_read.release()->deleteLater();
    m_reader.release();
    if (m_status == 404) {
        removeCopy([this] { end(Result::Mended); });
        return;
    }
    if (m_status != 200 || !m_stream) {
        end(Result::Failed, QStringLiteral("the source answered %1").arg(m_status));
        return;
    }
    if (m_record && !m_record->digest.isEmpty() && m_digest.value() != m_record->digest) {
        m_environment.ledger.mark(m_key, m_source->id(), CopyState::Stale);
        m_environment.mending.mend(m_key, m_source->id(), m_credentials);
        end(Result::Failed, QStringLiteral("the source has something else than what was stored"));
        return;
    }
    m_sourceDone = true;
    handleStreamChanged();
}

void CopyMending::handleStreamChanged()
{
    if (m_ended || !m_stream)
        return;
    if (m_read && m_stream->blocked() != m_sourcePaused) {
        m_sourcePaused = !m_sourcePaused;
        m_sourcePaused ? m_read->pause() : m_read->resume();
    }
    if (m_stream->state() == OwnerStream::State::Stored) {
        end(Result::Mended);
    } else if (m_stream->settled() || m_stream->state() == OwnerStream::State::Late) {
        end(Result::Failed, m_stream->reason());
    } else if (m_sourceDone && !m_cleared && m_stream->ready()) {
        // Charm cannot write over a read-only file; what stands there is in doubt or old in any case.
        m_cleared = true;
        removeCopy([this] {
            m_environment.folders.prepareFor(
                m_environment, m_credentials, m_path, m_mode, {&m_target}, this, [this] {
                    const auto time = m_environment.config.timing.answerTimeout +
                                      1000ms * (m_digest.size() / (8 * 1024 * 1024));
                    m_stream->release(http::chunk(envelope().tail) + http::kLastChunk.toByteArray(), time);
                });
        });
    }
}

void CopyMending::end(Result result, const QString &reason)
{
    if (m_ended)
        return;
    m_ended = true;
    m_reason = reason;
    m_reader.release();
    m_lease.release();
    if (m_read) {
        m_read->disconnect(this);
        m_read.release()->deleteLater();
    }
    Q_EMIT finished(result);
}

} // namespace cring::replica
