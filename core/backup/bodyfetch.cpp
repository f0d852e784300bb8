// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bodyfetch.h"

namespace cring::backup {

using replica::Download;

BodyFetch::BodyFetch(replica::Environment &environment, Workers &workers, const replica::ObjectKey &key,
                     const replica::Record &record, const replica::Credentials &credentials, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_use(environment.use)
    , m_workers(workers)
    , m_key(key)
    , m_record(record)
    , m_credentials(credentials)
    , m_digest(environment.database.digestSeed())
{
}

BodyFetch::~BodyFetch() = default;

void BodyFetch::start()
{
    if (fromMemory() || fromSpool())
        return;
    const QByteArray path = m_key.mid(state::accountOf(m_key).size() + 1);
    m_download = std::make_unique<Download>(m_environment, m_credentials, path, "/v1/fs/" + path,
                                            Download::Want::Copy, nullptr);
    if (m_record.size > kInMemory)
        beginDraft();
    connect(m_download.get(), &Download::dataReceived, this, &BodyFetch::handleData);
    connect(m_download.get(), &Download::completed, this, &BodyFetch::handleCompleted);
    connect(m_download.get(), &Download::isFolder, this, [this] {
        end(Error{Code::FileChanged, QStringLiteral("the servers have a folder there")});
    });
    connect(m_download.get(), &Download::refused, this, [this](const replica::Outcome &outcome) {
        end(Error{outcome.status == 404 ? Code::NotFound : Code::BackendAnswer,
                  outcome.summary.isEmpty() ? QStringLiteral("the servers answered %1").arg(outcome.status)
                                            : outcome.summary});
    });
    connect(m_download.get(), &Download::broken, this, [this](const QString &reason) {
        end(Error{Code::BackendAnswer, reason});
    });
    m_download->start();
}

void BodyFetch::beginDraft()
{
    m_draft = m_environment.spool.begin();
    connect(m_draft.get(), &state::BodyDraft::behindChanged, m_download.get(), &Download::setPaused);
    connect(m_draft.get(), &state::BodyDraft::failed, this, [this](const Error &error) { end(error); });
}

bool BodyFetch::fromMemory()
{
    if (m_record.digest.isEmpty())
        return false;
    const auto body = m_environment.recentBodies.take(m_key, m_record.digest);
    if (!body)
        return false;
    QMetaObject::invokeMethod(
        this, [this, body] { end({std::make_shared<BytesSource>(*body)}); }, Qt::QueuedConnection);
    return true;
}

bool BodyFetch::fromSpool()
{
    if (m_record.digest.isEmpty())
        return false;
    const auto body = m_environment.spool.find(m_key, m_record.digest);
    if (!body || body->pending)
        return false;
    const auto source =
        std::make_shared<FileSource>(m_workers, m_environment.spool.path(body->id), 0, body->size);
    QMetaObject::invokeMethod(
        this, [this, source] { end({source}); }, Qt::QueuedConnection);
    return true;
}

void BodyFetch::handleData(const QByteArray &data)
{
    m_digest.add(data);
    // A record that was made from a listing knows no size: the beginning is kept until it is too much.
    if (m_draft) {
        m_draft->add(data);
        return;
    }
    m_body += data;
    if (m_body.size() <= kInMemory)
        return;
    beginDraft();
    m_draft->add(std::exchange(m_body, {}));
}

void BodyFetch::handleCompleted()
{
    const QByteArray digest = m_digest.value();
    if (!m_record.digest.isEmpty() && digest != m_record.digest) {
        end(Error{Code::FileChanged, QStringLiteral("what the servers gave is another version")});
        return;
    }
    if (!m_draft) {
        end({std::make_shared<BytesSource>(m_body)});
        return;
    }
    m_draft->commit(m_key, digest, m_record.mode, [this](const Status &status) {
        if (!status) {
            end(status.error());
            return;
        }
        m_draft->keep();
        const auto body = m_environment.spool.find(m_key, m_digest.value());
        if (!body) {
            end(Error{Code::StateFile, QStringLiteral("the body is not in the spool any more")});
            return;
        }
        end({std::make_shared<FileSource>(m_workers, m_environment.spool.path(body->id), 0, body->size)});
    });
}

void BodyFetch::end(const Result<std::shared_ptr<IBodySource>> &body)
{
    if (std::exchange(m_ended, true))
        return;
    // Later: this may be inside one of its signals.
    if (m_download) {
        m_download->disconnect(this);
        m_download.release()->deleteLater();
    }
    Q_EMIT finished(body);
}

} // namespace cring::backup
