// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/staterecovery.h"

#include "core/accounts/accountbook.h"
#include "core/backup/kitrecord.h"
#include "core/charm/serverkey.h"
#include "core/config/secretfile.h"
#include "core/health/keyfile.h"
#include "core/service/accountsaving.h"
#include "core/service/store.h"
#include "core/state/directorylock.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

#include <sys/stat.h>
#include <unistd.h>

namespace cring::service {

namespace {

const QString kServerKey = QStringLiteral("charm_server_ed25519");
/// What is half done lies in there until it is whole.
const QString kUnfinished = QStringLiteral(".recovering");
const QString kLock = QStringLiteral("lock");
const QString kDatabase = QStringLiteral("state.db");

Error unusable(const QString &why)
{
    return {Code::StateDirectory, why};
}

QStringList entriesOf(const QString &directory)
{
    return QDir(directory).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
}

/// Holds the directory against services and other recoveries while one works there.
class Site
{
public:
    static Result<std::unique_ptr<Site>> take(const QString &directory);
    ~Site();
    Q_DISABLE_COPY_MOVE(Site)

    QString part() const { return m_directory.absoluteFilePath(kUnfinished); }
    /// What is in part() comes to its place.
    Status finish();

private:
    explicit Site(const QString &directory)
        : m_directory(directory)
        , m_wasThere(m_directory.exists())
    {
    }

    Status moveUp(const QString &name);
    Status giveToOwner();

    const QDir m_directory;
    const bool m_wasThere;
    bool m_finished = false;
    QStringList m_moved;
    std::unique_ptr<state::DirectoryLock> m_lock;
};

Result<std::unique_ptr<Site>> Site::take(const QString &directory)
{
    std::unique_ptr<Site> site(new Site(directory));
    auto lock = state::DirectoryLock::take(directory);
    if (!lock && lock.error().code == Code::StateLocked)
        return Error{Code::StateLocked,
                     QStringLiteral("a service, or another recovery, works in %1").arg(directory)};
    if (!lock)
        return lock.error();
    site->m_lock = std::move(*lock);
    // Now that nobody else is at it.
    if (const Status unused = checkUnused(directory); !unused) {
        site->m_finished = true; // Nothing of it is ours.
        return unused.error();
    }
    QDir(site->part()).removeRecursively();
    if (!QDir().mkdir(site->part()))
        return unusable(QStringLiteral("nothing can be written to the state directory %1").arg(directory));
    QFile::setPermissions(site->part(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return site;
}

Site::~Site()
{
    if (m_finished || !m_lock)
        return;
    QDir(part()).removeRecursively();
    for (const QString &name : std::as_const(m_moved))
        QFile::remove(m_directory.filePath(name));
    QFile::remove(m_directory.filePath(kLock));
    if (!m_wasThere)
        QDir().rmdir(m_directory.path());
}

Status Site::finish()
{
    QFile::remove(part() + u'/' + kLock); // The one that is held takes its place.
    if (const Status status = giveToOwner(); !status)
        return status;
    // The sequence floors first: with them alone a service does no harm, without them it would.
    if (const Status status = moveUp(kDatabase); !status)
        return status;
    for (const QString &name : entriesOf(part())) {
        if (const Status status = moveUp(name); !status)
            return status;
    }
    if (!QDir().rmdir(part()))
        return unusable(QStringLiteral("%1 cannot be removed").arg(part()));
    m_finished = true;
    m_lock->markClosed();
    return {};
}

/// Over what a recovery that was killed here has brought there.
Status Site::moveUp(const QString &name)
{
    const QString to = m_directory.absoluteFilePath(name);
    if (::rename(QFile::encodeName(part() + u'/' + name).constData(), QFile::encodeName(to).constData()) != 0)
        return unusable(QStringLiteral("%1 cannot be made: %2").arg(to, qt_error_string(errno)));
    m_moved << name;
    return {};
}

/// Root makes it, and the service's own user works with it.
Status Site::giveToOwner()
{
    struct stat folder = {};
    if (::geteuid() != 0 || ::stat(QFile::encodeName(m_directory.path()).constData(), &folder) != 0)
        return {};
    QStringList paths{part(), m_directory.filePath(kLock)};
    QDirIterator it(part(), QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                    QDirIterator::Subdirectories);
    while (it.hasNext())
        paths << it.next();
    for (const QString &path : std::as_const(paths)) {
        if (::lchown(QFile::encodeName(path).constData(), folder.st_uid, folder.st_gid) != 0)
            return unusable(QStringLiteral("%1 cannot be given to the owner of the state directory: %2")
                                .arg(path, qt_error_string(errno)));
    }
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

/// A recovery was killed, and no service has been there since: that would have left its mark in the lock.
bool isUnfinished(const QString &directory)
{
    const QDir folder(directory);
    return folder.exists(kUnfinished) && QFileInfo(folder.filePath(kLock)).size() == 0;
}

} // namespace

Status checkUnused(const QString &directory)
{
    QStringList there = entriesOf(directory);
    there.removeAll(kLock);
    there.removeAll(kUnfinished);
    if (there.isEmpty() || isUnfinished(directory))
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
    const auto site = Site::take(directory);
    if (!site)
        return site.error();
    const QString part = (*site)->part();
    RecoveredState recovered;
    recovered.accounts = static_cast<qint64>(accounts->accounts.size());
    Status status = accounts::AccountBook(part, clock)
                        .edit([&](accounts::Synchronised &state) {
                            state = *accounts;
                            // Nobody has the key of before any more: the first new servers say which it is
                            // now.
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
    if (status)
        status = (*site)->finish();
    if (!status)
        return status.error();
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
