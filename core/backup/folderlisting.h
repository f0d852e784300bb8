// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/hashednames.h"
#include "core/charm/listing.h"
#include "core/state/objectkey.h"

namespace cring::backup {

/// One level of an account's folder, as its objects in a bucket have it. A bucket's listing tells no modes:
/// files below plain keys get 0644, and folders that nobody has stored get what Charm would give them.
///
/// One run, on the event loop's thread. Client and names outlive it; destroyed before: called off.
class FolderListing final : public QObject
{
    Q_OBJECT

public:
    using Result = S3Result<std::optional<charm::Listing>>; ///< Nothing: there is no such folder.

    FolderListing(S3Client &client, HashedNames &names, const IClock &clock, const state::ObjectKey &folder,
                  QObject *parent = nullptr);

    void start();

Q_SIGNALS:
    /// Once. Kind::Full: there is too much in it to be told.
    void finished(const cring::backup::FolderListing::Result &result);

private:
    void take(const HashedNames::ByPath &names);
    void nextPage();
    void take(const QList<ListedObject> &page);
    void add(const QByteArray &name, bool folder, const HashedNames::Named &named);
    void conclude();

    S3Client &m_client;
    HashedNames &m_names;
    const IClock &m_clock;
    const QByteArray m_account;
    const QByteArray m_path;
    const QByteArray m_prefix; ///< Of plain keys.
    std::unique_ptr<ObjectWalk> m_walk;
    std::map<QByteArray, HashedNames::Named> m_entries;
    std::optional<HashedNames::Named> m_self;
};

} // namespace cring::backup
