// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/blobentry.h"

#include "core/service/filenames.h"
#include "core/service/objectjson.h"

#include <QJsonArray>

namespace cring::service {

using state::BucketLedger;
using state::Catalogue;
using state::Debt;
using state::ObjectKey;

BlobEntries::BlobEntries(const BlobHooks &hooks, bool named)
    : m_hooks(hooks)
    , m_servers(hooks.servers())
    , m_named(named && hooks.names)
{
}

QJsonObject BlobEntries::entry(const ObjectKey &key, const Catalogue::Holding &holding) const
{
    QJsonObject entry = objectJson(key);
    const QJsonObject record = recordJson(holding.record);
    for (auto it = record.begin(); it != record.end(); ++it)
        entry.insert(it.key(), it.value());
    addCopies(entry, key, holding);
    addBackup(entry, key);
    if (const auto name = m_named ? m_hooks.names->plain(key) : std::nullopt)
        entry.insert(QStringLiteral("name"), QString::fromUtf8(*name));
    return entry;
}

/// Nobody writes down which servers have a folder: all have, but those that owe it.
void BlobEntries::addCopies(QJsonObject &entry, const ObjectKey &key, const Catalogue::Holding &holding) const
{
    const bool folder = holding.record.folder;
    const QList<QString> owners = folder ? QList<QString>() : m_hooks.owners(key);
    QJsonArray holders;
    QJsonArray owed;
    QJsonArray missing;
    for (const ServerName &server : m_servers) {
        const auto debt = m_hooks.catalogue->debt(key, server.id);
        if (debt && debt->debt != Debt::Extra)
            owed.append(server.name);
        else if (folder || holding.holders.contains(server.id))
            holders.append(server.name);
        else if (owners.contains(server.id))
            missing.append(server.name);
    }
    entry.insert(QStringLiteral("holders"), holders);
    entry.insert(QStringLiteral("wanted"), folder ? m_servers.size() : owners.size());
    if (!owed.isEmpty())
        entry.insert(QStringLiteral("owed"), owed);
    if (!missing.isEmpty())
        entry.insert(QStringLiteral("missing"), missing);
}

/// The bucket that is furthest behind counts.
void BlobEntries::addBackup(QJsonObject &entry, const ObjectKey &key) const
{
    if (!m_hooks.ledger || m_hooks.ledger->buckets().isEmpty())
        return;
    QString backup = QStringLiteral("none");
    std::optional<qint64> since;
    for (const BucketLedger::Bucket bucket : m_hooks.ledger->buckets()) {
        if (!m_hooks.ledger->takes(bucket, key))
            continue;
        const BucketLedger::Debts &debts = m_hooks.ledger->debts(bucket);
        const auto owed = debts.find(key);
        if (owed != debts.end() && owed->second.need == BucketLedger::Need::Store) {
            backup = QStringLiteral("waiting");
            since = std::min(since.value_or(owed->second.since), owed->second.since);
        } else if (backup == QStringLiteral("none") && m_hooks.ledger->object(bucket, key)) {
            backup = QStringLiteral("stored");
        }
    }
    entry.insert(QStringLiteral("backup"), backup);
    if (since)
        entry.insert(QStringLiteral("backupSinceMs"), *since);
}

quint64 FolderDeletes::above(const ObjectKey &key)
{
    const ObjectKey folder = key.left(std::max<qsizetype>(key.lastIndexOf('/'), 0));
    if (folder == m_folder)
        return m_newest;
    m_folder = folder;
    m_newest = 0;
    state::forEachAncestor(key, [this](QByteArrayView above) {
        m_newest = std::max(m_newest, m_catalogue.tombstone(above.toByteArray()));
    });
    return m_newest;
}

} // namespace cring::service
