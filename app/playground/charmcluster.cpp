// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/charmcluster.h"

#include "app/playground/charmbinary.h"
#include "app/playground/loopback.h"

#include <QDir>
#include <QDirIterator>

namespace cring::playground {

namespace {

bool copyTree(const QString &from, const QString &to)
{
    const QDir source(from);
    bool copied = QDir().mkpath(to);
    QDirIterator walk(from, QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot,
                      QDirIterator::Subdirectories);
    while (copied && walk.hasNext()) {
        const QString path = walk.next();
        const QString target = to + QLatin1Char('/') + source.relativeFilePath(path);
        copied = walk.fileInfo().isDir()
                     ? QDir().mkpath(target)
                     : QDir().mkpath(QFileInfo(target).absolutePath()) && QFile::copy(path, target);
    }
    return copied;
}

} // namespace

CharmCluster::CharmCluster(CharmClusterOptions options)
    : m_options(std::move(options))
    , m_seed(m_options.folder + QStringLiteral("/seed"))
    , m_frontAddress(ownLoopbackAddress(0))
    , m_frontHttpPort(freePort(m_frontAddress))
    , m_frontSshPort(freePort(m_frontAddress))
{
    if (m_options.publicUrl.isEmpty())
        m_options.publicUrl = QStringLiteral("http://%1:%2").arg(m_frontAddress).arg(m_frontHttpPort);
    // The servers' unprivileged user has to reach its folders through this one.
    QFile::setPermissions(m_options.folder,
                          QFile::permissions(m_options.folder) | QFile::ExeGroup | QFile::ExeOther);
}

Status CharmCluster::start(const std::function<void(int, CharmServerOptions &)> &tweak)
{
    Result<QString> charm = findCharm();
    if (!charm)
        return charm.error();
    Result<QString> runnable = runnableByAll(*charm, m_options.folder);
    if (!runnable)
        return runnable.error();
    m_program = *runnable;

    if (Status seeded = seed(); !seeded.ok())
        return seeded;
    for (int index = 0; index < m_options.servers; ++index) {
        Result<CharmServer *> server = addServer(Data::Shared, [&](CharmServerOptions &options) {
            if (tweak)
                tweak(index, options);
        });
        if (!server)
            return server.error();
        if (Status started = (*server)->start(); !started.ok())
            return started;
    }
    return {};
}

Result<CharmServer *> CharmCluster::addServer(Data data, const Tweak &tweak)
{
    CharmServerOptions options;
    options.name = m_options.serverName.arg(m_servers.size() + 1);
    options.program = m_program;
    options.dataDir = m_options.folder + QLatin1Char('/') + options.name;
    // 0 is the front's.
    options.address = ownLoopbackAddress(1 + static_cast<int>(m_servers.size() % 3));
    options.publicUrl = m_options.publicUrl;
    options.waiter = m_options.waiter;
    if (tweak)
        tweak(options);
    if (data == Data::Shared && !copyTree(m_seed, options.dataDir))
        return Error{Code::NotFound, QStringLiteral("cannot copy %1 to %2").arg(m_seed, options.dataDir)};
    m_servers.push_back(std::make_unique<CharmServer>(options));
    return m_servers.back().get();
}

CharmClient *CharmCluster::addStranger()
{
    m_clients.push_back(newClient());
    return m_clients.back().get();
}

void CharmCluster::stopAll()
{
    for (const auto &server : m_servers)
        server->stop();
}

Status CharmCluster::seed()
{
    CharmServerOptions options;
    options.name = QStringLiteral("seed");
    options.program = m_program;
    options.dataDir = m_seed;
    options.address = ownLoopbackAddress(1);
    options.waiter = m_options.waiter;
    CharmServer server(options);
    if (Status started = server.start(); !started.ok())
        return started;
    for (int number = 0; number < m_options.accounts; ++number) {
        if (Status made = makeAccount(server, number); !made.ok())
            return made;
    }
    // In order, so that the database is whole in its file.
    server.stop();
    return {};
}

Status CharmCluster::makeAccount(CharmServer &server, int number)
{
    std::unique_ptr<CharmClient> client = newClient();
    client->pointAt(server.address(), server.sshPort(), server.httpPort());
    // The first use of encryption makes the account and its encryption key; the servers have to share both.
    const CharmClient::Output encrypted =
        client->run({QStringLiteral("crypt"), QStringLiteral("encrypt")}, "x");
    const CharmClient::Output id = client->run({QStringLiteral("id")});
    if (!encrypted.ok() || !id.ok()) {
        return Error{Code::AccountMissing,
                     QStringLiteral("the charm client could not make account %1: %2")
                         .arg(number + 1)
                         .arg(QString::fromUtf8((encrypted.ok() ? id : encrypted).text()))};
    }
    m_charmIds += QString::fromUtf8(id.out.trimmed());
    client->pointAt(m_frontAddress, m_frontSshPort, m_frontHttpPort);
    m_clients.push_back(std::move(client));
    return {};
}

std::unique_ptr<CharmClient> CharmCluster::newClient()
{
    auto client = std::make_unique<CharmClient>(
        m_program, QStringLiteral("%1/client%2").arg(m_options.folder).arg(m_clients.size() + 1),
        m_options.waiter);
    client->pointAt(m_frontAddress, m_frontSshPort, m_frontHttpPort);
    return client;
}

} // namespace cring::playground
