// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/demo.h"

#include "app/cring/exitcode.h"
#include "core/base/clock.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

#include <cstdio>

namespace cring::app {

using namespace playground;
using namespace std::chrono_literals;

namespace {

constexpr int Servers = 3;
constexpr auto TrustLimit = 30s; ///< For the ring to trust servers again that came back.
constexpr auto RetryAfter = 500ms;
constexpr auto ClientLimit = 30s;

Error failure(const QString &text)
{
    return Error{Code::BackendAnswer, text};
}

/// The regular files of a tree, without the folders around them.
FilesTree regularFiles(const FilesTree &tree)
{
    FilesTree files;
    for (auto entry = tree.begin(); entry != tree.end(); ++entry) {
        if (!entry->isDir)
            files.insert(entry.key(), *entry);
    }
    return files;
}

/// What the client said, in one line; its usage text, which follows every error, is left out.
QString words(const CharmClient::Output &output)
{
    const QByteArray said = output.err.trimmed().isEmpty() ? output.out : output.err;
    return QString::fromUtf8(said.left(said.indexOf("Usage:")).simplified());
}

} // namespace

Demo::Demo(DemoOptions options)
    : m_options(std::move(options))
    , m_folder(QStringLiteral("charmedring-demo-XXXXXX"))
    , m_waiter(blockingWaiter(&Interrupt::requested))
{
}

Demo::~Demo() = default;

int Demo::run()
{
    return end(play());
}

Status Demo::play()
{
    if (!m_folder.isValid())
        return failure(QStringLiteral("cannot make a temporary folder"));
    using Step = Status (Demo::*)();
    for (const Step step : {&Demo::startServers, &Demo::startRing, &Demo::storeFile, &Demo::showRefusal,
                            &Demo::showRecovery, &Demo::stayUp}) {
        if (Status done = (this->*step)(); !done.ok())
            return done;
        if (Interrupt::requested())
            break;
    }
    return {};
}

Status Demo::startServers()
{
    heading(QStringLiteral("Starting three Charm servers that share one key and one account"));
    CharmClusterOptions options;
    options.folder = m_folder.path();
    options.servers = Servers;
    options.waiter = m_waiter;
    m_cluster = std::make_unique<CharmCluster>(options);
    if (Status started = m_cluster->start(); !started.ok())
        return started;
    for (int index = 0; index < Servers; ++index) {
        const CharmServer &server = m_cluster->at(index);
        line(QStringLiteral("%1   %2   ssh %3   process %4")
                 .arg(server.name(), server.url().toString())
                 .arg(server.sshPort())
                 .arg(server.processId()));
    }
    return {};
}

Status Demo::startRing()
{
    heading(QStringLiteral("Putting the ring in front of them"));
    RingOptions options = RingProcess::optionsFor(*m_cluster);
    options.program = QCoreApplication::applicationFilePath();
    options.home = m_folder.path() + QStringLiteral("/ring");
    options.waiter = m_waiter;
    m_ring = std::make_unique<RingProcess>(options);
    if (Status started = m_ring->start(); !started.ok())
        return started;
    line(QStringLiteral("ring     %1   ssh %2   process %3")
             .arg(m_ring->url().toString())
             .arg(m_ring->sshPort())
             .arg(m_ring->processId()));
    line(QStringLiteral(
        "To a client it is one Charm server. A write needs two of the three, a read needs one."));
    return {};
}

Status Demo::storeFile()
{
    heading(QStringLiteral("Copying a file in with the charm client"));
    m_file = prepareFile();
    if (m_file.isEmpty())
        return failure(QStringLiteral("cannot read %1").arg(m_options.file));
    const CharmClient::Output stored =
        charm({QStringLiteral("fs"), QStringLiteral("cp"), m_file, QStringLiteral("charm:README.md")});
    if (!stored.ok())
        return failure(QStringLiteral("the upload was refused: %1").arg(words(stored)));
    if (Status copies = checkCopies(1); !copies.ok())
        return copies;
    return checkContent(QStringLiteral("README.md"));
}

Status Demo::showRefusal()
{
    heading(QStringLiteral("Stopping charm2 and charm3: one server of three is no quorum"));
    m_cluster->at(1).stop();
    m_cluster->at(2).stop();
    const FilesTree before = m_cluster->at(0).files();
    const CharmClient::Output refused =
        charm({QStringLiteral("fs"), QStringLiteral("cp"), m_file, QStringLiteral("charm:second.md")});
    line(words(refused));
    if (refused.ok())
        return failure(QStringLiteral("the upload should have been refused"));
    for (const char *name : {"charm2", "charm3"}) {
        if (!words(refused).contains(QLatin1String(name)))
            return failure(
                QStringLiteral("the refusal does not say what is wrong with %1").arg(QLatin1String(name)));
    }
    if (m_cluster->at(0).files() != before)
        return failure(QStringLiteral("charm1 kept something of the refused upload"));
    line(QStringLiteral("Refused, in words, and charm1 holds nothing of it. Reading goes on:"));
    return checkContent(QStringLiteral("README.md"));
}

Status Demo::showRecovery()
{
    heading(QStringLiteral("Starting them again"));
    for (const int index : {1, 2}) {
        if (Status started = m_cluster->at(index).start(); !started.ok())
            return started;
    }
    const SystemClock clock;
    const milliseconds begin = clock.steady();
    const QStringList command{QStringLiteral("fs"), QStringLiteral("cp"), m_file,
                              QStringLiteral("charm:second.md")};
    showCommand(command);
    CharmClient::Output stored;
    const auto complete = [&] {
        // Two are enough for the ring's yes, all three are what we wait for.
        stored = m_cluster->client().run(command, {}, ClientLimit);
        return stored.ok() && regularFiles(m_cluster->at(1).files()).size() == 2 &&
               regularFiles(m_cluster->at(2).files()).size() == 2;
    };
    while (!complete()) {
        if (Interrupt::requested() || clock.steady() - begin > TrustLimit)
            return failure(QStringLiteral("the upload is still not on all servers: %1").arg(words(stored)));
        m_waiter(
            *m_ring->process(), [] { return false; }, RetryAfter);
    }
    line(QStringLiteral("Stored, %1 s after they came back.")
             .arg(static_cast<double>((clock.steady() - begin).count()) / 1000.0, 0, 'f', 1));
    if (Status copies = checkCopies(2); !copies.ok())
        return copies;
    return checkContent(QStringLiteral("second.md"));
}

Status Demo::stayUp()
{
    m_complete = true;
    if (m_options.check)
        return {};
    std::printf("\nThe ring is up. To use it from another terminal:\n\n");
    const QStringList exports = m_cluster->client().exports();
    for (const QString &variable : exports)
        std::printf("export %s\n", qPrintable(variable));
    std::printf(
        "%s fs ls charm:\n\nKill a server and see what happens. Ctrl-C ends all of it and leaves nothing "
        "behind.\n",
        qPrintable(m_cluster->program()));
    std::fflush(stdout);

    QCoreApplication *application = QCoreApplication::instance();
    QObject::connect(&m_interrupt, &Interrupt::arrived, application, &QCoreApplication::quit);
    QObject::connect(m_ring->process(), &QProcess::finished, application,
                     [application] { application->exit(1); });
    return QCoreApplication::exec() == 0
               ? Status()
               : failure(QStringLiteral("the ring ended:\n%1").arg(QString::fromUtf8(m_ring->logTail())));
}

/// Every server holds that many files, and their trees are equal byte for byte and mode for mode.
Status Demo::checkCopies(int files)
{
    // The ring answers at the quorum; the third server may be a moment behind.
    const auto equal = [&] {
        for (int index = 0; index < Servers; ++index) {
            if (m_cluster->at(index).files() != m_cluster->at(0).files())
                return false;
        }
        return regularFiles(m_cluster->at(0).files()).size() == files;
    };
    const bool settled = m_waiter(*m_ring->process(), equal, 5s);
    QStringList paths;
    for (int index = 0; index < Servers; ++index)
        paths += regularFiles(m_cluster->at(index).files()).keys();
    paths.removeDuplicates();
    for (const QString &path : paths)
        showCopies(path);
    if (!settled)
        return failure(QStringLiteral("the servers do not hold the same"));
    line(QStringLiteral(
        "The three are equal, byte for byte and mode for mode. Names and contents were encrypted by the "
        "client."));
    return {};
}

/// Where each server has this file, and what; once for each file.
void Demo::showCopies(const QString &path)
{
    if (m_shown.contains(path))
        return;
    m_shown += path;
    line(path);
    for (int index = 0; index < Servers; ++index) {
        const CharmServer &server = m_cluster->at(index);
        const FilesTree files = server.files();
        const auto copy = files.find(path);
        if (copy == files.end()) {
            line(QStringLiteral("  %1   has no copy").arg(server.name()));
            continue;
        }
        line(QStringLiteral("  %1   mode %2   %3 bytes   sha256 %4")
                 .arg(server.name())
                 .arg(copy->mode, 4, 8, QLatin1Char('0'))
                 .arg(copy->size)
                 .arg(QString::fromLatin1(copy->sha256)));
    }
}

Status Demo::checkContent(const QString &name)
{
    const CharmClient::Output read =
        charm({QStringLiteral("fs"), QStringLiteral("cat"), QStringLiteral("charm:") + name});
    if (!read.ok() || read.out != m_content)
        return failure(QStringLiteral("what came back is not what was stored: %1").arg(words(read)));
    line(QStringLiteral("%1 bytes, as they were.").arg(read.out.size()));
    return {};
}

CharmClient::Output Demo::charm(const QStringList &arguments)
{
    showCommand(arguments);
    return m_cluster->client().run(arguments, {}, ClientLimit);
}

/// The path of the file that is copied in; its bytes are in m_content afterwards.
QString Demo::prepareFile()
{
    QString path = m_options.file;
    if (path.isEmpty() && QFileInfo::exists(QStringLiteral("README.md")))
        path = QStringLiteral("README.md");
    if (path.isEmpty()) {
        path = m_folder.path() + QStringLiteral("/README.md");
        QFile words(path);
        if (words.open(QIODevice::WriteOnly))
            words.write("# A file to keep\n\nOn three servers, so that it outlives two of them.\n");
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    m_content = file.readAll();
    // The client runs in a folder of its own.
    return QFileInfo(path).absoluteFilePath();
}

int Demo::end(const Status &outcome)
{
    const bool interrupted = Interrupt::requested();
    if (interrupted)
        std::printf("\nEnding.\n");
    else if (!outcome.ok())
        std::fprintf(stderr, "\nThe demo failed: %s\n", qPrintable(outcome.error().detail));
    else if (m_options.check)
        std::printf("\nEverything went as it should.\n");
    std::fflush(stdout);
    if (m_ring)
        m_ring->stop();
    if (m_cluster)
        m_cluster->stopAll();
    if (interrupted && !m_complete)
        return Interrupted;
    return interrupted || outcome.ok() ? Ok : Failed;
}

void Demo::heading(const QString &text)
{
    const char *bold = m_options.color ? "\033[1m" : "";
    const char *plain = m_options.color ? "\033[0m" : "";
    std::printf("%s%s%d. %s%s\n", m_step ? "\n" : "", bold, m_step + 1, qPrintable(text), plain);
    ++m_step;
    std::fflush(stdout);
}

void Demo::line(const QString &text)
{
    std::printf("   %s\n", qPrintable(text));
    std::fflush(stdout);
}

void Demo::showCommand(const QStringList &arguments)
{
    line(QStringLiteral("$ charm ") + arguments.join(QLatin1Char(' ')));
}

} // namespace cring::app
