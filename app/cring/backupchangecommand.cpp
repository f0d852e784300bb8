// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backupchangecommand.h"

#include "app/cring/standardinput.h"
#include "core/config/load.h"
#include "core/config/secretfile.h"

#include <QJsonArray>

namespace cring::app {

namespace {

Result<Secret> lineOf(QByteArrayView text)
{
    while (!text.isEmpty() && (text.back() == '\r' || text.back() == ' '))
        text.chop(1);
    if (text.isEmpty())
        return Error{Code::SecretUnreadable,
                     QStringLiteral("standard input has no two lines: the access key comes first, then the "
                                    "secret key")};
    return Secret(text.toByteArray());
}

const config::Backup *find(const config::Config &config, const QString &name)
{
    for (auto field : {&config::Backup::name, &config::Backup::id}) {
        const auto found = std::ranges::find(config.backups, name, field);
        if (found != config.backups.end())
            return &*found;
    }
    return nullptr;
}

/// Keys of a backup that is removed, where this program can remove them: a file may be another backup's, too.
QList<config::SecretPlace> forgettable(const config::Backup &entry, const config::Config &left)
{
    QList<config::SecretPlace> places;
    for (const auto &[place, field] :
         {std::pair(entry.accessKey, "access_key"), std::pair(entry.secretKey, "secret_key"),
          std::pair(entry.sessionToken, "session_token")}) {
        const bool isFile = place.startsWith(QStringLiteral("file:"));
        const bool isShared = std::ranges::any_of(left.backups, [&](const config::Backup &other) {
            return other.accessKey == place || other.secretKey == place || other.sessionToken == place;
        });
        if (place == QStringLiteral("keychain") || (isFile && !isShared))
            places.append({place, config::secretName(entry, field)});
    }
    return places;
}

} // namespace

Result<BucketKeys> readBucketKeys()
{
    const Result<Secret> text = readStandardInput(2 * config::kLongestSecret);
    if (!text)
        return text.error();
    const QByteArrayView view = text->view();
    const qsizetype end = std::max<qsizetype>(0, view.indexOf('\n'));
    const QByteArrayView rest = view.sliced(std::min(end + 1, view.size()));
    const qsizetype restEnd = rest.indexOf('\n');
    Result<Secret> access = lineOf(view.first(end));
    if (!access)
        return access.error();
    Result<Secret> secret = lineOf(restEnd < 0 ? rest : rest.first(restEnd));
    if (!secret)
        return secret.error();
    return BucketKeys{std::move(*access), std::move(*secret)};
}

BackupChangeCommand::BackupChangeCommand(ServiceCommandContext context, Options options)
    : ConfigChangeCommand(std::move(context), options.file, options.dryRun)
    , m_options(std::move(options))
    , m_secrets(QProcessEnvironment::systemEnvironment())
{
}

void BackupChangeCommand::handleSource()
{
    change(true);
}

Result<QByteArray> BackupChangeCommand::edited(const QByteArray &text) const
{
    switch (m_options.what) {
    case What::Add:
        return config::withBackup(text, m_options.name, m_options.values);
    case What::Edit:
        return config::withBackupChanged(text, m_options.name, m_options.values);
    case What::Remove:
        break;
    }
    return config::withoutBackup(text, m_options.name);
}

bool BackupChangeCommand::isSure()
{
    return m_options.what != What::Remove ||
           isConfirmed(
               (m_options.forgetKeys
                    ? QStringLiteral("Stop backing up to %1? What is in the bucket stays there, and its keys "
                                     "are removed from where they are kept.")
                    : QStringLiteral("Stop backing up to %1? What is in the bucket stays there, and its keys "
                                     "stay where they are kept."))
                   .arg(plain(m_options.name)),
               m_options.yes);
}

void BackupChangeCommand::prepare(std::function<void()> then)
{
    if (!isSure())
        return;
    if (m_options.forgetKeys) {
        const Result<QByteArray> text = config::readFile(file());
        const Result<QByteArray> left = text ? edited(*text) : text;
        const config::Config config = text ? config::loadText(*text, file()).config : config::Config();
        if (const config::Backup *entry = find(config, m_options.name); entry && left)
            m_forgettable = forgettable(*entry, config::loadText(*left, file()).config);
    }
    if (!m_options.secretStdin) {
        then();
        return;
    }
    const Result<QByteArray> before = config::readFile(file());
    const Result<QByteArray> text = before ? edited(*before) : before;
    QString name = m_options.name;
    for (const auto &[field, value] : m_options.values) {
        if (field == QLatin1String("name"))
            name = value;
    }
    const config::Config config = text ? config::loadText(*text, file()).config : config::Config();
    const config::Backup *entry = find(config, name);
    Result<BucketKeys> keys = readBucketKeys();
    if (!keys || !entry) {
        fail(keys ? Error{Code::NotFound, QStringLiteral("there is no backup %1").arg(name)} : keys.error());
        return;
    }
    m_entry = *entry;
    const auto secret = std::make_shared<Secret>(std::move(keys->secret));
    store("access_key", m_entry.accessKey, std::move(keys->access),
          [this, secret, then] { store("secret_key", m_entry.secretKey, std::move(*secret), then); });
}

void BackupChangeCommand::store(const char *field, const QString &place, Secret secret,
                                std::function<void()> then)
{
    const config::SecretPlace to{place, config::secretName(m_entry, field)};
    m_secrets.write(to, std::move(secret), this, [this, to, then](const Status &status) {
        if (!status) {
            takeBack();
            fail(status.error());
            return;
        }
        m_stored.append(to);
        then();
    });
}

/// Of a bucket that was to be added. Other keys of one that is there already may be wanted all the same.
void BackupChangeCommand::takeBack()
{
    if (m_options.what != What::Add)
        return;
    for (const config::SecretPlace &place : m_stored)
        m_secrets.remove(place, this, [](const Status &) {});
}

void BackupChangeCommand::report(const QJsonObject &answer)
{
    if (m_options.forgetKeys && !answer.contains(QLatin1String("dryRun"))) {
        forgetKeys(answer);
        return;
    }
    const bool running =
        !answer.contains(QLatin1String("dryRun")) && !answer.contains(QLatin1String("reloaded"));
    if (!running || m_stored.isEmpty()) {
        tell(answer);
        return;
    }
    // Keys that were replaced where they are: nothing in the configuration says so.
    tryCall(QStringLiteral("backup.run"), {{QStringLiteral("backup"), m_entry.name}},
            [this, answer](const Result<QJsonObject> &) { tell(answer); });
}

/// The service reads them no more: the backup is gone from its configuration.
void BackupChangeCommand::forgetKeys(const QJsonObject &answer)
{
    if (m_forgettable.isEmpty()) {
        tell(answer);
        return;
    }
    const config::SecretPlace place = m_forgettable.takeFirst();
    m_secrets.remove(place, this, [this, answer](const Status &status) {
        if (status)
            forgetKeys(answer);
        else
            fail({status.error().code, QStringLiteral("%1 was removed, and its keys are still there: %2")
                                           .arg(m_options.name, status.error().detail)});
    });
}

void BackupChangeCommand::tell(const QJsonObject &answer)
{
    const bool dryRun = answer.contains(QLatin1String("dryRun"));
    if (json()) {
        QJsonObject object = answer;
        object.insert(QStringLiteral("file"), file());
        object.insert(QStringLiteral("backup"), m_options.name);
        printJson(object);
    } else {
        const char *done = m_options.what == What::Add    ? "added to"
                           : m_options.what == What::Edit ? "changed in"
                                                          : "removed from";
        print(QStringLiteral("%1 %2 %3 %4.\n")
                  .arg(plain(m_options.name), dryRun ? QStringLiteral("would be") : QStringLiteral("was"),
                       QLatin1String(done), plain(file())));
        for (const QJsonValue change : answer.value(QLatin1String("changes")).toArray())
            print(QStringLiteral("- %1\n").arg(plain(change.toString())));
        if (answer.contains(QLatin1String("reloaded")))
            advise(QStringLiteral("No service is running: it takes the change when it starts."));
    }
    finish(Ok);
}

} // namespace cring::app
