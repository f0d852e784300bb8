// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/faultyring.h"

#include "tests/support/spin.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>

#include <csignal>

namespace cring::test {

namespace {

/// The ring looks after its servers more often than it would at a person's: what a test waits for comes soon.
const QString Timing = QStringLiteral("\n[timing]\nprobe_interval = \"400ms\"\nsecond_look = \"3s\"\n");
constexpr int UpLimit = 10'000;
constexpr quint32 FolderMode = (1U << 31) | 0755;
constexpr qint64 PieceSize = 1024 * 1024;
constexpr qint64 Ahead = 4 * PieceSize;
constexpr qsizetype BlockSize = 16;

} // namespace

FaultyRing::FaultyRing(int servers)
    : m_cluster(servers, 2)
    , m_fronts(static_cast<size_t>(servers))
{
}

Status FaultyRing::startServers(const std::function<void(int, CharmServerOptions &)> &tweak)
{
    return m_cluster.start(tweak);
}

Status FaultyRing::startRing(const QList<int> &faulty, const QString &serviceLines, Pace pace,
                             const QStringList &arguments)
{
    m_ring.reset();
    for (auto &front : m_fronts)
        front.reset();
    playground::RingOptions options = CringProcess::optionsFor(m_cluster);
    options.serviceLines = serviceLines;
    options.metricsPort = 0;
    options.arguments = arguments;
    options.configLines = m_serverKey;
    if (pace == Pace::Quick)
        options.configLines += Timing;
    for (int index = 0; m_sharesData && index < options.servers.size(); ++index)
        options.servers[index].data = at(index).dataDir();
    for (const int index : faulty) {
        auto &front = m_fronts.at(static_cast<size_t>(index));
        front = std::make_unique<FaultyServer>();
        front->forwardTo(at(index).url());
        options.servers[index].url = front->url();
    }
    m_ring = std::make_unique<CringProcess>(options);
    return awaitRing();
}

Status FaultyRing::killAndRestartRing()
{
    m_ring->kill9();
    return awaitRing();
}

Status FaultyRing::awaitRing()
{
    const Status started = m_ring->start();
    return started.ok() ? awaitServers() : started;
}

Status FaultyRing::awaitServers()
{
    if (!spinUntil([this] { return allUp(); }, UpLimit))
        return Error{Code::BackendUnreachable, QStringLiteral("not all servers are up in the ring's eyes")};
    return {};
}

Status FaultyRing::configure(const QList<playground::RingServer> &servers, bool restart)
{
    m_ring->options().servers = servers;
    if (restart) {
        (void)m_ring->stop();
        return awaitRing();
    }
    QFile file(m_ring->configFile());
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(m_ring->configText()) < 0)
        return Error{Code::ConfigFile, QStringLiteral("cannot write %1").arg(file.fileName())};
    file.close();
    m_ring->sendSignal(SIGHUP);
    return awaitServers();
}

Status FaultyRing::useServerKey()
{
    Result<QString> lines = serverKeyConfig(m_cluster, m_cluster.path());
    if (!lines)
        return lines.error();
    m_serverKey = *lines;
    return {};
}

FaultyRing::Stranger FaultyRing::strangerAt(int server)
{
    CharmClient &client = *m_cluster.addStranger();
    const CharmServer &charm = at(server);
    client.pointAt(charm.address(), charm.sshPort(), charm.httpPort());
    Stranger stranger;
    stranger.id = client.run({QStringLiteral("id")}).out.trimmed();
    TokenMinter::Claims claims;
    claims.subject = QString::fromUtf8(stranger.id);
    claims.issuer = m_cluster.issuer();
    stranger.token = m_cluster.minter().mint(claims);
    return stranger;
}

HttpResponse FaultyRing::upload(const QByteArray &path, const QByteArray &data, quint32 mode)
{
    return client().upload(target(path), data, token(), mode);
}

HttpResponse FaultyRing::makeFolder(const QByteArray &path)
{
    return client().upload(target(path), {}, token(), FolderMode);
}

HttpResponse FaultyRing::get(const QByteArray &path)
{
    return client().get(target(path), token());
}

HttpResponse FaultyRing::remove(const QByteArray &path)
{
    return client().remove(target(path), token());
}

QStringList FaultyRing::names(const QByteArray &path)
{
    const HttpResponse response = get(path);
    if (response.status != 200 || !response.complete)
        return {QStringLiteral("status %1").arg(response.status)};
    QStringList names;
    const QJsonArray files = response.json().value(QStringLiteral("files")).toArray();
    for (const QJsonValue &file : files)
        names << file.toObject().value(QStringLiteral("name")).toString();
    names.sort();
    return names;
}

QByteArray FaultyRing::difference()
{
    const FilesTree first = at(0).files();
    QByteArray lines;
    for (int index = 1; index < m_cluster.size(); ++index) {
        const FilesTree other = at(index).files();
        QStringList paths = first.keys() + other.keys();
        paths.sort();
        paths.removeDuplicates();
        for (const QString &path : paths) {
            if (first.value(path) == other.value(path) && first.contains(path) == other.contains(path))
                continue;
            for (const auto &[server, tree] : {std::pair(0, &first), std::pair(index, &other)}) {
                lines +=
                    at(server).name().toUtf8() + ": " +
                    (tree->contains(path) ? playground::toText({{path, tree->value(path)}}).trimmed().toUtf8()
                                          : "no " + path.toUtf8()) +
                    '\n';
            }
        }
    }
    return lines;
}

QByteArray FaultyRing::differenceAfter(int limit)
{
    QByteArray lines;
    (void)spinUntil(
        [&] {
            lines = difference();
            return lines.isEmpty();
        },
        limit);
    return lines;
}

bool FaultyRing::holds(int server, const QString &path)
{
    return at(server).files().contains(m_cluster.charmId() + u'/' + path);
}

QString FaultyRing::diskPath(int server, const QByteArray &path)
{
    return at(server).filesDir() + u'/' + m_cluster.charmId() + u'/' + QString::fromUtf8(path);
}

QByteArray FaultyRing::onDisk(int server, const QByteArray &path)
{
    QFile file(diskPath(server, path));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray bytes = file.readAll();
    return bytes.isNull() ? QByteArray("") : bytes;
}

QJsonArray FaultyRing::backends()
{
    const auto status = m_ring->runCommand({QStringLiteral("status"), QStringLiteral("--json")});
    return QJsonDocument::fromJson(status.out).object().value(QStringLiteral("backends")).toArray();
}

bool FaultyRing::allUp()
{
    const QJsonArray all = backends();
    return all.size() == m_ring->options().servers.size() &&
           std::all_of(all.begin(), all.end(), [](const QJsonValue &one) {
               return one.toObject().value(QStringLiteral("state")) == QStringLiteral("up") &&
                      one.toObject().value(QStringLiteral("breaker")) == QStringLiteral("closed");
           });
}

bool FaultyRing::isUp(int server)
{
    return backends().at(server).toObject().value(QStringLiteral("state")) == QStringLiteral("up");
}

QString FaultyRing::primary()
{
    const QJsonArray all = backends();
    for (const QJsonValue &one : all) {
        if (one.toObject().value(QStringLiteral("primary")).toBool())
            return one.toObject().value(QStringLiteral("name")).toString();
    }
    return {};
}

QByteArray FaultyRing::content(qsizetype size, const QByteArray &name)
{
    QByteArray bytes;
    bytes.reserve(size + BlockSize);
    for (qsizetype block = 0; bytes.size() < size; ++block)
        bytes += (name + ' ' + QByteArray::number(block) + ' ').leftJustified(BlockSize, '.', true);
    bytes.truncate(size);
    return bytes;
}

UnderWay::UnderWay(FaultyRing &ring, const QByteArray &bytes)
    : m_client(ring.client())
{
    m_client.send(bytes);
    m_sent.start();
}

UnderWay UnderWay::upload(FaultyRing &ring, const QByteArray &path, const QByteArray &data)
{
    const QByteArray body = HttpClient::multipart(data);
    return {ring, ring.client().uploadHead(FaultyRing::target(path), body.size(), ring.token()) + body};
}

UnderWay UnderWay::makeFolder(FaultyRing &ring, const QByteArray &path)
{
    const QByteArray body = HttpClient::multipart({});
    return {ring,
            ring.client().uploadHead(FaultyRing::target(path), body.size(), ring.token(), FolderMode) + body};
}

UnderWay UnderWay::get(FaultyRing &ring, const QByteArray &path)
{
    return bare(ring, "GET", path);
}

UnderWay UnderWay::remove(FaultyRing &ring, const QByteArray &path)
{
    return bare(ring, "DELETE", path);
}

UnderWay UnderWay::bare(FaultyRing &ring, const QByteArray &method, const QByteArray &path)
{
    return {ring, method + ' ' + FaultyRing::target(path) +
                      " HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " + ring.token() + "\r\n\r\n"};
}

HttpResponse UnderWay::within(int limit)
{
    HttpResponse response = m_client.read(static_cast<int>(std::max<qint64>(1, limit - m_sent.elapsed())));
    response.tookMs = m_sent.elapsed();
    return response;
}

LargeFile::LargeFile(qint64 size, const QByteArray &name)
    : m_size(size)
    , m_name(name)
{
}

QByteArray LargeFile::piece(qint64 index) const
{
    const qint64 size = std::min(PieceSize, m_size - index * PieceSize);
    return FaultyRing::content(64, m_name + QByteArray::number(index))
        .repeated(PieceSize / 64)
        .left(std::max<qint64>(0, size));
}

QByteArray LargeFile::sha256() const
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (qint64 index = 0; index * PieceSize < m_size; ++index)
        hash.addData(piece(index));
    return hash.result().toHex();
}

HttpResponse LargeFile::uploadTo(HttpClient &client, const QByteArray &target, const QByteArray &token,
                                 int limit) const
{
    const QByteArray envelope = HttpClient::multipart("|");
    const qsizetype cut = envelope.lastIndexOf('|');
    client.send(client.uploadHead(target, envelope.size() - 1 + m_size, token) + envelope.left(cut));
    for (qint64 index = 0; index * PieceSize < m_size; ++index) {
        client.send(piece(index));
        const bool taken =
            spinUntil([&] { return !client.isOpen() || client.socket().bytesToWrite() <= Ahead; }, limit);
        if (!taken || !client.isOpen())
            break;
    }
    client.send(envelope.mid(cut + 1));
    return client.read(limit);
}

} // namespace cring::test
