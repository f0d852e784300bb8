// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/desktopkeychain.h"

#include "tests/support/spin.h"

#include <QDataStream>
#include <QDir>
#include <QFile>
#include <QLocalSocket>
#include <QStandardPaths>

namespace cring::test {

namespace {

constexpr int kLimit = 10'000;
constexpr const char *kPassword = "open sesame";
Error failed(const QString &what)
{
    return Error{Code::NotFound, what};
}

void end(QProcess &process)
{
    if (process.state() == QProcess::NotRunning)
        return;
    process.kill();
    process.waitForFinished(kLimit);
}

} // namespace

DesktopKeychain::DesktopKeychain() = default;

DesktopKeychain::~DesktopKeychain()
{
    stopKeyring();
    stopBus();
}

QProcessEnvironment DesktopKeychain::environment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("HOME"), m_home.path());
    environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_home.filePath(QStringLiteral("run")));
    environment.insert(QStringLiteral("XDG_DATA_HOME"), m_home.filePath(QStringLiteral("data")));
    environment.remove(QStringLiteral("DISPLAY"));
    environment.remove(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"));
    if (!address().isEmpty())
        environment.insert(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"), address());
    return environment;
}

Status DesktopKeychain::startBus()
{
    return m_bus.start(m_home.filePath(QStringLiteral("run")));
}

void DesktopKeychain::useBus(const QString &address)
{
    m_otherBus = address;
    const QString run = m_home.filePath(QStringLiteral("run"));
    QDir().mkpath(run);
    QFile::setPermissions(run, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

Status DesktopKeychain::startKeyring(State state)
{
    const QString program = QStringLiteral("gnome-keyring-daemon");
    if (Status status = wantProgram(program, QStringLiteral("gnome-keyring")); !status)
        return status;
    QStringList arguments{QStringLiteral("--foreground"), QStringLiteral("--components=secrets")};
    if (state == State::Unlocked)
        arguments << QStringLiteral("--unlock");
    m_keyring.setProcessEnvironment(environment());
    m_keyring.setStandardErrorFile(QProcess::nullDevice());
    m_keyring.start(program, arguments);
    if (state == State::Unlocked)
        m_keyring.write(kPassword);
    m_keyring.closeWriteChannel();
    return spinUntil([this] { return hasKeyring(); }, kLimit)
               ? Status()
               : failed(QStringLiteral("gnome-keyring-daemon does not start"));
}

void DesktopKeychain::stopKeyring()
{
    end(m_keyring);
}

Status DesktopKeychain::wipe()
{
    stopKeyring();
    if (!QDir(m_home.filePath(QStringLiteral("data/keyrings"))).removeRecursively())
        return failed(QStringLiteral("the keyring's files cannot be removed"));
    return startKeyring();
}

void DesktopKeychain::stopBus()
{
    m_bus.stop();
}

Status DesktopKeychain::lock() const
{
    return call({QStringLiteral("--dest=org.freedesktop.secrets"), QStringLiteral("/org/freedesktop/secrets"),
                 QStringLiteral("org.freedesktop.Secret.Service.Lock"),
                 QStringLiteral("array:objpath:/org/freedesktop/secrets/collection/login")});
}

// As pam_gnome_keyring does it at a login (pam/gkr-pam-client.c, daemon/control/gkd-control-codes.h).
Status DesktopKeychain::unlock() const
{
    constexpr quint32 unlockOperation = 1;
    const QByteArray password(kPassword);
    QByteArray packet(1, '\0'); // Whose credentials the kernel tells.
    QDataStream stream(&packet, QIODevice::Append);
    const auto size = static_cast<quint32>(password.size());
    stream << quint32(12) + size << unlockOperation << size;
    packet += password;
    QLocalSocket control;
    control.connectToServer(m_home.filePath(QStringLiteral("run/keyring/control")));
    if (!control.waitForConnected(kLimit))
        return failed(QStringLiteral("the keyring's control socket: ") + control.errorString());
    control.write(packet);
    constexpr qint64 answerBytes = 8;
    if (!spinUntil([&control] { return control.bytesAvailable() >= answerBytes; }, kLimit))
        return failed(QStringLiteral("the keyring does not answer"));
    return control.read(answerBytes).endsWith(QByteArray(4, '\0'))
               ? Status()
               : failed(QStringLiteral("the keyring is not unlocked"));
}

Status DesktopKeychain::call(const QStringList &arguments) const
{
    QProcess tool;
    tool.setProcessEnvironment(environment());
    tool.start(QStringLiteral("dbus-send"),
               QStringList{QStringLiteral("--bus=") + address(), QStringLiteral("--print-reply"),
                           QStringLiteral("--reply-timeout=3000")} +
                   arguments);
    if (tool.waitForFinished(kLimit) && tool.exitCode() == 0)
        return {};
    return failed(QStringLiteral("dbus-send: ") + QString::fromUtf8(tool.readAllStandardError()));
}

bool DesktopKeychain::hasKeyring() const
{
    return call({QStringLiteral("--dest=org.freedesktop.secrets"), QStringLiteral("/org/freedesktop/secrets"),
                 QStringLiteral("org.freedesktop.DBus.Peer.Ping")})
        .ok();
}

} // namespace cring::test
