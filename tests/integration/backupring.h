// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/backup/await.h"
#include "tests/integration/faultyring.h"
#include "tests/support/s3server.h"

#include <QJsonObject>

namespace cring::test {

/// A ring with a bucket at a real S3 server. The operator's server key is there, so that what is owed needs
/// no client's token.
class BackupRing
{
public:
    explicit BackupRing(int servers, S3Server::Make make = S3Server::Make::Versitygw,
                        const S3ServerOptions &options = {});

    FaultyRing &ring() { return m_ring; }
    S3Server &s3() { return m_s3; }
    backup::S3Client &client() { return m_rig->client; }

    /// Servers, the S3 server, and the bucket in it.
    Status startServers();
    /// From the next startRing() on, between the ring and the S3 server.
    void standBetween();
    FaultyServer &front() { return *m_front; }
    /// `lines`: more of the [[backup]].
    Status startRing(const QList<int> &faulty = {}, const QString &lines = {}, const QString &service = {},
                     FaultyRing::Pace pace = FaultyRing::Pace::Quick);

    /// What the bucket has now, as a server's `files/` would have it: bodies by their SHA-256, modes from the
    /// metadata. Of the first account and all others.
    backup::S3Result<playground::FilesTree> bucketTree();
    /// What differs between the bucket and that server's files now.
    QByteArray difference(int server = 0);
    /// Waits until nothing does and nothing is owed.
    QByteArray differenceAfter(int limit, int server = 0);
    /// Of the first bucket in `cring status --json`.
    QJsonObject status();

    static constexpr const char *kBucket = "charm-backup";

private:
    FaultyRing m_ring;
    S3Server m_s3;
    std::unique_ptr<FaultyServer> m_front;
    std::unique_ptr<S3Rig> m_rig;
};

/// Writes, overwrites, deletes, folders, one request after the other; the same for the same seed. What went
/// wrong, "" when nothing did.
QByteArray mixedLoad(FaultyRing &ring, int operations, quint32 seed);

} // namespace cring::test
