// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/integration/localring.h"

#include "tests/support/spin.h"

#include <QFile>
#include <QLoggingCategory>
#include <QSet>

namespace cring::test {

namespace {

constexpr int EndLimit = 20'000;
constexpr int Readers = 4;
constexpr int Writers = 2;

QByteArray target(const QByteArray &path)
{
    return "/v1/fs/" + path;
}

} // namespace

LocalRing::LocalRing(int servers)
    : m_cluster(servers, 1)
{
    // What the service says is for when a test has failed, and is looked into.
    if (!qEnvironmentVariableIsSet("QT_LOGGING_RULES"))
        QLoggingCategory::setFilterRules(QStringLiteral("cring.*.debug=false\ncring.*.info=false"));
}

LocalRing::~LocalRing() = default;

config::Server LocalRing::serverAt(int index)
{
    config::Server server;
    server.id = server.name = at(index).name();
    server.url = at(index).url();
    server.sshPort = at(index).sshPort();
    return server;
}

Status LocalRing::start(const QList<int> &servers)
{
    if (Status started = m_cluster.start(); !started)
        return started;
    m_config.address = m_cluster.frontAddress() + u':' + QString::number(m_cluster.frontHttpPort());
    m_config.sshAddress = m_cluster.frontAddress() + u':' + QString::number(m_cluster.frontSshPort());
    m_config.controlSocket = m_directory.filePath(QStringLiteral("control.sock"));
    m_config.timing.probeInterval = std::chrono::milliseconds(400);
    m_config.timing.secondLook = std::chrono::seconds(2);
    m_url = QUrl(QStringLiteral("http://") + m_config.address);
    for (const int index : servers)
        m_config.servers << serverAt(index);
    return open();
}

Status LocalRing::open()
{
    const QString directory = m_directory.filePath(QStringLiteral("state"));
    auto store = service::Store::open(directory, m_clock, m_random);
    if (!store)
        return store.error();
    m_store = store->get();
    service::Service::Setup setup;
    setup.store = std::move(store).value();
    setup.configuration.config = m_config;
    setup.reread = [this]() -> Result<service::Service::Configuration> {
        service::Service::Configuration configuration;
        configuration.config = m_config;
        return configuration;
    };
    setup.version = QStringLiteral("test");
    setup.stateDirectory = directory;
    m_service = std::make_unique<service::Service>(std::move(setup));
    return m_service->start();
}

Status LocalRing::restart()
{
    bool ended = false;
    QObject::connect(m_service.get(), &service::Service::ended, m_service.get(), [&] { ended = true; });
    m_service->drain();
    if (!spinUntil([&] { return ended; }, EndLimit))
        return Error{Code::ControlTimeout, QStringLiteral("the ring does not end")};
    m_service.reset();
    return open();
}

Status LocalRing::setServers(const QList<int> &servers)
{
    m_config.servers.clear();
    for (const int index : servers)
        m_config.servers << serverAt(index);
    return reload();
}

Status LocalRing::reload()
{
    const auto changes = m_service->reload();
    return changes ? Status() : Status(changes.error());
}

HttpResponse LocalRing::upload(const QByteArray &path, const QByteArray &data, quint32 mode)
{
    return client().upload(target(path), data, token(), mode);
}

HttpResponse LocalRing::get(const QByteArray &path)
{
    return client().get(target(path), token());
}

HttpResponse LocalRing::uploadTo(int server, const QByteArray &path, const QByteArray &data)
{
    return HttpClient(at(server).url()).upload(target(path), data, token());
}

QByteArray LocalRing::onDisk(int server, const QByteArray &path)
{
    QFile file(at(server).filesDir() + u'/' + m_cluster.charmId() + u'/' + QString::fromLatin1(path));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray bytes = file.readAll();
    return bytes.isNull() ? QByteArray("") : bytes;
}

QList<int> LocalRing::holders(const QByteArray &path)
{
    QList<int> list;
    for (int server = 0; server < m_cluster.size(); ++server) {
        if (!onDisk(server, path).isNull())
            list << server;
    }
    return list;
}

qsizetype LocalRing::filesOn(int server)
{
    const FilesTree tree = at(server).files();
    return std::count_if(tree.begin(), tree.end(), [](const TreeEntry &entry) { return !entry.isDir; });
}

bool LocalRing::isWhole()
{
    const auto counts = upkeep().counts();
    // Counted for this configuration, not for the one before.
    if (!counts || counts->servers.size() != m_config.servers.size())
        return false;
    if (counts->copies.value(counts->replicas) != counts->all.files)
        return false;
    return std::all_of(
        m_config.servers.begin(), m_config.servers.end(),
        [this](const config::Server &server) { return m_store->catalogue.debts(server.id).empty(); });
}

// ---- the load ----

Status MixedLoad::fill(int files)
{
    for (int i = 0; i < files; ++i) {
        const QByteArray path = "folder" + QByteArray::number(i % 3) + "/file" + QByteArray::number(i);
        Request request = begin(path, true);
        finish(request);
        if (m_refused > 0)
            return Error{Code::NoQuorum, QStringLiteral("a file was refused: ") + QString::fromLatin1(path)};
    }
    return {};
}

MixedLoad::Request MixedLoad::begin(const QByteArray &path, bool write)
{
    Request request;
    request.path = path;
    request.client = std::make_unique<HttpClient>(m_ring.client());
    if (write) {
        request.content = path + " version " + QByteArray::number(++m_version) + ' ';
        request.content = request.content.repeated(1 + static_cast<int>(m_random.below(400)));
        const QByteArray body = HttpClient::multipart(request.content);
        request.client->send(request.client->uploadHead(target(path), body.size(), m_ring.token()) + body);
    } else {
        request.client->send("GET " + target(path) + " HTTP/1.1\r\nHost: ring\r\nAuthorization: bearer " +
                             m_ring.token() + "\r\n\r\n");
    }
    return request;
}

void MixedLoad::finish(Request &request)
{
    const HttpResponse response = request.client->read();
    QByteArrayList &contents = m_files[request.path];
    if (request.content.isNull()) {
        ++m_reads;
        if (response.status != 200 || !response.complete || !contents.contains(response.body))
            m_failures << request.path + ": " + response.text().left(300);
        return;
    }
    ++m_writes;
    if (response.status == 200)
        contents.clear();
    else
        ++m_refused;
    contents << request.content;
}

void MixedLoad::round()
{
    const QByteArrayList known = m_files.keys();
    QSet<QByteArray> chosen;
    std::vector<Request> requests;
    while (requests.size() < Readers + Writers) {
        const QByteArray path =
            known[static_cast<qsizetype>(m_random.below(static_cast<quint64>(known.size())))];
        if (chosen.contains(path))
            continue;
        chosen.insert(path);
        requests.push_back(begin(path, requests.size() >= Readers));
    }
    for (Request &request : requests)
        finish(request);
}

bool MixedLoad::roundsUntil(const std::function<bool()> &done, int limit)
{
    const QDeadlineTimer deadline(limit);
    while (!done()) {
        if (deadline.hasExpired())
            return false;
        round();
    }
    return true;
}

QByteArray MixedLoad::faults(int copies, const QList<int> &servers)
{
    QByteArrayList faults;
    for (auto file = m_files.begin(); file != m_files.end(); ++file) {
        const QList<int> holders = m_ring.holders(file.key());
        QSet<QByteArray> contents;
        for (const int holder : holders) {
            contents.insert(m_ring.onDisk(holder, file.key()));
            if (!servers.contains(holder))
                faults << file.key() + " is on " + m_ring.at(holder).name().toUtf8();
        }
        if (holders.size() != copies)
            faults << file.key() + " is on " + QByteArray::number(holders.size()) + " servers";
        if (contents.size() != 1 || !file->contains(*contents.begin()))
            faults << file.key() + " is not what was stored, or not the same everywhere";
    }
    qsizetype all = 0;
    for (int server = 0; server < m_ring.cluster().size(); ++server)
        all += m_ring.filesOn(server);
    if (all != m_files.size() * copies)
        faults << QByteArray::number(all) + " copies of " + QByteArray::number(m_files.size()) + " files";
    return faults.join('\n');
}

} // namespace cring::test
