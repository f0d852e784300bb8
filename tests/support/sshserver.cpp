// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sshserver.h"

#include "app/playground/loopback.h"
#include "tests/support/spin.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTcpSocket>
#include <QUrl>

#include <pwd.h>
#include <unistd.h>

#include <csignal>

namespace cring::test {

using playground::ChildProcess;

namespace {

constexpr int kStartLimit = 10'000;
constexpr int kLoopbackIndex = 3;
const QString kProgram = QStringLiteral("/usr/sbin/sshd");

Error failed(const QString &what)
{
    return Error{Code::NotFound, what};
}

bool write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
}

QByteArray read(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A process and all that it started, whatever sessions those made.
QList<pid_t> familyOf(qint64 processId)
{
    QList<pid_t> family{static_cast<pid_t>(processId)};
    for (qsizetype i = 0; i < family.size(); ++i) {
        const QString children = QStringLiteral("/proc/%1/task/%1/children").arg(family.at(i));
        for (const QByteArray &child : read(children).split(' ')) {
            if (const int id = child.trimmed().toInt(); id > 0)
                family.append(id);
        }
    }
    return family;
}

} // namespace

SshServer::SshServer()
    : m_address(playground::ownLoopbackAddress(kLoopbackIndex))
{
}

SshServer::~SshServer()
{
    stop();
}

QString SshServer::user() const
{
    const uid_t id = ChildProcess::dropsPrivileges() ? 65534 : ::geteuid();
    const passwd *entry = ::getpwuid(id);
    return entry ? QString::fromLocal8Bit(entry->pw_name) : QStringLiteral("nobody");
}

QString SshServer::url(const QString &folder) const
{
    return QStringLiteral("ssh://%1@%2:%3%4")
        .arg(user(), m_address)
        .arg(m_port)
        .arg(QString::fromLatin1(QUrl::toPercentEncoding(folder, "/~")));
}

QByteArray SshServer::log() const
{
    return read(path("log"));
}

Status SshServer::makeKey(const QString &file) const
{
    QProcess keygen;
    QFile::remove(file);
    keygen.start(QStringLiteral("ssh-keygen"),
                 {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"), QStringLiteral("-N"),
                  QString(), QStringLiteral("-C"), QStringLiteral("test"), QStringLiteral("-f"), file});
    if (keygen.waitForFinished() && keygen.exitCode() == 0)
        return {};
    return failed(QStringLiteral("ssh-keygen failed; install the package openssh-client"));
}

Status SshServer::changeHostKey()
{
    return makeKey(path("host_key"));
}

Status SshServer::writeFiles()
{
    for (const char *name : {"host_key", "id_ed25519"}) {
        if (!QFile::exists(path(name))) {
            if (const Status status = makeKey(path(name)); !status)
                return status;
        }
    }
    if (m_port == 0)
        m_port = playground::freePort(m_address);
    // Of the first host key: who changes it later is to be noticed.
    if (!QFile::exists(knownHosts()) &&
        !write(knownHosts(),
               QStringLiteral("[%1]:%2 ").arg(m_address).arg(m_port).toLatin1() + read(path("host_key.pub"))))
        return failed(QStringLiteral("cannot write known_hosts"));
    QStringList lines{QStringLiteral("ListenAddress %1").arg(m_address),
                      QStringLiteral("Port %1").arg(m_port),
                      QStringLiteral("HostKey %1").arg(path("host_key")),
                      QStringLiteral("AuthorizedKeysFile %1").arg(path("authorized_keys")),
                      QStringLiteral("PidFile none"),
                      QStringLiteral("UsePAM no"),
                      QStringLiteral("StrictModes no"),
                      QStringLiteral("PasswordAuthentication no"),
                      QStringLiteral("KbdInteractiveAuthentication no")};
    if (m_more.filter(QStringLiteral("Subsystem")).isEmpty())
        lines += QStringLiteral("Subsystem sftp internal-sftp");
    // sshd takes the first value of each.
    lines = m_more + lines;
    // A program that the person logs in as has to have a shell; the unprivileged user has none.
    QByteArray users = read(QStringLiteral("/etc/passwd"));
    users.replace(":/usr/sbin/nologin\n", ":/bin/sh\n").replace(":/nonexistent:", ":/:");
    if (!write(path("config"), lines.join(QLatin1Char('\n')).toUtf8() + '\n') ||
        !write(path("authorized_keys"), read(path("id_ed25519.pub"))) || !write(path("passwd"), users) ||
        !write(path("shadow"), user().toUtf8() + ":*:19000:0:99999:7:::\n"))
        return failed(QStringLiteral("cannot write the configuration of sshd"));
    for (const char *name : {"host_key", "authorized_keys"})
        ChildProcess::giveTo(path(name), ChildProcess::User::Unprivileged);
    QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755));
    for (const char *name : {"passwd", "shadow"})
        QFile::setPermissions(path(name), QFile::Permissions(0x6644));
    return {};
}

QStringList SshServer::command() const
{
    const QStringList sshd{kProgram, QStringLiteral("-D"), QStringLiteral("-e"), QStringLiteral("-f"),
                           path("config")};
    if (!ChildProcess::dropsPrivileges())
        return sshd;
    // In a view of the file system of its own the unprivileged user has a shell, and is not locked.
    const QString script =
        QStringLiteral("mount --bind \"$0/passwd\" /etc/passwd && mount --bind \"$0/shadow\" /etc/shadow && "
                       "exec setpriv --reuid 65534 --regid 65534 --clear-groups --pdeathsig KILL \"$@\"");
    return QStringList{QStringLiteral("unshare"),
                       QStringLiteral("-m"),
                       QStringLiteral("sh"),
                       QStringLiteral("-c"),
                       script,
                       m_folder.path()} +
           sshd;
}

Status SshServer::start()
{
    if (!QFile::exists(kProgram))
        return failed(QStringLiteral("%1 is not there; install the package openssh-server").arg(kProgram));
    if (const Status status = writeFiles(); !status)
        return status;
    m_process = std::make_unique<ChildProcess>();
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    m_process->setStandardOutputFile(path("log"), QIODevice::Append);
    QStringList words = command();
    m_process->start(words.takeFirst(), words);
    const auto listens = [this] {
        QTcpSocket probe;
        probe.connectToHost(m_address, m_port);
        return probe.waitForConnected(200);
    };
    const bool up =
        m_process->waitForStarted() &&
        spinUntil([&] { return m_process->state() == QProcess::NotRunning || listens(); }, kStartLimit);
    if (up && m_process->state() == QProcess::Running)
        return {};
    return failed(QStringLiteral("sshd did not start: ") + QString::fromUtf8(log()));
}

void SshServer::signalAll(int signal) const
{
    if (!m_process || m_process->state() != QProcess::Running)
        return;
    for (const pid_t id : familyOf(m_process->processId()))
        ::kill(id, signal);
}

void SshServer::stop()
{
    signalAll(SIGKILL);
    if (m_process)
        m_process->kill9();
}

void SshServer::pause()
{
    signalAll(SIGSTOP);
}

void SshServer::resume()
{
    signalAll(SIGCONT);
}

} // namespace cring::test
