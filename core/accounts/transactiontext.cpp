// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/sqltext.h"

#include <algorithm>

namespace cring::accounts::sqltext {

namespace {

using Kind = Change::Kind;

QByteArray literal(const QByteArray &value)
{
    const bool plain = std::all_of(value.begin(), value.end(),
                                   [](char c) { return c >= ' ' && c <= '~' && c != '\'' && c != '\\'; });
    return plain ? '\'' + value + '\'' : "CAST(x'" + value.toHex() + "' AS TEXT)";
}

QByteArray orNull(const QByteArray &value)
{
    return value.isEmpty() ? QByteArray("NULL") : literal(value);
}

/// A time that is not known is the server's own, as if it had made the row.
QByteArray time(const QByteArray &value)
{
    return value.isEmpty() ? QByteArray("CURRENT_TIMESTAMP") : literal(value);
}

QByteArray is(const QByteArray &column, const QByteArray &value)
{
    return value.isEmpty() ? "ifnull(" + column + ", '') = ''" : column + " = " + literal(value);
}

QByteArray userId(const QByteArray &charmId)
{
    return "(SELECT id FROM main.charm_user WHERE charm_id = " + literal(charmId) + ')';
}

/// Of the key of a change, if it is that account's.
QByteArray keyId(const Change &change)
{
    return "(SELECT id FROM temp.key_at WHERE text = " + literal(change.key) +
           " AND user_id = " + userId(change.charmId) + ')';
}

QByteArray sealedId(const Change &change)
{
    return "(SELECT id FROM temp.sealed_at WHERE key_id = " + keyId(change) +
           " AND global_id = " + literal(change.globalId) + ')';
}

bool concernsKey(const Change &change)
{
    return !change.key.isEmpty();
}

/// Charm has no index on keys' texts, names without case, or the encrypt keys of a key. So what the changes
/// are about is looked up once for all of them: one pass over each table, however many changes.
QByteArray lookUp(std::span<const Change> changes)
{
    QByteArray text =
        "CREATE TEMP TABLE wanted (text TEXT PRIMARY KEY ON CONFLICT IGNORE) WITHOUT ROWID;\n"
        "CREATE TEMP TABLE wanted_name (name TEXT PRIMARY KEY ON CONFLICT IGNORE COLLATE NOCASE) "
        "WITHOUT ROWID;\n"
        "CREATE TEMP TABLE key_at (text TEXT PRIMARY KEY ON CONFLICT IGNORE, id, user_id) "
        "WITHOUT ROWID;\n"
        "CREATE TEMP TABLE sealed_at (key_id, global_id uuid, id, "
        "PRIMARY KEY (key_id, global_id) ON CONFLICT IGNORE) WITHOUT ROWID;\n"
        // As Charm compares names: LIKE is without case for ASCII alone, and so is NOCASE.
        "CREATE TEMP TABLE name_at (name TEXT PRIMARY KEY ON CONFLICT IGNORE COLLATE NOCASE, charm_id) "
        "WITHOUT ROWID;\n"
        "CREATE TEMP TABLE renaming (charm_id PRIMARY KEY ON CONFLICT IGNORE) WITHOUT ROWID;\n";
    bool keys = false;
    bool sealed = false;
    bool names = false;
    for (const Change &change : changes) {
        keys |= concernsKey(change);
        sealed |= change.kind == Kind::AddEncryptKey || change.kind == Kind::SetEncryptKeyTime;
        if (concernsKey(change))
            text += "INSERT INTO temp.wanted VALUES (" + literal(change.key) + ");\n";
        if (change.kind == Kind::SetName) {
            names = true;
            for (const QByteArray &name : {change.from, change.to})
                text += "INSERT INTO temp.wanted_name VALUES (" + literal(name) + ");\n";
        }
    }
    if (keys)
        text += "INSERT INTO temp.key_at SELECT public_key, id, user_id FROM main.public_key "
                "WHERE public_key IN (SELECT text FROM temp.wanted) ORDER BY id;\n";
    if (sealed)
        text += "INSERT INTO temp.sealed_at SELECT public_key_id, global_id, id FROM main.encrypt_key "
                "WHERE public_key_id IN (SELECT id FROM temp.key_at) ORDER BY id;\n";
    if (names)
        text += "INSERT INTO temp.name_at SELECT name, charm_id FROM main.charm_user "
                "WHERE name COLLATE NOCASE IN (SELECT name FROM temp.wanted_name);\n";
    return text;
}

/// The account may have the key already, in a row that did not count: a login between the two transactions of
/// Charm's LinkGen makes such a twin. Its encrypt keys go to the row that counts, and it goes.
QByteArray takeTwinIn(const QByteArray &moved, const Change &change)
{
    const QByteArray twin = "(SELECT id FROM main.public_key WHERE user_id = " + userId(change.charmId) +
                            " AND public_key = " + literal(change.key) + " AND id <> " + moved + ')';
    // The table has no index for this: without a twin it is not gone through.
    const QByteArray isThere = " AND " + twin + " IS NOT NULL";
    return "UPDATE main.encrypt_key SET public_key_id = " + moved + " WHERE public_key_id = " + twin +
           isThere +
           " AND global_id NOT IN (SELECT global_id FROM main.encrypt_key WHERE public_key_id = " + moved +
           ");\n" +
           "INSERT INTO temp.sealed_at SELECT public_key_id, global_id, id FROM main.encrypt_key "
           "WHERE public_key_id = " +
           moved + isThere + ";\n" + "DELETE FROM main.encrypt_key WHERE public_key_id = " + twin + isThere +
           ";\n" + "DELETE FROM main.public_key WHERE id = " + twin + ";\n";
}

QByteArray moveKey(const Change &change)
{
    const QByteArray moved = "(SELECT id FROM temp.key_at WHERE text = " + literal(change.key) +
                             " AND user_id = " + userId(change.from) + ')';
    return takeTwinIn(moved, change) + "UPDATE main.public_key SET user_id = " + userId(change.charmId) +
           " WHERE id = " + moved + " AND " + userId(change.charmId) + " IS NOT NULL;\n" +
           "UPDATE temp.key_at SET user_id = (SELECT user_id FROM main.public_key k WHERE k.id = key_at.id) "
           "WHERE text = " +
           literal(change.key) + ";\n";
}

QByteArray removeKey(const Change &change)
{
    // The encrypt keys go with it also where the table is older than Charm's own cascade (migration 0001).
    const QByteArray row = "(SELECT id FROM main.public_key WHERE user_id = " + userId(change.charmId) +
                           " AND public_key = " + literal(change.key) + " AND " +
                           is("created_at", change.createdAt) + ')';
    return "DELETE FROM main.encrypt_key WHERE public_key_id = " + row + ";\n" +
           "DELETE FROM temp.key_at WHERE id = " + row + ";\n" +
           "DELETE FROM main.public_key WHERE id = " + row + ";\n";
}

QByteArray removeAccount(const Change &change)
{
    const QByteArray row = "(SELECT id FROM main.charm_user u WHERE charm_id = " + literal(change.charmId) +
                           " AND NOT EXISTS (SELECT 1 FROM main.public_key k WHERE k.user_id = u.id))";
    return "DELETE FROM temp.name_at WHERE charm_id = " + literal(change.charmId) + " AND " + row +
           " IS NOT NULL;\n" + "DELETE FROM main.named_seq WHERE user_id = " + row + ";\n" +
           "DELETE FROM main.charm_user WHERE id = " + row + ";\n";
}

/// The first of three passes: those that are to change their names give up the old ones, so that names can go
/// round in a circle.
QByteArray giveUpName(const Change &change)
{
    const QByteArray id = literal(change.charmId);
    return "INSERT INTO temp.renaming SELECT charm_id FROM main.charm_user WHERE charm_id = " + id + " AND " +
           is("name", change.from) + ";\n" +
           "UPDATE main.charm_user SET name = NULL WHERE charm_id IN (SELECT charm_id FROM temp.renaming "
           "WHERE "
           "charm_id = " +
           id + ");\n" +
           "DELETE FROM temp.name_at WHERE charm_id IN (SELECT charm_id FROM temp.renaming WHERE charm_id "
           "= " +
           id + ");\n";
}

QByteArray takeName(const Change &change, const QByteArray &name)
{
    if (name.isEmpty())
        return {};
    const QByteArray id = literal(change.charmId);
    return "UPDATE main.charm_user SET name = " + literal(name) +
           " WHERE name IS NULL AND charm_id IN (SELECT charm_id FROM temp.renaming WHERE charm_id = " + id +
           ") AND NOT EXISTS (SELECT 1 FROM temp.name_at WHERE name = " + literal(name) + ");\n" +
           "INSERT INTO temp.name_at SELECT name, charm_id FROM main.charm_user WHERE charm_id = " + id +
           " AND name = " + literal(name) + ";\n";
}

QByteArray setColumn(const char *column, const Change &change)
{
    return QByteArray("UPDATE main.charm_user SET ") + column + " = " + orNull(change.to) +
           " WHERE charm_id = " + literal(change.charmId) + " AND " + is(column, change.from) + ";\n";
}

QByteArray addKey(const Change &change)
{
    return "INSERT INTO main.public_key (user_id, public_key, created_at) SELECT id, " + literal(change.key) +
           ", " + time(change.createdAt) +
           " FROM main.charm_user WHERE charm_id = " + literal(change.charmId) +
           " AND NOT EXISTS (SELECT 1 FROM temp.key_at WHERE text = " + literal(change.key) + ");\n" +
           "INSERT INTO temp.key_at SELECT public_key, id, user_id FROM main.public_key WHERE user_id = " +
           userId(change.charmId) + " AND public_key = " + literal(change.key) + ";\n";
}

QByteArray addEncryptKey(const Change &change)
{
    return "INSERT INTO main.encrypt_key (public_key_id, global_id, created_at, encrypted_key) SELECT id, " +
           literal(change.globalId) + ", " + time(change.createdAt) + ", " + literal(change.sealed) +
           " FROM temp.key_at WHERE id = " + keyId(change) + " AND " + sealedId(change) + " IS NULL;\n" +
           "INSERT INTO temp.sealed_at SELECT public_key_id, global_id, id FROM main.encrypt_key "
           "WHERE id = last_insert_rowid() AND public_key_id = " +
           keyId(change) + " AND global_id = " + literal(change.globalId) + ";\n";
}

QByteArray raiseSequence(const Change &change)
{
    const QByteArray value = QByteArray::number(change.sequence);
    return "INSERT INTO main.named_seq (user_id, name, seq) SELECT id, " + literal(change.to) + ", " + value +
           " FROM main.charm_user WHERE charm_id = " + literal(change.charmId) +
           " ON CONFLICT (user_id, name) DO UPDATE SET seq = excluded.seq "
           "WHERE typeof(seq) <> 'integer' OR seq < excluded.seq;\n";
}

QByteArray carryOut(const Change &change)
{
    switch (change.kind) {
    case Kind::AddAccount:
        return "INSERT INTO main.charm_user (charm_id, email, bio, created_at) SELECT " +
               literal(change.charmId) + ", " + orNull(change.email) + ", " + orNull(change.bio) + ", " +
               time(change.createdAt) + " WHERE " + userId(change.charmId) + " IS NULL;\n";
    case Kind::MoveKey:
        return moveKey(change);
    case Kind::RemoveKey:
        return removeKey(change);
    case Kind::RemoveAccount:
        return removeAccount(change);
    case Kind::SetName:
        return takeName(change, change.to);
    case Kind::SetEmail:
        return setColumn("email", change);
    case Kind::SetBio:
        return setColumn("bio", change);
    case Kind::SetCreatedAt:
        return setColumn("created_at", change);
    case Kind::AddKey:
        return addKey(change);
    case Kind::SetKeyTime:
        return "UPDATE main.public_key SET created_at = " + orNull(change.to) +
               " WHERE id = " + keyId(change) + " AND " + is("created_at", change.from) + ";\n";
    case Kind::AddEncryptKey:
        return addEncryptKey(change);
    case Kind::SetEncryptKeyTime:
        return "UPDATE main.encrypt_key SET created_at = " + orNull(change.to) +
               " WHERE id = " + sealedId(change) + " AND " + is("created_at", change.from) + ";\n";
    case Kind::RaiseSequence:
        return raiseSequence(change);
    }
    return {};
}

QByteArray ofUser(const Change &change, const QByteArray &condition)
{
    return "EXISTS (SELECT 1 FROM main.charm_user WHERE charm_id = " + literal(change.charmId) + " AND " +
           condition + ')';
}

QByteArray ofKey(const Change &change, const QByteArray &condition)
{
    return "EXISTS (SELECT 1 FROM main.public_key WHERE user_id = " + userId(change.charmId) +
           " AND public_key = " + literal(change.key) + " AND " + condition + ')';
}

/// An expression that is true once the change is there, whoever made it.
QByteArray isThere(const Change &change)
{
    switch (change.kind) {
    case Kind::AddAccount:
        return ofUser(change, "1");
    case Kind::MoveKey:
    case Kind::AddKey:
        return ofKey(change, "1");
    case Kind::RemoveKey:
        return "NOT " + ofKey(change, "1");
    case Kind::RemoveAccount:
        return "NOT " + ofUser(change, "1");
    case Kind::SetName:
        return ofUser(change, is("name", change.to));
    case Kind::SetEmail:
        return ofUser(change, is("email", change.to));
    case Kind::SetBio:
        return ofUser(change, is("bio", change.to));
    case Kind::SetCreatedAt:
        return ofUser(change, is("created_at", change.to));
    case Kind::SetKeyTime:
        return ofKey(change, is("created_at", change.to));
    case Kind::AddEncryptKey:
        return sealedId(change) + " IS NOT NULL";
    case Kind::SetEncryptKeyTime:
        return "EXISTS (SELECT 1 FROM main.encrypt_key WHERE id = " + sealedId(change) + " AND " +
               is("created_at", change.to) + ')';
    case Kind::RaiseSequence:
        return "EXISTS (SELECT 1 FROM main.named_seq WHERE user_id = " + userId(change.charmId) +
               " AND name = " + literal(change.to) +
               " AND typeof(seq) = 'integer' AND seq >= " + QByteArray::number(change.sequence) + ')';
    }
    return "0";
}

} // namespace

QByteArray transaction(std::span<const Change> changes)
{
    std::vector<const Change *> ordered;
    for (const Change &change : changes)
        ordered.push_back(&change);
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const Change *a, const Change *b) { return a->kind < b->kind; });
    const auto renames = [&](const auto &write) {
        for (const Change *change : ordered) {
            if (change->kind == Kind::SetName)
                write(*change);
        }
    };
    QByteArray text = "PRAGMA foreign_keys = ON;\nPRAGMA temp_store = MEMORY;\nBEGIN IMMEDIATE;\n";
    text += lookUp(changes);
    bool renamed = false;
    for (const Change *change : ordered) {
        if (change->kind >= Kind::SetName && !renamed) {
            renames([&](const Change &rename) { text += giveUpName(rename); });
            renamed = true;
        }
        text += carryOut(*change);
    }
    // Whose new name was taken gets the old one back.
    renames([&](const Change &rename) {
        if (!rename.to.isEmpty())
            text += takeName(rename, rename.from);
    });
    for (size_t index = 0; index < changes.size(); ++index)
        text += "SELECT 'done', " + QByteArray::number(index) + ", " + isThere(changes[index]) + ";\n";
    return text + "COMMIT;\n";
}

} // namespace cring::accounts::sqltext
