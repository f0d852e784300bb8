// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bodydigest.h"
#include "core/backup/objectname.h"
#include "core/backup/partlook.h"
#include "core/backup/uploadmemory.h"

namespace cring::backup {

struct UploadRequest
{
    ObjectName name;
    std::shared_ptr<IBodySource> body;
    Metadata metadata = {}; ///< kModeField and the like; digest and path are added.
};

/// Brings one body of any size to one key. Up to kSinglePut it is one PutObject; above, the body is read once
/// for its digests, and then goes in parts that the server can keep for a later try: the memory tells which
/// upload the same body with the same metadata goes on with. An upload of another body for that key is taken
/// away first.
///
/// Lives on the event loop's thread; client, workers and memory outlive it. One at a time for a key. Exactly
/// one of finished() and failed() ends it, unless it is destroyed first: then what the server has of it stays
/// there for the next one, which is also so after failed(). Not to be destroyed out of its signals
/// (deleteLater() is right). Memory: 4 MiB.
class ObjectUpload final : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Naming,    ///< The object that holds a long path is looked for, or stored.
        Digesting, ///< The body is read.
        Clearing,  ///< What there is of another body is taken away.
        Looking,   ///< Which parts the server has.
        Creating,  ///< The upload in parts is begun.
        Sending,
        Joining,  ///< The server makes the object of the parts.
        Checking, ///< Whether an upload that the server does not know any more has ended well.
        Ended,
    };
    Q_ENUM(State)

    /// Bytes. Less than this in parts costs more than it saves.
    static constexpr qint64 kSinglePut = 64LL * 1024 * 1024;

    ObjectUpload(S3Client &client, UploadMemory &memory, UploadRequest request, QObject *parent = nullptr);
    ~ObjectUpload() override;

    /// Calls it off for good: the server is asked to take away what it has of it. No signal follows.
    void abandon();

    State state() const { return m_state; }

    /// Once it has finished: an attempt was lost on the way, which the server may carry out after all.
    bool retried() const { return m_retried; }

Q_SIGNALS:
    void finished(const cring::backup::Stored &stored);
    void failed(const cring::backup::S3Error &error);
    /// Of the body, on their way or at the server; less than before when something has to be sent again.
    void progress(qint64 bytes);

private:
    void setState(State state);
    void start();
    void storeName();
    void bring();
    void put();
    void digest();
    void handleDigests(const Result<BodyDigest::Digests> &digests);
    void clearAway(std::function<void()> then);
    void look();
    void create();
    void send();
    void join();
    void handleRefusal(const S3Error &error);
    void check();
    void handleHead(const S3Result<ObjectHead> &head);
    bool isOurs(const ObjectHead &head) const;
    PartTarget target() const;
    void succeed(Stored stored);
    void fail(const S3Error &error);
    void end();

    S3Client &m_client;
    UploadMemory &m_memory;
    const UploadRequest m_request;
    State m_state = State::Naming;
    std::unique_ptr<QObject> m_scope; ///< What is under way ends with it.
    Metadata m_metadata;              ///< All of it.
    QByteArray m_sha256;
    PartSet m_parts;
    QByteArray m_uploadId;
    int m_begun = 0; ///< Uploads in parts.
    bool m_retried = false;
};

} // namespace cring::backup
