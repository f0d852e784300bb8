// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/target.h"

#include "core/base/words.h"
#include "core/config/tlsfiles.h"

namespace cring::backup {

using namespace std::chrono_literals;
using config::SecretPlace;
using telemetry::Category;
using telemetry::Level;

namespace {

/// A keychain is unlocked by a person, and a file put there by one.
constexpr auto kKeysAgain = 10s;
constexpr auto kLookAgain = 30s;
constexpr std::chrono::milliseconds kLookLater = 1h;
/// After one that has failed, where there is reason to believe that it will not.
constexpr std::chrono::milliseconds kWholeAgain = 1min;
constexpr auto kOrphansAgain = 24h;

Addressing addressingOf(const QString &word)
{
    if (word == QLatin1String("path"))
        return Addressing::Path;
    return word == QLatin1String("virtual") ? Addressing::VirtualHost : Addressing::Auto;
}

} // namespace

Result<S3Endpoint> endpointOf(const config::Backup &config)
{
    QSslConfiguration ssl = QSslConfiguration::defaultConfiguration();
    if (!config.caFile.isEmpty()) {
        const auto authorities = config::readCertificates(config.caFile);
        if (!authorities)
            return authorities.error();
        ssl.setCaCertificates(*authorities);
    }
    return S3Endpoint::make(QUrl(config.url), config.bucket, config.region, addressingOf(config.addressing),
                            ssl, S3Limits().connect);
}

Result<std::unique_ptr<Target>> Target::make(const config::Backup &config, qsizetype index,
                                             state::BucketLedger::Bucket bucket, const Means &means)
{
    auto endpoint = endpointOf(config);
    if (!endpoint)
        return endpoint.error();
    return std::unique_ptr<Target>(new Target(config, index, bucket, means, std::move(*endpoint)));
}

Target::Target(const config::Backup &config, qsizetype index, state::BucketLedger::Bucket bucket,
               const Means &means, S3Endpoint endpoint)
    : m_config(config)
    , m_index(index)
    , m_bucket(bucket)
    , m_means(means)
    , m_client(std::move(endpoint), {}, means.clock, means.random, means.workers)
    , m_uploads(means.uploads, config.id.toUtf8())
    , m_mirror(m_client, m_uploads, means.ledger, bucket, means.tokens, means.clock)
    , m_growth(means.ledger, bucket, means.clock)
{
    Mirror::Rules rules;
    rules.holdDeletes = config.holdDeletes;
    if (!config.window.isEmpty())
        rules.window = config::parseWindow(config.window);
    m_mirror.setRules(rules);
    m_mirror.setLocked(QStringLiteral("its keys are being read"));
    m_keysTimer.setSingleShot(true);
    m_bucketTimer.setSingleShot(true);
    connect(&m_keysTimer, &QTimer::timeout, this, &Target::readKeys);
    connect(&m_bucketTimer, &QTimer::timeout, this, &Target::lookAtBucket);
    connect(&m_orphansTimer, &QTimer::timeout, this, &Target::removeOrphans);
    m_client.session().setRates(config.bytesPerSecond, 0);
    connect(&m_mirror, &Mirror::stored, &m_growth, &GrowthBook::noteStored);
    connect(&m_mirror, &Mirror::removed, &m_growth, &GrowthBook::noteRemoved);
    connect(&m_mirror, &Mirror::changed, this, &Target::handleMirrorChanged);
}

Target::~Target() = default;

void Target::start()
{
    readKeys();
}

void Target::hurry()
{
    m_hurried = true;
    readKeys();
    m_mirror.hurry();
}

// ---- keys ----

void Target::readKeys()
{
    m_keysTimer.stop();
    m_reading = std::make_shared<Credentials>();
    const auto session = [this] {
        QString place = m_config.sessionToken;
        // Every S3 tool takes all three from the environment.
        if (place == QLatin1String("auto"))
            place =
                m_config.accessKey == QLatin1String("env") && qEnvironmentVariableIsSet("AWS_SESSION_TOKEN")
                    ? QStringLiteral("env")
                    : QString();
        if (place.isEmpty()) {
            handleKeys();
            return;
        }
        readKey(
            "session_token", place,
            [](Credentials &keys, Secret secret) { keys.sessionToken = std::move(secret); },
            [this] { handleKeys(); });
    };
    const auto secretKey = [this, session] {
        readKey(
            "secret_key", m_config.secretKey,
            [](Credentials &keys, Secret secret) { keys.secretKey = std::move(secret); }, session);
    };
    readKey(
        "access_key", m_config.accessKey,
        [](Credentials &keys, Secret secret) { keys.accessKey = secret.view().toByteArray(); }, secretKey);
}

void Target::readKey(const char *setting, const QString &place,
                     const std::function<void(Credentials &, Secret)> &take,
                     const std::function<void()> &then)
{
    const QString name = config::secretName(m_config, setting);
    const auto reading = m_reading;
    m_means.secrets.read(
        SecretPlace{place, name}, this, [this, name, reading, take, then](Result<Secret> secret) {
            if (reading != m_reading)
                return; // begun anew meanwhile
            if (!secret) {
                const bool locked = secret.error().code == Code::KeychainLocked;
                lockFor(locked ? QStringLiteral("unlock the keychain to go on with the backup")
                               : QStringLiteral("%1: %2").arg(name, secret.error().detail));
                return;
            }
            secret->trimEnd();
            take(*reading, std::move(*secret));
            then();
        });
}

void Target::handleKeys()
{
    m_client.setCredentials(std::move(*m_reading));
    m_reading.reset();
    m_mirror.setLocked({});
    lookAtBucket();
    if (!m_orphansTimer.isActive())
        m_orphansTimer.start(kOrphansAgain);
}

void Target::lockFor(const QString &problem)
{
    m_reading.reset();
    m_mirror.setLocked(problem);
    m_keysTimer.start(kKeysAgain);
    if (std::exchange(m_told, problem) != problem)
        m_means.activity.record(Level::Warning, Category::Backup,
                                QStringLiteral("backup %1 waits: %2").arg(m_config.name, problem));
    Q_EMIT changed();
}

// ---- the bucket ----

/// All of a bucket that is new here, later its versioning alone.
void Target::lookAtBucket()
{
    m_bucketTimer.stop();
    if (m_look) {
        m_lookAgain = true;
        return;
    }
    m_lookAgain = false;
    const auto record = checked();
    const qint64 now = m_means.clock.wall().count();
    const bool soon = m_hurried && record && record->failed && now - record->atMs >= kWholeAgain.count();
    const bool whole = !record || record->isDue(now) || soon;
    m_hurried = m_hurried && !whole && record->failed;
    m_look = makeCheck({whole ? BucketSettings::Scope::Whole : BucketSettings::Scope::Versioning});
    m_look->start();
}

BucketCheck *Target::check(const BucketWishes &wishes)
{
    return makeCheck({BucketSettings::Scope::Whole, wishes, m_mirror.locked()});
}

BucketCheck *Target::makeCheck(const BucketCheck::Request &request)
{
    auto *check = new BucketCheck(m_client, m_means.clock, request, this);
    connect(check, &BucketCheck::finished, this, [this, check] {
        check->deleteLater();
        handleChecked(*check);
    });
    return check;
}

void Target::handleChecked(const BucketCheck &check)
{
    if (check.versioning()) {
        m_versioning = check.versioning();
        m_mirror.setVersioned(*m_versioning == Versioning::Enabled);
    }
    if (check.request().scope == BucketSettings::Scope::Whole && check.request().locked.isEmpty())
        keep(BucketRecord::of(check.findings(), m_config, m_means.clock.wall().count(), checked()));
    if (&check == m_look) {
        m_look.clear();
        if (m_lookAgain && !check.versioning())
            lookAtBucket();
        else
            m_bucketTimer.start(pauseAfter(check));
    } else if (!m_look) {
        // A person's look has other news than the last one: what it found is looked at again as soon.
        m_bucketTimer.start(pauseAfter(check));
    }
    Q_EMIT changed();
}

std::chrono::milliseconds Target::pauseAfter(const BucketCheck &check) const
{
    if (!check.versioning())
        return kLookAgain;
    const auto record = checked();
    if (!record || !record->failed)
        return kLookLater;
    return m_hurried ? kWholeAgain : std::min(kLookLater, record->pause());
}

std::optional<BucketRecord> Target::checked() const
{
    return BucketRecord::parse(m_means.ledger.fact(m_bucket, BucketRecord::kFact), m_config);
}

void Target::keep(const BucketRecord &record)
{
    const auto before = checked();
    m_means.ledger.setFact(m_bucket, BucketRecord::kFact, record.toBytes());
    // The words may hold a request's number.
    if (before && before->steps() == record.steps())
        return;
    if (record.findings.isEmpty())
        m_means.activity.record(
            Level::Info, Category::Backup,
            QStringLiteral("backup %1: the bucket is as it should be").arg(m_config.name));
    for (const QString &finding : record.findings)
        m_means.activity.record(Level::Warning, Category::Backup,
                                QStringLiteral("backup %1: %2").arg(m_config.name, finding));
}

/// Parts of uploads that nobody goes on with cost money, and no listing of objects shows them.
void Target::removeOrphans()
{
    QSet<QByteArray> accounts;
    for (const auto &[key, object] : m_means.ledger.objects(m_bucket))
        accounts.insert(state::accountOf(key));
    m_orphans = std::make_unique<OrphanedUploads>(m_client, m_uploads, accounts);
    connect(m_orphans.get(), &OrphanedUploads::finished, this, [this](int aborted) {
        m_orphans.release()->deleteLater();
        if (aborted > 0)
            m_means.activity.record(Level::Info, Category::Backup,
                                    QStringLiteral("backup %1: %2 taken away that nobody went on with")
                                        .arg(m_config.name, words::counted(aborted, "upload")));
    });
    connect(m_orphans.get(), &OrphanedUploads::failed, this, [this] { m_orphans.release()->deleteLater(); });
}

void Target::handleMirrorChanged()
{
    const QString &problem = m_mirror.problem();
    // Other keys may be there by now.
    if (!problem.isEmpty() && !m_keysTimer.isActive())
        m_keysTimer.start(kKeysAgain);
    // The words hold the request's number: what counts is whether it is another kind of trouble.
    const QString told = problem.isEmpty() ? QString() : codeName(m_mirror.problemCode());
    const bool isNews = m_mirror.state() != Mirror::State::Locked && std::exchange(m_told, told) != told;
    const bool goesOn = isNews && problem.isEmpty();
    if (isNews)
        m_means.activity.record(problem.isEmpty() ? Level::Info : Level::Warning, Category::Backup,
                                problem.isEmpty()
                                    ? QStringLiteral("backup %1 goes on").arg(m_config.name)
                                    : QStringLiteral("backup %1: %2").arg(m_config.name, problem));
    if (goesOn) {
        m_hurried = true;
        lookAtBucket(); // What kept it is in the findings of the last look.
    }
    Q_EMIT changed();
}

} // namespace cring::backup
