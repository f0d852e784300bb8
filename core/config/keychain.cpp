// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/keychain.h"

#include "core/config/glibpump.h"
#include "core/config/keychainlook.h"
#include "core/config/secretfile.h"

#include <QLibrary>
#include <QTimer>
#include <qt6keychain/keychain.h>

#include <openssl/crypto.h>

namespace cring::config {

namespace {

constexpr QLatin1String kService("charmedring");

Error unavailable(const QString &why)
{
    return Error{Code::KeychainUnavailable, QStringLiteral("the keychain %1").arg(why)};
}

Error errorOf(const QKeychain::Job &job, const QString &name)
{
    switch (job.error()) {
    case QKeychain::EntryNotFound:
        return Error{Code::SecretMissing,
                     QStringLiteral("the keychain has no entry \"%1\" of %2: `cring config "
                                    "set %1 --secret-stdin` stores one")
                         .arg(name, kService)};
    case QKeychain::AccessDenied:
    case QKeychain::AccessDeniedByUser:
        return Error{Code::KeychainLocked, QStringLiteral("the keychain is locked, or does not let us in")};
    default:
        return unavailable(QStringLiteral("failed: %1").arg(job.errorString().simplified()));
    }
}

/// libsecret keeps its session with a keychain even when that has been started anew, and then fails with
/// every secret.
void forgetOldSession()
{
    const auto forget = QLibrary::resolve(QStringLiteral("secret-1"), 0, "secret_service_disconnect");
    if (forget)
        forget();
}

/// For all who share them.
void cleanse(const QByteArray &shared)
{
    OPENSSL_cleanse(const_cast<char *>(shared.constData()), static_cast<size_t>(shared.size()));
}

/// The job's own bytes are shared with what it hands out, and are not wiped by it.
Secret takeFrom(QKeychain::ReadPasswordJob &job)
{
    const QByteArray shared = job.binaryData();
    Secret secret(shared.size());
    std::copy(shared.begin(), shared.end(), secret.data());
    cleanse(shared);
    return secret;
}

/// What the job may still hold of a secret.
void wipe(QKeychain::Job &job)
{
    if (auto *read = qobject_cast<QKeychain::ReadPasswordJob *>(&job))
        takeFrom(*read);
}

/// One look and one job of QtKeychain's, with a limit for both. Deletes itself at its end, which comes when
/// the library's does: it would write to a job that has gone.
class Errand final : public QObject
{
    Q_OBJECT

public:
    using Ended = std::function<void(const Result<QKeychain::Job *> &)>;

    Errand(const QString &name, int limitMs, QObject *context, Ended ended)
        : m_name(name)
        , m_look(kService, name)
        , m_context(context)
        , m_ended(std::move(ended))
    {
        m_limit.setSingleShot(true);
        connect(&m_limit, &QTimer::timeout, this,
                [this] { tell(unavailable(QStringLiteral("did not answer in time"))); });
        m_limit.start(limitMs);
    }

    template <typename Make>
    void run(bool needsEntry, Make make)
    {
        m_look.start([this, needsEntry, make](const Result<KeychainLook::Entry> &entry) {
            if (!entry) {
                tell(entry.error());
                deleteLater();
            } else if (needsEntry && *entry == KeychainLook::Entry::Missing) {
                tell(Error{Code::SecretMissing,
                           QStringLiteral("the keychain has no entry \"%1\" of %2: `cring config set %1 "
                                          "--secret-stdin` stores one")
                               .arg(m_name, kService)});
                deleteLater();
            } else {
                begin(make());
            }
        });
    }

private:
    void begin(QKeychain::Job *job)
    {
        job->setAutoDelete(false);
        job->setInsecureFallback(false);
        job->setParent(this);
        forgetOldSession();
        connect(job, &QKeychain::Job::finished, this, [this](QKeychain::Job *ended) {
            if (ended->error() == QKeychain::NoError)
                tell(ended);
            else
                tell(errorOf(*ended, m_name));
            deleteLater();
        });
        job->start();
    }

    void tell(const Result<QKeychain::Job *> &result)
    {
        m_limit.stop();
        const Ended ended = std::exchange(m_ended, nullptr);
        if (ended && m_context)
            ended(result);
        else if (result)
            wipe(**result); // Too late for whoever asked: nobody takes it.
    }

    const QString m_name;
    KeychainLook m_look; ///< And with it GLib's loop, which the job needs as well.
    const QPointer<QObject> m_context;
    Ended m_ended;
    QTimer m_limit;
};

Status statusOf(const Result<QKeychain::Job *> &job)
{
    return job ? Status() : Status(job.error());
}

} // namespace

Keychain::Keychain() = default;
Keychain::~Keychain() = default;

void Keychain::read(const SecretPlace &place, QObject *context, Read done)
{
    auto *errand = new Errand(
        place.name, kReadMs, context, [done = std::move(done)](const Result<QKeychain::Job *> &job) {
            if (!job) {
                done(job.error());
                return;
            }
            Secret secret = takeFrom(*static_cast<QKeychain::ReadPasswordJob *>(*job));
            if (secret.isEmpty())
                done(Error{Code::SecretUnreadable, QStringLiteral("the keychain's entry is empty")});
            else if (secret.size() > kLongestSecret)
                done(Error{
                    Code::SecretUnreadable,
                    QStringLiteral("the keychain's entry has %1 bytes: that is no key").arg(secret.size())});
            else
                done(std::move(secret));
        });
    errand->run(true, [name = place.name] {
        auto *job = new QKeychain::ReadPasswordJob(kService);
        job->setKey(name);
        return job;
    });
}

void Keychain::write(const SecretPlace &place, Secret secret, QObject *context, Done done)
{
    if (secret.isEmpty() || secret.size() > kLongestSecret) {
        done(Error{Code::SecretUnreadable,
                   QStringLiteral("the secret has %1 bytes and is not stored").arg(secret.size())});
        return;
    }
    auto *errand =
        new Errand(place.name, kWriteMs, context,
                   [done = std::move(done)](const Result<QKeychain::Job *> &job) { done(statusOf(job)); });
    // std::function copies what it holds, and a Secret is not to be.
    const auto held = std::make_shared<Secret>(std::move(secret));
    errand->run(false, [name = place.name, held] {
        auto *job = new QKeychain::WritePasswordJob(kService);
        job->setKey(name);
        const QByteArray shared = held->view().toByteArray();
        job->setBinaryData(shared);
        QObject::connect(job, &QObject::destroyed, job, [shared] { cleanse(shared); });
        return job;
    });
}

void Keychain::remove(const SecretPlace &place, QObject *context, Done done)
{
    auto *errand = new Errand(place.name, kReadMs, context,
                              [done = std::move(done)](const Result<QKeychain::Job *> &job) {
                                  if (!job && job.error().code == Code::SecretMissing)
                                      done(Status());
                                  else
                                      done(statusOf(job));
                              });
    errand->run(true, [name = place.name] {
        auto *job = new QKeychain::DeletePasswordJob(kService);
        job->setKey(name);
        return job;
    });
}

} // namespace cring::config

#include "keychain.moc"
