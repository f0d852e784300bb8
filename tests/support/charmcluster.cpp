// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/charmcluster.h"

#include <QFile>
#include <QTest>

namespace cring::test {

namespace {

playground::CharmClusterOptions optionsOf(const QString &folder, int servers, int accounts,
                                          const QString &publicUrl)
{
    playground::CharmClusterOptions options;
    options.folder = folder;
    options.servers = servers;
    options.accounts = accounts;
    options.publicUrl = publicUrl;
    options.waiter = spinningWaiter();
    return options;
}

} // namespace

CharmCluster::CharmCluster(int servers, int accounts)
    : CharmCluster(servers, accounts, {})
{
}

CharmCluster::CharmCluster(int servers, int accounts, const QString &publicUrl)
    : playground::CharmCluster(optionsOf(folder.path(), servers, accounts, publicUrl))
{
}

CharmCluster::~CharmCluster()
{
    if (!QTest::currentTestFailed())
        return;
    for (int index = 0; index < size(); ++index) {
        qWarning().noquote() << "The end of" << at(index).name() << "log:\n"
                             << QString::fromUtf8(at(index).logTail());
    }
}

QByteArray CharmCluster::token(int account, Forgery forgery) const
{
    TokenMinter::Claims claims;
    claims.subject = charmId(account);
    claims.issuer = issuer();
    return minter().mint(claims, forgery);
}

QByteArray CharmCluster::realToken(int server, int account)
{
    CharmClient client(program(), QStringLiteral("%1/token-client%2").arg(path()).arg(account),
                       spinningWaiter());
    client.pointAt(at(server).address(), at(server).sshPort(), at(server).httpPort());
    const Status adopted = client.adoptKeyOf(this->client(account));
    return adopted.ok() ? client.run({QStringLiteral("jwt")}).out.trimmed() : QByteArray();
}

const TokenMinter &CharmCluster::minter() const
{
    if (!m_minter) {
        Result<TokenMinter> minter = TokenMinter::fromKeyFile(signingKeyFile());
        Q_ASSERT_X(minter.ok(), "CharmCluster", "the cluster has not been started");
        m_minter = std::move(minter).value();
    }
    return *m_minter;
}

QByteArray CharmCluster::treeDifference()
{
    const FilesTree first = at(0).files();
    for (int index = 1; index < size(); ++index) {
        const FilesTree other = at(index).files();
        if (other != first) {
            return (at(0).name() + QStringLiteral(":\n") + playground::toText(first) + at(index).name() +
                    QStringLiteral(":\n") + playground::toText(other))
                .toUtf8();
        }
    }
    return {};
}

Result<QString> serverKeyConfig(const playground::CharmCluster &cluster, const QString &folder)
{
    const QString path = folder + QStringLiteral("/server-key");
    QFile key(cluster.signingKeyFile());
    QFile copy(path);
    if (!key.open(QIODevice::ReadOnly) || !copy.open(QIODevice::WriteOnly) ||
        !copy.setPermissions(QFile::ReadOwner | QFile::WriteOwner) || copy.write(key.readAll()) < 0)
        return Error{Code::ConfigFile, QStringLiteral("cannot copy the server key to %1").arg(path)};
    return QStringLiteral("\n[identity]\nserver_key = \"file:%1\"\n").arg(path);
}

} // namespace cring::test
