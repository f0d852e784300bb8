// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/staterecovery.h"

#include "core/accounts/accountbook.h"
#include "core/backup/kitrecord.h"
#include "core/charm/serverkey.h"
#include "core/config/secretfile.h"
#include "core/health/keyfile.h"
#include "core/service/accountsaving.h"
#include "core/service/store.h"

#include <QDir>
#include <QFile>

namespace cring::service {

namespace {

const QString kServerKey = QStringLiteral("charm_server_ed25519");

Error unusable(const QString &why)
{
    return {Code::StateDirectory, why};
}

Status makeDirectory(const QString &directory)
{
    if (QDir(directory).exists())
        return {};
    if (!QDir().mkpath(directory))
        return unusable(QStringLiteral("the state directory %1 cannot be made").arg(directory));
    QFile::setPermissions(directory, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return {};
}

Status writeFloors(const backup::AccountSnapshot &snapshot, const QString &directory, const IClock &clock,
                   IRandom &random)
{
    auto store = Store::open(directory, clock, random);
    if (!store)
        return store.error();
    for (const auto &[key, value] : snapshot.floors)
        (*store)->floors.raise(key, value, nullptr, {}, {});
    state::Database &database = *(*store)->database;
    database.close();
    return database.pending() == 0
               ? Status()
               : Status(Error{
                     Code::StateFile,
                     QStringLiteral("the sequence numbers cannot be written: %1").arg(database.problem())});
}

/// The key itself, and whom the servers' tokens named: nobody else can say while there is no server.
Status writeServerKey(const backup::AccountSnapshot &snapshot, const QString &directory)
{
    const auto key = charm::ServerKey::parse(snapshot.serverKey->view());
    if (!key)
        return Error{Code::SnapshotInvalid, QStringLiteral("the servers' key in it ") + key.error().detail};
    const QString file = QDir(directory).absoluteFilePath(kServerKey);
    if (const Status status =
            config::writeSecretFile(file, snapshot.serverKey->view(), config::Existing::Kept);
        !status)
        return status;
    return health::keyfile::writeRecovered(health::keyfile::pathIn(directory),
                                           {key->kid(), key->publicKey(), snapshot.issuer});
}

QByteArray quoted(const QString &text)
{
    QByteArray escaped = text.toUtf8();
    escaped.replace('\\', "\\\\").replace('"', "\\\"");
    return '"' + escaped + '"';
}

/// What is half done lies beside the directory that it becomes: killed in between, it is begun anew.
QString unfinished(const QString &directory)
{
    return QDir(directory).absolutePath() + QStringLiteral(".recovering");
}

} // namespace

Status checkUnused(const QString &directory)
{
    const QStringList there =
        QDir(directory).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
    if (there.isEmpty())
        return {};
    return unusable(
        QStringLiteral("the state directory %1 is in use (it has %2): nothing is put over what is "
                       "there. Name another one with --out, or move this one away")
            .arg(directory, there.first()));
}

Result<RecoveredState> recoverState(const backup::AccountSnapshot &snapshot, const backup::RecoveryKit &kit,
                                    const QString &directory, const IClock &clock, IRandom &random)
{
    const auto accounts = accountsIn(snapshot);
    if (!accounts)
        return accounts.error();
    const QString part = unfinished(directory);
    QDir(part).removeRecursively();
    Status status = checkUnused(directory);
    if (status)
        status = makeDirectory(part);
    if (!status)
        return status.error();
    RecoveredState recovered;
    recovered.accounts = static_cast<qint64>(accounts->accounts.size());
    status = accounts::AccountBook(part, clock)
                 .edit([&](accounts::Synchronised &state) {
                     state = *accounts;
                     // Nobody has the key of before any more: the first new servers say which it is now.
                     if (!snapshot.serverKey)
                         state.serverKey.clear();
                     return Status();
                 })
                 .status;
    if (status && snapshot.serverKey)
        status = writeServerKey(snapshot, part);
    const qint64 now = clock.wall().count();
    if (status)
        status = backup::KitRecord{kit.publicHalf(), now, now}.write(part);
    if (status)
        status = writeFloors(snapshot, part, clock, random);
    // An empty directory gives way to it, any other one does not.
    if (status &&
        ::rename(QFile::encodeName(part).constData(), QFile::encodeName(directory).constData()) != 0)
        status = unusable(QStringLiteral("the state directory %1 cannot be made: %2")
                              .arg(directory, qt_error_string(errno)));
    if (!status) {
        QDir(part).removeRecursively();
        return status.error();
    }
    if (snapshot.serverKey)
        recovered.serverKeyFile = QDir(directory).absoluteFilePath(kServerKey);
    return recovered;
}

QByteArray configurationFor(const config::Backup &backup, const RecoveredState &state)
{
    QByteArray text = "# Written by `cring backup recover`.\n[service]\n"
                      "# The service answers charm clients by itself. With servers: \"standby\".\n"
                      "accounts = \"closed\"\n\n";
    if (!state.serverKeyFile.isEmpty())
        text += "[identity]\nserver_key = " + quoted(QStringLiteral("file:") + state.serverKeyFile) + "\n\n";
    text += "[[backup]]\nurl = " + quoted(backup.url) + "\nbucket = " + quoted(backup.bucket) +
            "\nregion = " + quoted(backup.region) + '\n';
    if (backup.addressing != config::Backup().addressing)
        text += "addressing = " + quoted(backup.addressing) + '\n';
    if (!backup.caFile.isEmpty())
        text += "ca_file = " + quoted(backup.caFile) + '\n';
    text += "# AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the service's environment.\n"
            "access_key = \"env\"\nsecret_key = \"env\"\n\n"
            "# [[server]]\n# name = \"charm1\"\n# url = \"http://charm1:35354\"\n# data = "
            "\"ssh://USER@charm1/srv/charm\"\n";
    return text;
}

} // namespace cring::service
