// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/s3server.h"

#include "app/playground/charmbinary.h"
#include "app/playground/loopback.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <QTcpSocket>

namespace cring::test {

namespace {

using playground::ChildProcess;

constexpr int kStartLimit = 20'000;
constexpr int kPortAttempts = 5;

struct Program
{
    const char *name;
    const char *variable;
    const char *module;
};

constexpr Program kVersitygw{"versitygw", "CRING_VERSITYGW",
                             "github.com/versity/versitygw/cmd/versitygw@v1.8.0"};
constexpr Program kRclone{"rclone", "CRING_RCLONE", "github.com/rclone/rclone@v1.76.0"};

Result<QString> find(const Program &program)
{
    QString found = qEnvironmentVariable(program.variable);
    const QString name = QString::fromLatin1(program.name);
    if (found.isEmpty())
        found = QStandardPaths::findExecutable(
            name, {QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) +
                   QStringLiteral("/charmedring/bin")});
    if (found.isEmpty() || !QFileInfo(found).isExecutable())
        return Error{
            Code::NotFound,
            QStringLiteral("the program %1 is missing: scripts/test installs it, or `go install %2`; or name "
                           "it in %3")
                .arg(name, QString::fromLatin1(program.module), QString::fromLatin1(program.variable))};
    return QFileInfo(found).canonicalFilePath();
}

} // namespace

Result<QString> S3Server::program(Make make)
{
    return find(make == Make::Rclone ? kRclone : kVersitygw);
}

S3Server::S3Server(Make make, S3ServerOptions options)
    : m_make(make)
    , m_options(std::move(options))
    , m_address(playground::ownLoopbackAddress())
{
    for (const char *name : {"data", "versions", "home"})
        QDir().mkpath(path(name));
    QFile::setPermissions(m_folder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner |
                                               QFile::ExeGroup | QFile::ExeOther);
    ChildProcess::giveTreeTo(path("data"), ChildProcess::User::Unprivileged);
    ChildProcess::giveTreeTo(path("versions"), ChildProcess::User::Unprivileged);
    ChildProcess::giveTreeTo(path("home"), ChildProcess::User::Unprivileged);
}

S3Server::~S3Server() = default;

QString S3Server::path(const char *name) const
{
    return (m_options.folder.isEmpty() ? m_folder.path() : m_options.folder) + u'/' +
           QString::fromLatin1(name);
}

QString S3Server::bucketFolder(const QString &bucket) const
{
    return path("data") + u'/' + bucket;
}

Status S3Server::addBucket(const QString &name)
{
    const QString folder = bucketFolder(name);
    if (QDir().mkpath(folder) && ChildProcess::giveTreeTo(folder, ChildProcess::User::Unprivileged))
        return {};
    return Error{Code::NotFound, QStringLiteral("%1 cannot be made").arg(folder)};
}

QByteArray S3Server::log() const
{
    QFile file(path("log"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QUrl S3Server::url() const
{
    QUrl url;
    url.setScheme(m_options.tlsCert.isEmpty() ? QStringLiteral("http") : QStringLiteral("https"));
    url.setHost(m_address);
    url.setPort(m_port);
    return url;
}

QStringList S3Server::arguments() const
{
    const QString listen = QStringLiteral("%1:%2").arg(m_address).arg(m_port);
    if (m_make == Make::Rclone) {
        QStringList words{QStringLiteral("serve"),
                          QStringLiteral("s3"),
                          QStringLiteral("--addr"),
                          listen,
                          QStringLiteral("--vfs-cache-mode"),
                          QStringLiteral("off")};
        if (!m_options.tlsCert.isEmpty())
            words += {QStringLiteral("--cert"), m_options.tlsCert, QStringLiteral("--key"), m_options.tlsKey};
        return words << path("data");
    }
    QStringList words{QStringLiteral("--port"),      listen,
                      QStringLiteral("--region"),    QString::fromLatin1(kRegion),
                      QStringLiteral("--log-level"), QStringLiteral("silent"),
                      QStringLiteral("--quiet"),     QStringLiteral("--keep-alive")};
    if (!m_options.tlsCert.isEmpty())
        words += {QStringLiteral("--cert"), m_options.tlsCert, QStringLiteral("--key"), m_options.tlsKey};
    if (!m_options.virtualDomain.isEmpty())
        words += {QStringLiteral("--virtual-domain"), m_options.virtualDomain};
    return words + QStringList{QStringLiteral("posix"), QStringLiteral("--versioning-dir"), path("versions"),
                               path("data")};
}

Status S3Server::start()
{
    if (m_program.isEmpty()) {
        const Result<QString> found = program(m_make);
        if (!found)
            return found.error();
        const Result<QString> open = playground::runnableByAll(*found, m_folder.path());
        if (!open)
            return open.error();
        m_program = *open;
    }
    QProcessEnvironment environment;
    environment.insert(QStringLiteral("PATH"), qEnvironmentVariable("PATH"));
    environment.insert(QStringLiteral("HOME"), path("home"));
    environment.insert(QStringLiteral("TMPDIR"), path("home"));
    environment.insert(QStringLiteral("ROOT_ACCESS_KEY"), QString::fromLatin1(kAccessKey));
    environment.insert(QStringLiteral("ROOT_SECRET_KEY"), QString::fromLatin1(kSecretKey));
    environment.insert(QStringLiteral("RCLONE_AUTH_KEY"),
                       QStringLiteral("\"%1,%2\"").arg(QLatin1String(kAccessKey), QLatin1String(kSecretKey)));
    environment.insert(QStringLiteral("RCLONE_CONFIG"), path("home") + QStringLiteral("/rclone.conf"));
    const bool keepsPort = m_port != 0;
    for (int attempt = 0; attempt < kPortAttempts; ++attempt) {
        if (!keepsPort)
            m_port = playground::freePort(m_address);
        m_process = std::make_unique<ChildProcess>(ChildProcess::User::Unprivileged);
        m_process->setProcessEnvironment(environment);
        m_process->setWorkingDirectory(path("home"));
        m_process->setProcessChannelMode(QProcess::MergedChannels);
        m_process->setStandardOutputFile(path("log"), QIODevice::Append);
        m_process->start(m_program, arguments());
        const auto listens = [this] {
            QTcpSocket probe;
            probe.connectToHost(m_address, m_port);
            return probe.waitForConnected(200);
        };
        const auto over = [this] {
            return m_process->state() == QProcess::NotRunning;
        };
        if (m_process->waitForStarted() && spinUntil([&] { return over() || listens(); }, kStartLimit) &&
            !over())
            return {};
        m_process->kill9();
    }
    return Error{Code::BackupUnreachable,
                 QStringLiteral("%1 did not start: %2\n%3")
                     .arg(m_program, m_process->errorString(), QString::fromUtf8(log()))};
}

void S3Server::kill9()
{
    if (m_process)
        m_process->kill9();
}

void S3Server::pause()
{
    if (m_process)
        m_process->pause();
}

void S3Server::resume()
{
    if (m_process)
        m_process->resume();
}

} // namespace cring::test
