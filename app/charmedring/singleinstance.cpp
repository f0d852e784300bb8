// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/singleinstance.h"

#include "core/control/socketpath.h"

#include <QDir>
#include <QFile>
#include <QLocalSocket>
#include <QTimer>

#include <unistd.h>

namespace cring::app {

namespace {

constexpr QByteArrayView kShow("show\n");
constexpr std::chrono::seconds kCallTime{3};

} // namespace

SingleInstance::SingleInstance(const QString &folder, std::chrono::milliseconds lookInterval, QObject *parent)
    : QObject(parent)
    , m_folder(folder)
    , m_lock(folder + QStringLiteral("/window.lock"))
{
    // Its holder is alive or not: its age says nothing.
    m_lock.setStaleLockTime(0);
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &SingleInstance::handleConnection);
    m_look.setInterval(lookInterval);
    connect(&m_look, &QTimer::timeout, this, &SingleInstance::lookAtFolder);
}

Result<SingleInstance::Role> SingleInstance::take()
{
    constexpr auto kMine = QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner;
    if (!QFile::exists(m_folder) && QDir().mkpath(QFileInfo(m_folder).path()))
        QDir().mkdir(m_folder, kMine);
    // The last resort for it lies where anybody may make it.
    if (!control::isDirectoryOf(m_folder, ::getuid()))
        return Error{
            Code::ControlSocket,
            QStringLiteral("%1 cannot be used: it is no folder of yours. Set XDG_RUNTIME_DIR to one that is")
                .arg(m_folder)};
    if (!m_lock.tryLock())
        return m_lock.error() == QLockFile::LockFailedError
                   ? Result<Role>(Role::Second)
                   : Error{Code::ControlSocket, QStringLiteral("%1 cannot be written to").arg(m_folder)};
    const QString path = socketPath();
    QLocalServer::removeServer(path); // Of one that was killed: the lock is ours.
    if (!m_server.listen(path))
        return Error{Code::ControlSocket, QStringLiteral("%1: %2").arg(path, m_server.errorString())};
    m_look.start();
    return Role::First;
}

QString SingleInstance::socketPath() const
{
    return m_folder + QStringLiteral("/window.sock");
}

void SingleInstance::lookAtFolder()
{
    if (QFile::exists(socketPath()) || QFile::exists(m_folder + QStringLiteral("/window.lock")))
        return;
    m_server.close();
    m_lock.unlock();
    // Tried again at the next look when it does not succeed: the window goes on either way.
    static_cast<void>(take());
}

void SingleInstance::handleConnection()
{
    while (QLocalSocket *socket = m_server.nextPendingConnection()) {
        connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
            if (!socket->canReadLine())
                return;
            if (socket->readLine() == kShow)
                Q_EMIT windowWanted();
            socket->disconnectFromServer(); // It was heard.
        });
    }
}

void SingleInstance::callFirst(QObject *context, std::function<void(bool)> done)
{
    auto *socket = new QLocalSocket(this);
    auto *limit = new QTimer(socket);
    const auto end = [socket, done = std::move(done)](bool heard) {
        socket->disconnect();
        socket->deleteLater();
        done(heard);
    };
    connect(socket, &QLocalSocket::connected, socket,
            [socket] { socket->write(kShow.data(), kShow.size()); });
    connect(socket, &QLocalSocket::disconnected, context, [end] { end(true); });
    connect(socket, &QLocalSocket::errorOccurred, context, [end](QLocalSocket::LocalSocketError error) {
        if (error != QLocalSocket::PeerClosedError)
            end(false);
    });
    connect(limit, &QTimer::timeout, context, [end] { end(false); });
    limit->start(kCallTime);
    socket->connectToServer(socketPath());
}

} // namespace cring::app
