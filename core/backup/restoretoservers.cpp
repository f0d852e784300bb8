// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/restoretoservers.h"

#include "core/charm/multipart.h"
#include "core/replica/digest.h"
#include "core/replica/foldercreation.h"
#include "core/replica/removal.h"
#include "core/replica/upload.h"
#include "core/state/conflictdraft.h"

#include <algorithm>

namespace cring::backup {

using replica::ObjectKey;
using replica::Outcome;
using replica::Upload;

namespace {

constexpr quint32 kOwnerWrites = 0200;

class Task final : public RestoreTask
{
public:
    Task(const RestoreToServers::Means &means, RestoreAside &aside, RestoreItem item, quint64 since)
        : m_means(means)
        , m_use(means.environment.use)
        , m_aside(aside)
        , m_item(std::move(item))
        , m_since(since)
        , m_path(m_item.key.mid(state::accountOf(m_item.key).size() + 1))
        , m_digest(means.environment.database.digestSeed())
    {
    }

    ~Task() override
    {
        if (m_upload)
            m_upload->cancel();
    }

    void start() override
    {
        if (isThere()) {
            end(Restored::Same);
            return;
        }
        const auto record = m_means.environment.catalogue.find(m_item.key);
        m_over = record ? record->version : 0;
        if (const auto kept = m_aside.all().constFind(m_item.key);
            kept != m_aside.all().cend() && record && record->deleted) {
            choose(*kept);
            return;
        }
        if (isNewer()) {
            compareWithNewer();
            return;
        }
        m_means.tokens.obtain(state::accountOf(m_item.key), this,
                              [this](const Result<replica::Credentials> &token) {
                                  if (!token) {
                                      end(token.error());
                                      return;
                                  }
                                  m_credentials = *token;
                                  m_item.folder ? makeFolder() : makeRoom();
                              });
    }

private:
    /// The bucket's object is of the version that holds.
    bool isThere() const
    {
        const auto record = m_means.environment.catalogue.find(m_item.key);
        if (!record || record->deleted || record->folder != m_item.folder)
            return false;
        if (m_item.folder)
            return true;
        const auto object = m_means.ledger.object(m_means.target.bucket(), m_item.key);
        return object && !object->gone && object->version == record->version &&
               object->etag == m_item.object.etag;
    }

    /// A client has changed it since, and has been told that it is stored.
    bool isNewer() const
    {
        const auto record = m_means.environment.catalogue.find(m_item.key);
        return record && !m_item.folder && record->version > m_since;
    }

    static Error newer()
    {
        return {Code::RestoreFailed, QStringLiteral("it was written to after the restore had begun, "
                                                    "and is left as it is")};
    }

    /// Or this restore has, before the service was started anew: then the bytes are the same.
    void compareWithNewer()
    {
        const auto record = m_means.environment.catalogue.find(m_item.key);
        if (record->deleted || record->folder || record->size != m_item.object.size) {
            end(newer());
            return;
        }
        read();
        connect(m_download.get(), &ObjectDownload::bodyReceived, this,
                [this](const QByteArray &data) { m_digest.add(data); });
        connect(m_download.get(), &ObjectDownload::finished, this, [this, digest = record->digest] {
            m_download.release()->deleteLater();
            if (m_digest.value() == digest)
                end(Restored::Same);
            else
                end(newer());
        });
    }

    void makeFolder()
    {
        if (m_path.isEmpty()) {
            end(Restored::Same); // an account's own folder comes with its first file
            return;
        }
        auto *folder = new replica::FolderCreation(m_means.environment, m_credentials, m_path,
                                                   m_item.mode | kOwnerAll, &m_means.writes);
        connect(folder, &QObject::destroyed, folder, [use = m_use] {});
        connect(folder, &replica::FolderCreation::finished, this,
                [this](const Outcome &outcome) { judge(outcome); });
        folder->start();
    }

    void makeRoom()
    {
        const auto record = m_means.environment.catalogue.find(m_item.key);
        if (record && !record->deleted && record->folder)
            end(Error{Code::RestoreFailed,
                      QStringLiteral("a folder stands there now: move it away, or restore to a folder")});
        else if (record && !record->deleted && !(record->mode & kOwnerWrites))
            keepAside();
        else
            download();
    }

    /// Charm cannot write over a read-only file (server/storage/local/storage.go:141): that one goes first.
    /// Its delete is mirrored to the bucket, so what comes in its place is on the disk before, and found
    /// there after a restart.
    void keepAside()
    {
        m_draft = m_means.conflicts.begin();
        connect(m_draft.get(), &state::ConflictDraft::failed, this,
                [this](const Error &error) { end(error); });
        connect(m_draft.get(), &state::ConflictDraft::behindChanged, this, [this](bool behind) {
            if (m_download)
                behind ? m_download->pause() : m_download->resume();
        });
        read();
        connect(m_download.get(), &ObjectDownload::started, this, [this](const ObjectHead &head) {
            m_mode = head.metadata.value(kModeField, kUsualMode).toUInt();
        });
        connect(m_download.get(), &ObjectDownload::bodyReceived, this, [this](const QByteArray &data) {
            m_digest.add(data);
            m_draft->add(data);
        });
        connect(m_download.get(), &ObjectDownload::finished, this, [this] {
            m_download.release()->deleteLater();
            state::Conflicts::Version version;
            version.key = m_item.key;
            version.digest = m_digest.value();
            version.mode = m_mode;
            m_draft->commit(version, [this](const Status &kept) {
                if (kept)
                    removeOld();
                else
                    end(kept.error());
            });
        });
    }

    void removeOld()
    {
        const auto &all = m_means.conflicts.all();
        const auto kept = std::ranges::find_if(all, [this](const auto &one) {
            return one.second.key == m_item.key && one.second.digest == m_digest.value();
        });
        if (kept == all.end()) {
            end(Error{Code::RestoreFailed, QStringLiteral("what was kept aside has been discarded")});
            return;
        }
        m_aside.note(m_item.key, kept->first);
        auto *removal = new replica::Removal(m_means.environment, m_credentials, m_path, "/v1/fs/" + m_path,
                                             &m_means.writes);
        removal->setOnlyOver(m_over);
        connect(removal, &QObject::destroyed, removal, [use = m_use] {});
        connect(removal, &replica::Removal::finished, this,
                [this, id = kept->first](const Outcome &outcome) { handleRemoved(id, outcome); });
        removal->start();
    }

    void handleRemoved(quint64 id, const Outcome &outcome)
    {
        const auto record = m_means.environment.catalogue.find(m_item.key);
        const bool gone = outcome.status == 200 || outcome.status == 404;
        if (outcome.status == 409 || (gone && record && !record->deleted)) {
            m_aside.drop(m_item.key);
            end(Error{Code::RestoreFailed,
                      newer().detail +
                          QStringLiteral("; what was to come is kept aside: `cring conflicts list`")});
        } else if (gone) {
            choose(id);
        } else {
            m_aside.drop(m_item.key);
            end(Error{Code::RestoreFailed,
                      QStringLiteral("the read-only file could not be deleted (%1); what was to come in its "
                                     "place is kept aside: `cring conflicts list`")
                          .arg(outcome.summary)});
        }
    }

    void choose(quint64 id)
    {
        m_means.choose(id, this, [this](const Status &chosen) {
            m_aside.drop(m_item.key);
            if (chosen)
                end(Restored::Brought);
            else
                end(Error{Code::RestoreFailed,
                          chosen.error().detail +
                              QStringLiteral("; it is kept aside: `cring conflicts list`")});
        });
    }

    void read()
    {
        GetRequest request;
        request.key = m_item.object.key;
        request.versionId = m_item.object.versionId;
        m_download = std::make_unique<ObjectDownload>(m_means.target.client(), request);
        connect(m_download.get(), &ObjectDownload::failed, this, [this](const S3Error &error) {
            end(error.toError());
            if (m_upload)
                std::exchange(m_upload, nullptr)->cancel();
        });
    }

    void download()
    {
        read();
        connect(m_download.get(), &ObjectDownload::started, this,
                [this](const ObjectHead &head) { beginUpload(head); });
        connect(m_download.get(), &ObjectDownload::bodyReceived, this, [this](const QByteArray &data) {
            if (m_upload)
                m_upload->feed(data);
        });
        // Until here the servers keep what they have.
        connect(m_download.get(), &ObjectDownload::finished, this, [this] {
            m_download.release()->deleteLater();
            if (!m_upload)
                return;
            m_upload->feed(m_envelope.tail);
            if (m_upload)
                m_upload->end();
        });
    }

    void beginUpload(const ObjectHead &head)
    {
        IRandom &random = m_means.environment.random;
        m_envelope = charm::makeEnvelope(QByteArray::number(random.next(), 36) +
                                         QByteArray::number(random.next(), 36));
        auto scanner = charm::MultipartScanner::forContentType(m_envelope.contentType);
        Upload::Spec spec;
        spec.credentials = m_credentials;
        spec.path = m_path;
        spec.mode = head.metadata.value(kModeField, kUsualMode).toUInt();
        spec.target = "/v1/fs/" + m_path + "?mode=" + QByteArray::number(spec.mode);
        spec.contentType = m_envelope.contentType;
        spec.onlyOver = m_over;
        spec.contentLength = head.size < 0 ? -1 : m_envelope.head.size() + head.size + m_envelope.tail.size();
        m_upload = new Upload(m_means.environment, spec, std::move(*scanner), &m_means.writes);
        connect(m_upload.get(), &QObject::destroyed, m_upload.get(), [use = m_use] {});
        connect(m_upload.get(), &Upload::finished, this, [this](const Outcome &outcome) {
            m_upload = nullptr;
            judge(outcome);
        });
        connect(m_upload.get(), &Upload::pausedChanged, this, [this](bool paused) {
            if (m_download)
                paused ? m_download->pause() : m_download->resume();
        });
        m_upload->start();
        if (m_upload)
            m_upload->feed(m_envelope.head);
    }

    void judge(const Outcome &outcome)
    {
        if (outcome.status == 200)
            end(Restored::Brought);
        else if (const auto record = m_means.environment.catalogue.find(m_item.key);
                 outcome.status == 409 && record && record->version != m_over)
            end(newer());
        else
            end(Error{Code::RestoreFailed, outcome.summary.isEmpty()
                                               ? QStringLiteral("the servers answered %1").arg(outcome.status)
                                               : outcome.summary});
    }

    void end(const Result<Restored> &outcome)
    {
        if (std::exchange(m_ended, true))
            return;
        if (m_download)
            m_download.release()->deleteLater();
        QMetaObject::invokeMethod(
            this, [this, outcome] { Q_EMIT finished(outcome); }, Qt::QueuedConnection);
    }

    static constexpr quint32 kOwnerAll = 0700;

    const RestoreToServers::Means m_means;
    const std::shared_ptr<const void> m_use;
    RestoreAside &m_aside;
    const RestoreItem m_item;
    const quint64 m_since; ///< The catalogue's version when the restore began.
    quint64 m_over = 0;    ///< The record's that is replaced; any other is a client's, and stays.
    const QByteArray m_path;
    replica::Credentials m_credentials;
    std::unique_ptr<state::ConflictDraft> m_draft;
    replica::PayloadDigest m_digest; ///< Of what goes into it.
    quint32 m_mode = 0;              ///< The same.
    charm::Envelope m_envelope;
    std::unique_ptr<ObjectDownload> m_download;
    QPointer<Upload> m_upload;
    bool m_ended = false;
};

} // namespace

RestoreToServers::RestoreToServers(Means means)
    : m_means(std::move(means))
    , m_use(m_means.environment.use)
    , m_aside(m_means.ledger, m_means.target.bucket())
{
}

quint64 RestoreToServers::begin()
{
    m_aside.clear();
    return m_means.environment.catalogue.version();
}

std::unique_ptr<RestoreTask> RestoreToServers::task(const RestoreItem &item, quint64 since)
{
    return std::make_unique<Task>(m_means, m_aside, item, since);
}

QList<RestoreItem> RestoreToServers::unfinished()
{
    QList<RestoreItem> items;
    const QMap<ObjectKey, quint64> kept = m_aside.all();
    for (auto at = kept.cbegin(); at != kept.cend(); ++at) {
        const auto version = m_means.conflicts.find(at.value());
        const auto record = m_means.environment.catalogue.find(at.key());
        // Where the old file still stands, the walk meets the object.
        if (!version || !record || !record->deleted) {
            m_aside.drop(at.key());
            continue;
        }
        RestoreItem item;
        item.key = at.key();
        item.object.size = version->size;
        items << item;
    }
    return items;
}

} // namespace cring::backup
