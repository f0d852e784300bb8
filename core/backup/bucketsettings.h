// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/checksteps.h"
#include "core/backup/s3client.h"

namespace cring::backup {

/// What a person wants changed in a bucket's settings.
struct BucketWishes
{
    bool versioning = false;     ///< Switched on, where it is off.
    std::optional<int> keepDays; ///< A rule takes versions away that have been old for so many days.
    std::optional<int> lockDays; ///< New versions cannot be deleted for so many days: set, or extended.

    /// No setting is for longer.
    static constexpr int kMostDays = 36'500;
};

/// What a bucket is set to, step by step: versioning, the rules that delete by themselves, object lock;
/// changed where that is wished for. Nothing is ever made less safe: rules of others stay as they are, a lock
/// is never shortened.
///
/// Lives on the event loop's thread; client and steps outlive it.
class BucketSettings final : public QObject
{
    Q_OBJECT

public:
    enum class Scope {
        Whole,
        Versioning, ///< That step alone.
    };

    BucketSettings(S3Client &client, CheckSteps &steps, Scope scope, const BucketWishes &wishes,
                   QObject *parent = nullptr);

    void start();

    /// See knownVersioning().
    std::optional<Versioning> versioning() const { return m_versioning; }

Q_SIGNALS:
    /// Once, from the event loop, after the last step.
    void finished();

private:
    using Level = BucketFinding::Level;

    void askVersioning();
    void handleVersioning(const S3Result<Versioning> &answer);
    void enable();
    void afterVersioning();
    void readRules();
    void writeRules(const S3Result<QByteArray> &document);
    void askRules(bool changed);
    void askLock(bool changed);
    void handleLock(const S3Result<ObjectLock> &answer);
    void writeLock(const ObjectLock &lock);
    /// Why a wish that needs versions cannot be granted; "" when it can.
    QString withoutVersions() const;

    S3Client &m_client;
    CheckSteps &m_steps;
    const Scope m_scope;
    const BucketWishes m_wishes;
    std::optional<Versioning> m_versioning;
    bool m_enabling = false;
};

} // namespace cring::backup
