// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/buckettrialcommand.h"

#include "app/cring/backupchangecommand.h"
#include "app/cring/stepcommand.h"
#include "core/backup/target.h"
#include "core/base/log.h"

#include <QJsonArray>

namespace cring::app {

using backup::BucketFinding;

namespace {

QJsonObject toJson(const BucketFinding &finding)
{
    return {{QStringLiteral("step"), finding.step},
            {QStringLiteral("ok"), finding.isGood()},
            {QStringLiteral("level"), backup::levelName(finding.level)},
            {QStringLiteral("text"), finding.text},
            {QStringLiteral("ms"), finding.ms}};
}

} // namespace

BucketTrialCommand::BucketTrialCommand(ServiceCommandContext context, Options options)
    : RingCommand(std::move(context), {})
    , m_options(std::move(options))
    , m_secrets(QProcessEnvironment::systemEnvironment())
{
}

BucketTrialCommand::~BucketTrialCommand() = default;

void BucketTrialCommand::handleRing(const Ring &)
{
    log::setLevel(log::Level::Error);
    if (m_options.secretStdin) {
        Result<BucketKeys> keys = readBucketKeys();
        if (!keys) {
            fail(keys.error());
            return;
        }
        m_keys.accessKey = keys->access.view().toByteArray();
        m_keys.secretKey = std::move(keys->secret);
        look();
        return;
    }
    readKey("access_key", m_options.backup.accessKey, [this](const Secret &access) {
        m_keys.accessKey = access.view().toByteArray();
        readKey("secret_key", m_options.backup.secretKey, [this](Secret secret) {
            m_keys.secretKey = std::move(secret);
            look();
        });
    });
}

void BucketTrialCommand::readKey(const char *field, const QString &place, std::function<void(Secret)> take)
{
    m_secrets.read({place, config::secretName(m_options.backup, field)}, this,
                   [this, take = std::move(take)](Result<Secret> secret) {
                       if (!secret) {
                           fail(secret.error());
                           return;
                       }
                       secret->trimEnd();
                       take(std::move(*secret));
                   });
}

void BucketTrialCommand::look()
{
    auto endpoint = backup::endpointOf(m_options.backup);
    if (!endpoint) {
        fail(endpoint.error());
        return;
    }
    m_client = std::make_unique<backup::S3Client>(std::move(*endpoint), backup::S3Limits(), m_clock, m_random,
                                                  m_workers);
    m_client->setCredentials(std::move(m_keys));
    m_check = std::make_unique<backup::BucketCheck>(*m_client, m_clock, backup::BucketCheck::Request());
    connect(m_check.get(), &backup::BucketCheck::found, this, &BucketTrialCommand::report);
    connect(m_check.get(), &backup::BucketCheck::finished, this, &BucketTrialCommand::end);
    m_check->start();
}

void BucketTrialCommand::report(const BucketFinding &finding)
{
    if (json())
        printJson(toJson(finding));
    else
        print(stepLine(terminal(), toJson(finding)));
}

void BucketTrialCommand::end()
{
    const bool ok = m_check->passed();
    if (json()) {
        QJsonArray steps;
        for (const BucketFinding &finding : m_check->findings())
            steps.append(toJson(finding));
        printJson({{QStringLiteral("summary"), QJsonObject{{QStringLiteral("backup"), m_options.backup.name},
                                                           {QStringLiteral("ok"), ok},
                                                           {QStringLiteral("steps"), steps}}}});
    } else if (ok) {
        print(terminal().paint(
                  Tone::Good,
                  QStringLiteral("A backup can be trusted to %1.").arg(plain(m_options.backup.bucket))) +
              u'\n');
    }
    finish(ok ? Ok : DoneWithFindings);
}

} // namespace cring::app
