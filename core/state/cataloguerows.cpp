// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/cataloguerows.h"

#include <algorithm>
#include <cstring>

namespace cring::state {

namespace {

QByteArray packed(const CatalogueEntry::Holders &holders)
{
    QByteArray bytes;
    for (const Members::Number number : holders) {
        bytes.append(static_cast<char>(number >> 8));
        bytes.append(static_cast<char>(number & 0xff));
    }
    return bytes;
}

CatalogueEntry::Holders unpacked(const QByteArray &bytes)
{
    CatalogueEntry::Holders holders;
    for (qsizetype i = 0; i + 1 < bytes.size(); i += 2) {
        holders.push_back(static_cast<Members::Number>(static_cast<quint8>(bytes[i]) << 8 |
                                                       static_cast<quint8>(bytes[i + 1])));
    }
    return holders;
}

} // namespace

Record CatalogueEntry::record() const
{
    Record record;
    record.version = version;
    record.deleted = deleted;
    record.folder = folder;
    record.size = size;
    if (hasDigest)
        record.digest = QByteArray(digest.data(), digest.size());
    record.mode = mode;
    record.changed = changed;
    return record;
}

void CatalogueEntry::fill(const Record &record)
{
    version = record.version;
    deleted = record.deleted;
    folder = record.folder;
    size = record.size;
    hasDigest = record.digest.size() == static_cast<qsizetype>(digest.size());
    if (hasDigest)
        std::memcpy(digest.data(), record.digest.constData(), digest.size());
    mode = record.mode;
    changed = record.changed;
}

bool CatalogueEntry::isHolder(Members::Number member) const
{
    return std::find(holders.begin(), holders.end(), member) != holders.end();
}

void CatalogueEntry::setHolder(Members::Number member, bool holds)
{
    const auto it = std::find(holders.begin(), holders.end(), member);
    if (holds && it == holders.end())
        holders.push_back(member);
    else if (!holds && it != holders.end())
        holders.erase(it);
}

Status
CatalogueRows::load(const std::function<void(const ObjectKey &, const CatalogueEntry &)> &entry,
                    const std::function<void(const ObjectKey &, Members::Number, const Owed &)> &debt) const
{
    Status loaded = m_database.session().each(
        QStringLiteral("SELECT key, version, kind, size, digest, mode, tombstone, changed, holders"
                       " FROM catalogue ORDER BY key"),
        {}, [&](const Row &row) {
            Record record;
            record.version = static_cast<quint64>(row.int64(1));
            record.folder = row.int64(2) == 1;
            record.deleted = row.int64(2) == 2;
            record.size = row.int64(3);
            record.digest = row.blob(4);
            record.mode = static_cast<quint32>(row.int64(5));
            record.changed = row.int64(7);
            CatalogueEntry found;
            found.fill(record);
            found.tombstone = static_cast<quint64>(row.int64(6));
            found.holders = unpacked(row.blob(8));
            entry(row.blob(0), found);
        });
    if (!loaded)
        return loaded;
    return m_database.session().each(QStringLiteral("SELECT member, key, state, since FROM owed"), {},
                                     [&](const Row &row) {
                                         debt(row.blob(1), static_cast<Members::Number>(row.int64(0)),
                                              {static_cast<Debt>(row.int64(2)), row.int64(3)});
                                     });
}

void CatalogueRows::save(const ObjectKey &key, const CatalogueEntry &entry)
{
    const int kind = entry.deleted ? 2 : entry.folder ? 1 : 0;
    const QByteArray digest =
        entry.hasDigest ? QByteArray(entry.digest.data(), entry.digest.size()) : QByteArray();
    m_database.write([key, kind, digest, version = static_cast<qint64>(entry.version), size = entry.size,
                      mode = entry.mode, tombstone = static_cast<qint64>(entry.tombstone),
                      changed = entry.changed, holders = packed(entry.holders)](Session &session) {
        return session.run(
            QStringLiteral("INSERT OR REPLACE INTO catalogue (key, version, kind, size, digest,"
                           " mode, tombstone, changed, holders) VALUES (?,?,?,?,?,?,?,?,?)"),
            {key, version, kind, size, digest, mode, tombstone, changed, holders});
    });
}

void CatalogueRows::erase(const ObjectKey &key)
{
    m_database.write([key](Session &session) {
        return session.run(QStringLiteral("DELETE FROM catalogue WHERE key = ?"), {key});
    });
}

void CatalogueRows::saveDebt(const ObjectKey &key, Members::Number member, const Owed &owed)
{
    m_database.write([key, member, owed](Session &session) {
        return session.run(
            QStringLiteral("INSERT OR REPLACE INTO owed (member, key, state, since) VALUES (?,?,?,?)"),
            {member, key, static_cast<int>(owed.debt), owed.since});
    });
}

void CatalogueRows::eraseDebt(const ObjectKey &key, Members::Number member)
{
    m_database.write([key, member](Session &session) {
        return session.run(QStringLiteral("DELETE FROM owed WHERE member = ? AND key = ?"), {member, key});
    });
}

} // namespace cring::state
