// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace cring::backup {

/// What is known here of the recovery kit: the file `recovery.pub` of the state directory. No secret.
struct KitRecord
{
    static inline const QString kFile = QStringLiteral("recovery.pub");

    QByteArray publicHalf;  ///< 32 bytes.
    qint64 madeMs = 0;      ///< Since 1970, UTC.
    qint64 confirmedMs = 0; ///< When a person has shown that the kit can be read; 0: never.

    bool operator==(const KitRecord &) const = default;

    /// Nothing when there is no such file. StateFile when it cannot be read or understood. Blocks for a
    /// small file.
    static Result<std::optional<KitRecord>> read(const QString &stateDirectory);
    /// Atomically, 0600. Blocks for an fsync.
    Status write(const QString &stateDirectory) const;
};

/// Good when that kit is the one in use. RecoveryKitInvalid says which is.
Status checkKit(const std::optional<KitRecord> &record, const QByteArray &publicHalf);

} // namespace cring::backup
