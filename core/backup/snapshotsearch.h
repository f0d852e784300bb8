// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/accountsnapshot.h"
#include "core/backup/objectdownload.h"
#include "core/backup/s3walk.h"

namespace cring::backup {

/// Finds the newest snapshot of the accounts in a bucket that a recovery kit opens, or that somebody else
/// takes.
///
/// Lives on the event loop's thread; the client and the kit outlive it. Exactly one of found() and failed(),
/// unless it is destroyed first. Memory: the keys of all snapshots, and one snapshot, or as much of it as is
/// looked at.
class SnapshotSearch final : public QObject
{
    Q_OBJECT

public:
    /// Good when what was sealed is what is looked for; otherwise the next older one is tried.
    using Judge = std::function<Status(const QByteArray &sealed)>;

    SnapshotSearch(S3Client &client, const RecoveryKit &kit, QObject *parent = nullptr);
    /// Only those for the kit with that public half, and those that do not say. `judge` gets what
    /// AccountSnapshot::sealedFor() looks at; all of it has come, with its digest, all the same. One that
    /// turns out to be longer than `longest` is passed over.
    SnapshotSearch(S3Client &client, const QByteArray &publicHalf, Judge judge,
                   qint64 longest = AccountSnapshot::kLongest, QObject *parent = nullptr);

    void start();

    /// After found(), with a kit.
    const AccountSnapshot &snapshot() const { return m_snapshot; }
    const QByteArray &key() const { return m_key; }

Q_SIGNALS:
    void found();
    /// A newer one that could not be opened, and why.
    void passedOver(const QByteArray &key, const QString &why);
    /// SnapshotInvalid when none is there that opens, else what the server has said.
    void failed(const cring::Error &error);

private:
    void list();
    bool isOthers(const QByteArray &key) const;
    void tryNext();
    void take(const QByteArray &data);
    void judge();
    void passOver(const QString &why);

    S3Client &m_client;
    const Judge m_judge;
    const qint64 m_kept = AccountSnapshot::kLongest;
    const qint64 m_longest = AccountSnapshot::kLongest;
    const QByteArray m_tag;   ///< See AccountSnapshot::kitTag().
    const bool m_tellsOthers; ///< passedOver() for those with another one.
    ObjectWalk m_walk;
    QList<ListedObject> m_objects; ///< By time; the last one is next.
    qsizetype m_all = 0;
    std::unique_ptr<ObjectDownload> m_download;
    QByteArray m_key;
    QByteArray m_sealed;
    qint64 m_received = 0;
    AccountSnapshot m_snapshot;
};

} // namespace cring::backup
