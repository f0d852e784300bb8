// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/bucketsettings.h"

#include "core/backup/s3settings.h"
#include "core/base/words.h"

#include <algorithm>

namespace cring::backup {

namespace {

constexpr int kDaysOfAYear = 365;
const QByteArray kGovernance = QByteArrayLiteral("GOVERNANCE");

int daysOf(const ObjectLock &lock)
{
    return lock.mode.isEmpty() ? 0 : std::max(lock.days, lock.years * kDaysOfAYear);
}

} // namespace

BucketSettings::BucketSettings(S3Client &client, CheckSteps &steps, Scope scope, const BucketWishes &wishes,
                               QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_steps(steps)
    , m_scope(scope)
    , m_wishes(wishes)
{
}

void BucketSettings::start()
{
    askVersioning();
}

// ---- versioning ----

void BucketSettings::askVersioning()
{
    m_steps.begin("versioning");
    m_client.versioning(this, [this](const S3Result<Versioning> &answer) { handleVersioning(answer); });
}

void BucketSettings::handleVersioning(const S3Result<Versioning> &answer)
{
    m_versioning = knownVersioning(answer);
    const bool off = !answer || *answer != Versioning::Enabled;
    if (off && m_wishes.versioning && !m_enabling && m_versioning) {
        enable();
        return;
    }
    BucketFinding finding = judgeVersioning(answer);
    if (m_enabling && off)
        finding.text =
            QStringLiteral("the server has said yes to switching it on, and it is not: ") + finding.text;
    else if (m_enabling)
        finding.text = QStringLiteral("switched ") + finding.text;
    m_steps.end(finding);
    afterVersioning();
}

void BucketSettings::enable()
{
    m_enabling = true;
    m_client.setVersioning(true, this, [this](const S3Result<Nothing> &answer) {
        if (answer) {
            askVersioning();
            return;
        }
        m_steps.refuse(QStringLiteral("it cannot be switched on: ") + answer.error().words());
        afterVersioning();
    });
}

void BucketSettings::afterVersioning()
{
    if (m_scope == Scope::Versioning)
        Q_EMIT finished();
    else if (m_wishes.keepDays)
        readRules();
    else
        askRules(false);
}

QString BucketSettings::withoutVersions() const
{
    return m_versioning == Versioning::Enabled
               ? QString()
               : QStringLiteral("nothing was changed: the bucket keeps no versions, which "
                                "`--enable-versioning` switches on");
}

// ---- rules that delete by themselves ----

void BucketSettings::readRules()
{
    m_steps.begin("lifecycle");
    if (const QString why = withoutVersions(); !why.isEmpty()) {
        m_steps.refuse(why);
        askLock(false);
        return;
    }
    m_client.lifecycleDocument(this, [this](const S3Result<QByteArray> &there) {
        if (there)
            writeRules(withOwnRule(*there, *m_wishes.keepDays));
        else
            writeRules(there);
    });
}

void BucketSettings::writeRules(const S3Result<QByteArray> &document)
{
    const auto fail = [this](const S3Error &error) {
        m_steps.refuse(QStringLiteral("the rule cannot be set: ") + error.words());
        askLock(false);
    };
    if (!document) {
        fail(document.error());
        return;
    }
    m_client.setLifecycle(*document, this, [this, fail](const S3Result<Nothing> &answer) {
        if (answer)
            askRules(true);
        else
            fail(answer.error());
    });
}

void BucketSettings::askRules(bool changed)
{
    if (!changed)
        m_steps.begin("lifecycle");
    m_client.lifecycle(this, [this, changed](const S3Result<QList<LifecycleRule>> &answer) {
        BucketFinding finding = judgeLifecycle(answer, m_versioning == Versioning::Enabled);
        if (changed && answer)
            finding.text = QStringLiteral("the rule is set: ") + finding.text;
        m_steps.end(finding);
        askLock(false);
    });
}

// ---- object lock ----

void BucketSettings::askLock(bool changed)
{
    if (!changed)
        m_steps.begin("lock");
    m_client.objectLock(this, [this, changed](const S3Result<ObjectLock> &answer) {
        if (!changed && m_wishes.lockDays) {
            handleLock(answer);
            return;
        }
        BucketFinding finding = judgeLock(answer);
        if (changed && answer)
            finding.text = QStringLiteral("set: ") + finding.text;
        m_steps.end(finding);
        Q_EMIT finished();
    });
}

/// A lock is wished for; this is the one that there is.
void BucketSettings::handleLock(const S3Result<ObjectLock> &answer)
{
    const int days = answer ? daysOf(*answer) : 0;
    QString why = answer ? withoutVersions() : answer.error().words();
    if (why.isEmpty() && days > *m_wishes.lockDays)
        why = QStringLiteral("nothing was changed: new versions are locked for %1 already, and a lock is not "
                             "shortened from here")
                  .arg(words::counted(days, "day"));
    if (!why.isEmpty()) {
        m_steps.refuse(why);
        Q_EMIT finished();
        return;
    }
    ObjectLock lock;
    lock.mode = answer->mode.isEmpty() ? kGovernance : answer->mode;
    lock.days = *m_wishes.lockDays;
    writeLock(lock);
}

void BucketSettings::writeLock(const ObjectLock &lock)
{
    m_client.setObjectLock(lock, this, [this](const S3Result<Nothing> &answer) {
        if (answer) {
            askLock(true);
            return;
        }
        m_steps.refuse(QStringLiteral("it cannot be set, and some stores allow it only for a bucket that was "
                                      "created with it: ") +
                       answer.error().words());
        Q_EMIT finished();
    });
}

} // namespace cring::backup
