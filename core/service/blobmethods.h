// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/service/queuemethods.h"
#include "core/state/bucketledger.h"
#include "core/state/catalogue.h"
#include "core/state/spool.h"

namespace cring::service {

class FileNames;

/// What is known of files, and where they belong. Called on the event loop; nothing blocks.
struct BlobHooks
{
    /// Null: the methods are not offered.
    const state::Catalogue *catalogue = nullptr;
    /// In the order of the configuration.
    std::function<QList<ServerName>()> servers;
    /// Ids of a path's owners, in the order of the placement.
    std::function<QList<QString>(const state::ObjectKey &key)> owners;
    /// It was found that a server, by id, has lost its copy. May be empty.
    std::function<bool(const state::ObjectKey &key, const QString &server)> hasLost = {};
    const state::Spool *spool = nullptr;         ///< Null: there is none.
    const state::BucketLedger *ledger = nullptr; ///< The same.
    FileNames *names = nullptr; ///< Null: whoever is on the socket may be somebody else than the person.
};

/// blobs.list, blobs.where, blobs.subscribe and blobs.unsubscribe.
void addBlobMethods(control::Server &server, const BlobHooks &hooks);

/// How a server's copy stands to the record: "holds", "extra", "missing", "stale", "in doubt", "suspect",
/// "differs", "gone" (deleted, as it should be) or "none" (no copy, and none wanted).
QString copyWord(const state::Catalogue &catalogue, const state::ObjectKey &key, const state::Record &record,
                 const QString &server, bool isOwner);

} // namespace cring::service
