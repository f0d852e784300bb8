// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/charmcluster.h"
#include "tests/support/spin.h"
#include "tests/support/tokens.h"

#include <QTemporaryDir>

#include <optional>

namespace cring::test {

using playground::CharmClient;
using playground::CharmServer;
using playground::CharmServerOptions;
using playground::FilesTree;
using playground::TreeEntry;

/// Owns the folder that a cluster lives in: a base, so that it exists before the cluster and goes after it.
struct ClusterFolder
{
    QTemporaryDir folder;
};

/// Real Charm servers that share key, accounts and issuer, in a temporary folder; ends with this object. When
/// the test fails, the ends of the servers' logs are printed. Usage:
///
///     CharmCluster cluster;
///     CRING_OK(cluster.start());
///     CRING_OK(cluster.client().run({QStringLiteral("id")}));
class CharmCluster : private ClusterFolder, public playground::CharmCluster
{
public:
    explicit CharmCluster(int servers = 3, int accounts = 1);
    /// publicUrl: the issuer, when it is not to be the front that the cluster chose.
    CharmCluster(int servers, int accounts, const QString &publicUrl);
    ~CharmCluster() override;

    /// A token for that account, made here with the cluster's key, or a wrong one. The cluster must have been
    /// started.
    QByteArray token(int account = 0, Forgery forgery = Forgery::None) const;
    /// The token that a server hands to the real client (`charm jwt`).
    QByteArray realToken(int server = 0, int account = 0);
    /// For tokens with any claims.
    const TokenMinter &minter() const;

    QString path() const { return folder.path(); }

    /// Empty when the trees of all running and stopped servers are equal, else both, for QVERIFY2.
    QByteArray treeDifference();

private:
    mutable std::optional<TokenMinter> m_minter;
};

/// The lines of a ring's configuration that make the cluster's key its operator's server key. The key is
/// copied into the folder, readable by this user alone, as an operator would have it.
Result<QString> serverKeyConfig(const playground::CharmCluster &cluster, const QString &folder);

} // namespace cring::test

/// Fails the test with the error's words unless the Status, Result or CharmClient::Output is good.
#define CRING_OK(...)                                                                                        \
    do {                                                                                                     \
        const auto &cringOk = (__VA_ARGS__);                                                                 \
        QVERIFY2(cringOk.ok(), cring::test::words(cringOk).constData());                                     \
    } while (false)

namespace cring::test {

inline QByteArray words(const Status &status)
{
    return status.ok() ? QByteArray() : status.error().toString().toUtf8();
}

template <typename T>
QByteArray words(const Result<T> &result)
{
    return result.ok() ? QByteArray() : result.error().toString().toUtf8();
}

inline QByteArray words(const CharmClient::Output &output)
{
    return output.text();
}

} // namespace cring::test
