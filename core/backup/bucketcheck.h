// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bucketsettings.h"
#include "core/backup/objectdownload.h"
#include "core/backup/s3walk.h"

namespace cring::backup {

/// Looks at a bucket step by step, as a person would who wants to know whether a backup can be trusted to it:
/// keys, reachable, bucket, list; a real object written, read and deleted; versioning, lifecycle rules,
/// object lock. What cannot be tried after a failed step is left out.
///
/// Lives on the event loop's thread; client and clock outlive it. Destroyed before its end: called off, and
/// an object of some bytes may be left below kPrefix, which the next look takes away.
class BucketCheck final : public QObject
{
    Q_OBJECT

public:
    struct Request
    {
        BucketSettings::Scope scope = BucketSettings::Scope::Whole; ///< Versioning: nothing else.
        BucketWishes wishes = {};
        QString locked = {}; ///< Why there are no keys; "": there are.
    };
    /// Of the objects that are written to look whether that works.
    static constexpr const char *kPrefix = ".charmedring/check/";

    BucketCheck(S3Client &client, const IClock &clock, Request request, QObject *parent = nullptr);
    ~BucketCheck() override;

    void start();

    const Request &request() const { return m_request; }
    const QList<BucketFinding> &findings() const { return m_steps.findings(); }
    /// See knownVersioning().
    std::optional<Versioning> versioning() const
    {
        return m_settings ? m_settings->versioning() : std::nullopt;
    }
    /// No step has found a danger or failed.
    bool passed() const;

Q_SIGNALS:
    void found(const cring::backup::BucketFinding &finding);
    /// Once, from the event loop, after the last step.
    void finished();

private:
    using Level = BucketFinding::Level;

    void reach();
    void handleHead(const S3Result<Nothing> &answer);
    void list();
    void handleListed(const S3Result<ObjectPage> &page);
    void write();
    void read();
    void handleRead();
    void remove();
    void tidyVersions();
    void tidyOldVersions();
    void tidyObjects();
    void tidy(const QList<ObjectId> &objects, const std::function<void()> &then);
    bool isOld(std::chrono::milliseconds modified) const;
    void lookAtSettings();

    S3Client &m_client;
    const IClock &m_clock;
    const Request m_request;
    CheckSteps m_steps;
    QByteArray m_key;
    QByteArray m_body;
    QByteArray m_read;
    Stored m_stored;
    std::unique_ptr<ObjectDownload> m_download;
    std::unique_ptr<VersionWalk> m_versions; ///< Of what earlier looks have left.
    int m_pages = 0;                         ///< Of these.
    std::unique_ptr<BucketSettings> m_settings;
};

} // namespace cring::backup
