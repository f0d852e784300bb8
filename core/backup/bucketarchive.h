// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/backups.h"
#include "core/backup/hashednames.h"
#include "core/replica/archive.h"

#include <QSet>

namespace cring::backup {

/// The buckets as what is read when no server can give a file; without any it covers nothing. Those that have
/// no problem come first. Lives on the event loop's thread.
class BucketArchive final : public QObject, public replica::IArchive
{
    Q_OBJECT

public:
    /// All of these outlive it.
    BucketArchive(Backups &backups, const state::BucketLedger &ledger, const IClock &clock);
    ~BucketArchive() override;

    bool covers(const QByteArray &account) const override;
    bool has(const replica::ObjectKey &key, const replica::Record &record) const override;
    std::vector<std::unique_ptr<replica::IArchiveReader>> open(const replica::ObjectKey &key,
                                                               const std::optional<replica::Record> &record,
                                                               QStringList &reasons) override;
    void list(const replica::ObjectKey &folder, QObject *context, ListDone done) override;

private:
    class Listing;

    HashedNames &names(Target &target, const QByteArray &account);
    std::vector<Target *> targets(const replica::ObjectKey &key) const;

    Backups &m_backups;
    const state::BucketLedger &m_ledger;
    const IClock &m_clock;
    /// A few; they go with their target.
    std::map<std::pair<const QObject *, QByteArray>, std::unique_ptr<HashedNames>> m_names;
    QSet<const QObject *> m_watched; ///< These.
};

} // namespace cring::backup
