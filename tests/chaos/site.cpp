// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/site.h"

#include "tests/support/charmcluster.h"
#include "tests/support/spin.h"
#include "tests/support/tokens.h"

#include <QDateTime>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <sys/stat.h>

namespace cring::chaos {

using namespace playground;

namespace {

/// The ring looks after its servers more often than at a person's: more happens in the same time.
const QString Timing = QStringLiteral("\n[timing]\nprobe_interval = \"400ms\"\nsecond_look = \"3s\"\n");
constexpr int UpLimit = 10'000;
constexpr int CommandLimit = 5'000;
constexpr std::chrono::hours TokenLife{24};
constexpr quint32 Permissions = 07777;

CharmClusterOptions clusterOptions(const QString &folder, int accounts)
{
    CharmClusterOptions options;
    options.folder = folder;
    options.servers = Site::Servers;
    options.accounts = accounts;
    options.waiter = test::spinningWaiter();
    return options;
}

Value valueOf(const TreeEntry &entry)
{
    if (entry.isDir)
        return Value::folder(entry.mode);
    return {Value::Kind::File, entry.sha256, entry.size, entry.mode};
}

/// Relative path to kind, mode (but of folders) and size.
QMap<QString, std::pair<quint32, qint64>> outline(const QString &folder)
{
    QMap<QString, std::pair<quint32, qint64>> all;
    const QDir root(folder);
    QDirIterator walk(folder, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                      QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        const QString path = walk.next();
        struct stat status = {};
        if (::lstat(QFile::encodeName(path).constData(), &status) == 0)
            all.insert(root.relativeFilePath(path),
                       S_ISDIR(status.st_mode) ? std::pair<quint32, qint64>(S_IFDIR, 0)
                                               : std::pair<quint32, qint64>(status.st_mode, status.st_size));
    }
    return all;
}

} // namespace

Site::Site(Options options)
    : m_options(std::move(options))
    , m_cluster(clusterOptions(m_options.folder, m_options.accounts))
    , m_random(m_options.seed)
{
}

Status Site::start()
{
    if (Status started = m_cluster.start(); !started)
        return started;
    RingOptions options = ringOptions();
    if (m_options.serverKey) {
        Result<QString> lines = test::serverKeyConfig(m_cluster, m_options.folder);
        if (!lines)
            return lines.error();
        options.configLines += *lines;
    }
    if (Status prepared = preparePower(options); !prepared)
        return prepared;
    m_ring = std::make_unique<RingProcess>(options);
    if (Status started = m_ring->start(); !started)
        return started;
    if (!test::spinUntil([this] { return allUp(); }, UpLimit))
        return Error{Code::BackendUnreachable, QStringLiteral("not all servers are up in the ring's eyes")};
    return {};
}

RingOptions Site::ringOptions()
{
    RingOptions options = RingProcess::optionsFor(m_cluster);
    options.program = m_options.program;
    options.home = m_options.folder + QStringLiteral("/ring");
    options.configLines = Timing;
    if (m_options.localCopy)
        options.serviceLines = QStringLiteral("local_copy = true\n");
    options.waiter = test::spinningWaiter();
    if (m_options.debug)
        options.arguments = {QStringLiteral("--debug")};
    return options;
}

Status Site::preparePower(RingOptions &options)
{
    if (!m_options.powerCuts)
        return {};
    const QString directory = options.home + QStringLiteral("/state/charmedring");
    if (!QDir().mkpath(directory) ||
        !QFile::setPermissions(directory, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner))
        return Error{Code::StateDirectory, QStringLiteral("cannot make %1").arg(directory)};
    m_power = std::make_unique<test::PowerCut>(directory, m_options.seed);
    options.environment = m_power->environment();
    return m_power->prepare();
}

Status Site::killRing()
{
    m_ring->kill9();
    m_killed = QDateTime::currentMSecsSinceEpoch();
    using Keep = test::PowerCut::Keep;
    return m_power ? m_power->cut(m_random.below(2) == 0 ? Keep::Nothing : Keep::Some) : Status();
}

void Site::setWaiter(const Waiter &waiter)
{
    for (int index = 0; index < Servers; ++index)
        server(index).options().waiter = waiter;
    m_ring->options().waiter = waiter;
}

test::Endpoint Site::endpoint()
{
    return {m_ring->address().toStdString(), m_ring->httpPort()};
}

Result<QByteArray> Site::token(int account, int client) const
{
    Result<test::TokenMinter> minter = test::TokenMinter::fromKeyFile(m_cluster.signingKeyFile());
    if (!minter)
        return minter.error();
    test::TokenMinter::Claims claims;
    claims.subject = m_cluster.charmId(account);
    claims.issuer = m_cluster.issuer();
    claims.expiresIn = TokenLife + std::chrono::seconds(client);
    return minter->mint(claims);
}

QString Site::folder(int index, int account)
{
    return server(index).filesDir() + u'/' + m_cluster.charmId(account);
}

std::vector<Disk> Site::disks()
{
    std::vector<Disk> disks;
    for (int index = 0; index < Servers; ++index) {
        Disk disk;
        disk.server = server(index).name().toUtf8();
        for (int account = 0; account < m_options.accounts; ++account) {
            struct stat status = {};
            if (::stat(QFile::encodeName(folder(index, account)).constData(), &status) == 0)
                disk.values[{account, {}}] = Value::folder(status.st_mode & Permissions);
            const FilesTree tree = readTree(folder(index, account));
            for (auto entry = tree.begin(); entry != tree.end(); ++entry)
                disk.values[{account, entry.key().toUtf8()}] = valueOf(*entry);
        }
        disks.push_back(std::move(disk));
    }
    return disks;
}

bool Site::looksEqual()
{
    const auto first = outline(server(0).filesDir());
    for (int index = 1; index < Servers; ++index) {
        if (outline(server(index).filesDir()) != first)
            return false;
    }
    return true;
}

QByteArray Site::ask(const QStringList &arguments)
{
    const auto command = m_ring->command(arguments + QStringList{QStringLiteral("--json")});
    command->start();
    command->closeWriteChannel();
    (void)test::spinUntil([&] { return command->state() == QProcess::NotRunning; }, CommandLimit);
    return command->readAllStandardOutput();
}

bool Site::allUp()
{
    const QJsonArray backends = QJsonDocument::fromJson(ask({QStringLiteral("status")}))
                                    .object()
                                    .value(QStringLiteral("backends"))
                                    .toArray();
    return backends.size() == Servers &&
           std::all_of(backends.begin(), backends.end(), [](const QJsonValue &backend) {
               return backend.toObject().value(QStringLiteral("state")) == QStringLiteral("up");
           });
}

bool Site::isGoneThrough()
{
    const QJsonArray jobs = QJsonDocument::fromJson(ask({QStringLiteral("jobs"), QStringLiteral("list")}))
                                .object()
                                .value(QStringLiteral("jobs"))
                                .toArray();
    return std::any_of(jobs.begin(), jobs.end(), [this](const QJsonValue &one) {
        const QJsonObject job = one.toObject();
        return job.value(QStringLiteral("kind")) == QStringLiteral("scrub") &&
               job.value(QStringLiteral("state")) == QStringLiteral("done") &&
               job.value(QStringLiteral("createdMs")).toInteger() >= m_killed &&
               job.value(QStringLiteral("summary"))
                       .toObject()
                       .value(QStringLiteral("unsettled"))
                       .toInteger() == 0;
    });
}

std::set<PathKey> Site::findings()
{
    std::set<PathKey> keys;
    const QJsonArray all = QJsonDocument::fromJson(ask({QStringLiteral("findings"), QStringLiteral("list")}))
                               .object()
                               .value(QStringLiteral("findings"))
                               .toArray();
    for (const QJsonValue value : all) {
        const QJsonObject finding = value.toObject();
        for (int account = 0; account < m_options.accounts; ++account) {
            if (finding.value(QStringLiteral("account")) == m_cluster.charmId(account))
                keys.insert({account, finding.value(QStringLiteral("path")).toString().toUtf8()});
        }
    }
    return keys;
}

} // namespace cring::chaos
