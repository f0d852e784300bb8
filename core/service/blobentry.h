// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/service/blobmethods.h"

#include <QJsonObject>

namespace cring::service {

/// Files and folders as blobs.list and its notifications tell of them: where they are, where they are still
/// to come, and whether the buckets have them. For one answer: the servers are those of its making.
class BlobEntries final
{
public:
    /// What the hooks refer to outlives this. `named`: with names, where they are not hidden.
    BlobEntries(const BlobHooks &hooks, bool named);

    QJsonObject entry(const state::ObjectKey &key, const state::Catalogue::Holding &holding) const;

private:
    void addCopies(QJsonObject &entry, const state::ObjectKey &key,
                   const state::Catalogue::Holding &holding) const;
    void addBackup(QJsonObject &entry, const state::ObjectKey &key) const;

    const BlobHooks &m_hooks;
    const QList<ServerName> m_servers;
    const bool m_named;
};

/// The newest delete of a folder above a path. Cheap for paths that come in order.
class FolderDeletes final
{
public:
    /// The catalogue outlives this.
    explicit FolderDeletes(const state::Catalogue &catalogue)
        : m_catalogue(catalogue)
    {
    }

    /// Its version; 0: there is none.
    quint64 above(const state::ObjectKey &key);

private:
    const state::Catalogue &m_catalogue;
    state::ObjectKey m_folder;
    quint64 m_newest = 0;
};

} // namespace cring::service
