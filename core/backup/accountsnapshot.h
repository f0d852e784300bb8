// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/recoverykit.h"

#include <QString>

#include <map>
#include <memory>

namespace cring::backup {

/// What the files of a bucket cannot be read without, at one moment. A value; any thread.
struct AccountSnapshot
{
    /// Where snapshots lie in a bucket.
    static constexpr const char *kPrefix = ".charmedring/accounts/";
    /// None that is made is longer, nor is a longer one read.
    static constexpr qint64 kLongest = 512LL * 1024 * 1024;

    qint64 madeMs = 0; ///< Since 1970, UTC.
    qint64 accountCount = 0;
    bool isOwnOnly = false;    ///< Not of all accounts: of the person's alone. It is not in what is sealed.
    qint64 synchronisedMs = 0; ///< When a server last took part in what `accounts` says; 0: not known.
    QByteArray issuer;         ///< Of the servers' tokens.
    std::shared_ptr<const Secret> serverKey; ///< In OpenSSH's form; null: it is not known here.
    QByteArray accounts; ///< As accounts::Synchronised writes it down, without what each server has.
    std::map<QByteArray, quint64> floors; ///< By "<charm id>/<name>": the highest number handed out.

    /// Of everything but the times: the same as long as there is nothing new to be saved. Hex.
    QByteArray digest() const;
    /// For the recovery kit with that public half alone. RecoveryKitInvalid; SnapshotInvalid: it would be too
    /// long.
    Result<QByteArray> seal(const QByteArray &publicHalf) const;
    /// SnapshotInvalid says why it cannot be: made for another kit, damaged, or of a newer release.
    static Result<AccountSnapshot> open(const RecoveryKit &kit, QByteArrayView sealed);
    /// What sealedFor() looks at.
    static constexpr qint64 kHeader = 1024;
    /// Whose kit opens it: 32 bytes; empty where that cannot be told.
    static QByteArray sealedFor(QByteArrayView sealed);
    /// ".charmedring/accounts/20260131T120000.000Z-<kit>-<random>.sealed", both in hex: they sort by time.
    /// `publicHalf`: of the kit that it is sealed for.
    static QByteArray keyFor(qint64 madeMs, const QByteArray &publicHalf, quint64 random);
    /// As keys have it.
    static QByteArray kitTag(const QByteArray &publicHalf);
    /// Of such a key; empty: it does not say.
    static QByteArray kitTagOf(const QByteArray &key);
    /// From such a key: since 1970, UTC; -1: it is no such key.
    static qint64 timeOf(const QByteArray &key);
};

/// Of the snapshots in a bucket; what one of these names is kept.
struct SnapshotRetention
{
    int last = 30;   ///< The newest ones.
    int hours = 24;  ///< The newest one of each of so many.
    int days = 14;   ///< The newest one of each of so many, today among them. UTC.
    int months = 12; ///< The newest one of each of so many, this one among them.
};

/// Which of these keys can go, of those for each kit by themselves: two rings may have one bucket, and what
/// an older kit opens is not pushed out by what the new one does. Keys of others are never named.
QList<QByteArray> snapshotsToDrop(QList<QByteArray> keys, qint64 nowMs,
                                  const SnapshotRetention &retention = {});

} // namespace cring::backup
