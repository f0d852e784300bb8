// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/newdatadirectory.h"

#include "core/accounts/accountsdatabase.h"
#include "core/accounts/charmfolder.h"
#include "core/accounts/localnode.h"
#include "core/accounts/localsql.h"
#include "core/accounts/replicasurvey.h"
#include "core/accounts/sqlitehandle.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtEndian>

namespace cring::accounts {

using namespace charmfolder;

namespace {

constexpr quint32 kFolderMode = 0700;
constexpr quint32 kFileMode = 0600;
constexpr qsizetype kPiece = 256 * 1024;

/// As a Charm server makes them (server/db/sqlite/sql.go), which leaves alone what is there.
constexpr const char *kTables = R"(
CREATE TABLE charm_user(id INTEGER NOT NULL PRIMARY KEY, charm_id uuid UNIQUE NOT NULL, name varchar(50) UNIQUE,
    email varchar(254), bio varchar(1000), created_at timestamp default current_timestamp);
CREATE TABLE public_key(id INTEGER NOT NULL PRIMARY KEY, user_id integer NOT NULL, public_key varchar(2048) NOT NULL,
    created_at timestamp default current_timestamp, UNIQUE (user_id, public_key),
    CONSTRAINT user_id_fk FOREIGN KEY (user_id) REFERENCES charm_user (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE encrypt_key(id INTEGER NOT NULL PRIMARY KEY, public_key_id integer NOT NULL, global_id uuid NOT NULL,
    created_at timestamp default current_timestamp, encrypted_key varchar(2048) NOT NULL,
    CONSTRAINT public_key_id_fk FOREIGN KEY (public_key_id) REFERENCES public_key (id)
    ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE named_seq(id INTEGER NOT NULL PRIMARY KEY, user_id integer NOT NULL, seq integer NOT NULL DEFAULT 0,
    name varchar(1024) NOT NULL, UNIQUE (user_id, name),
    CONSTRAINT user_id_fk FOREIGN KEY (user_id) REFERENCES charm_user (id) ON DELETE CASCADE ON UPDATE CASCADE);
)";

Status makeTables(const QString &file)
{
    sqlite3 *raw = nullptr;
    const int opened =
        sqlite3_open_v2(file.toUtf8().constData(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    const sqlite::ConnectionPtr connection(raw);
    if (opened != SQLITE_OK || sqlite3_exec(raw, kTables, nullptr, nullptr, nullptr) != SQLITE_OK)
        return Error{Code::AccountsFile,
                     QStringLiteral("%1 cannot be made: %2").arg(file, sqlite::messageOf(raw))};
    return {};
}

ChangeUnit unitFor(const Account &account)
{
    using Kind = Change::Kind;
    ChangeUnit unit;
    const auto add = [&](Kind kind) -> Change & {
        return unit.emplace_back(Change{kind, account.charmId});
    };
    Change &made = add(Kind::AddAccount);
    made.email = account.email;
    made.bio = account.bio;
    made.createdAt = account.createdAt;
    if (!account.name.isEmpty())
        add(Kind::SetName).to = account.name;
    for (const PublicKey &key : account.keys) {
        Change &added = add(Kind::AddKey);
        added.key = key.text;
        added.createdAt = key.createdAt;
        for (const EncryptKey &encryptKey : key.encryptKeys) {
            Change &sealed = add(Kind::AddEncryptKey);
            sealed.key = key.text;
            sealed.globalId = encryptKey.globalId;
            sealed.sealed = encryptKey.sealed;
            sealed.createdAt = encryptKey.createdAt;
        }
    }
    for (const auto &[name, value] : account.sequences) {
        Change &raised = add(Kind::RaiseSequence);
        raised.to = name;
        raised.sequence = value;
    }
    return unit;
}

Status fillTables(const QString &file, const AccountSet &accounts)
{
    LocalSql sql(file);
    SystemRandom random;
    AccountsDatabase database(sql, file, random);
    std::vector<ChangeUnit> units;
    for (const auto &[charmId, account] : accounts)
        units.push_back(unitFor(account));
    const Applied applied = database.apply(units);
    if (applied.error)
        return *applied.error;
    if (std::ranges::find(applied.done, false) != applied.done.end())
        return Error{Code::AccountsForeign, QStringLiteral("two of the accounts have the same key or name")};
    return {};
}

Status sendDatabase(LocalNode &node, const QString &path)
{
    QFile file(path);
    const auto unreadable = [&] {
        return Error{Code::NodeFile, QStringLiteral("%1 cannot be read: %2").arg(path, file.errorString())};
    };
    if (!file.open(QIODevice::ReadOnly))
        return unreadable();
    const auto next = [&]() -> Result<QByteArray> {
        QByteArray piece = file.read(kPiece);
        if (piece.isEmpty() && !file.atEnd())
            return unreadable();
        return piece;
    };
    return node.write(kDatabase, next, kFileMode);
}

/// The line of authorized_keys (RFC 8709, section 4).
QByteArray publicText(const QByteArray &publicKey)
{
    QByteArray blob;
    for (const QByteArray &field : {QByteArray("ssh-ed25519"), publicKey}) {
        QByteArray size(sizeof(quint32), '\0');
        qToBigEndian(static_cast<quint32>(field.size()), size.data());
        blob += size + field;
    }
    return "ssh-ed25519 " + blob.toBase64() + '\n';
}

/// What was made, which goes again, the last one first, unless all is well.
class Making
{
public:
    explicit Making(LocalNode &node)
        : m_node(node)
    {
    }
    ~Making()
    {
        for (auto path = m_made.crbegin(); path != m_made.crend(); ++path)
            (void)m_node.remove(*path);
    }
    Q_DISABLE_COPY_MOVE(Making)

    Status folder(const QString &path)
    {
        const Status made = m_node.makeFolder(path, kFolderMode);
        if (made)
            m_made << path;
        return made;
    }

    /// In a folder that was made here: it may be there though it could not be brought to the disk.
    Status file(const QString &path, const Status &written)
    {
        m_made << path;
        return written;
    }

    void keep() { m_made.clear(); }

private:
    LocalNode &m_node;
    QStringList m_made;
};

} // namespace

Status makeDataDirectory(const QString &path, const charm::ServerKey &key, const AccountSet &accounts,
                         const IClock &clock)
{
    const QString root = QDir::cleanPath(QDir::current().absoluteFilePath(path));
    LocalNode node({{}, {}, config::NodePlace::kSshPort, root}, clock, {});
    const auto survey = surveyTarget(node, key.publicKey());
    if (!survey)
        return survey.error();
    if (survey->state != TargetSurvey::State::Free)
        return Error{Code::ReplicaTarget,
                     QStringLiteral("%1 is not empty: it is a server's already").arg(root)};
    const QTemporaryDir scratch;
    const QString file = scratch.filePath(QStringLiteral("accounts.db"));
    Status status = makeTables(file);
    if (status)
        status = fillTables(file, accounts);
    const auto there = node.stat(QString());
    Making making(node);
    if (status && there && !*there)
        status = making.folder(QString());
    for (const QString &folder : {kSsh, kDb, kFiles}) {
        if (status)
            status = making.folder(folder);
    }
    const Secret text = key.openSsh();
    if (status)
        status = making.file(kKey, writeAll(node, kKey, text.view(), kFileMode));
    if (status)
        status = making.file(kPublicKey, writeAll(node, kPublicKey, publicText(key.publicKey()), kFileMode));
    if (status)
        status = making.file(kDatabase, sendDatabase(node, file));
    if (status)
        making.keep();
    return status;
}

} // namespace cring::accounts
