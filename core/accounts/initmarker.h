// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QString>

namespace cring::accounts {

/// What a file in an unfinished data directory says of it, so that the next run knows what is ours.
struct InitMarker
{
    static const QString kName; ///< ".cring-init.json"
    static constexpr int kVersion = 1;

    QByteArray publicKey;      ///< Of the cluster that it is being made for, 32 bytes.
    bool madeFolder = false;   ///< The data directory itself was made by us.
    QByteArray databaseDigest; ///< SHA-256 in hex of the database that is being put there; empty before.
    qint64 accounts = 0;       ///< In that database.

    QByteArray toJson() const;
    /// ReplicaTarget for anything that this version has not written.
    static Result<InitMarker> parse(QByteArrayView text);

    bool operator==(const InitMarker &) const = default;
};

} // namespace cring::accounts
