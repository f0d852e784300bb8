// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/ringcommand.h"
#include "core/backup/bucketcheck.h"
#include "core/base/random.h"
#include "core/config/secretstore.h"

namespace cring::app {

/// `cring backup check [NAME] --url URL --bucket BUCKET`: a bucket that is not configured, or is so
/// otherwise, looked at in this process with the service's own steps.
class BucketTrialCommand final : public RingCommand
{
    Q_OBJECT

public:
    struct Options
    {
        config::Backup backup;
        bool secretStdin = false; ///< The keys come from there; else from where `backup` says.
    };

    BucketTrialCommand(ServiceCommandContext context, Options options);
    ~BucketTrialCommand() override;

protected:
    void handleRing(const Ring &ring) override;

private:
    void readKey(const char *field, const QString &place, std::function<void(Secret)> take);
    void look();
    void report(const backup::BucketFinding &finding);
    void end();

    const Options m_options;
    const SystemClock m_clock;
    SystemRandom m_random;
    config::SecretPlaces m_secrets;
    Workers m_workers;
    backup::Credentials m_keys;
    std::unique_ptr<backup::S3Client> m_client;
    std::unique_ptr<backup::BucketCheck> m_check;
};

} // namespace cring::app
