// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QLocalServer>
#include <QLockFile>
#include <QTimer>

namespace cring::app {

/// One window for a person and session: the second start has the first one come to the front, and ends.
/// Should the folder be taken away, the first one makes it anew.
class SingleInstance : public QObject
{
    Q_OBJECT

public:
    enum class Role { First, Second };

    /// `folder` holds the lock and the socket; it is made when it is not there, for this user alone.
    /// `lookInterval`: how often it is looked whether it is there.
    explicit SingleInstance(const QString &folder,
                            std::chrono::milliseconds lookInterval = std::chrono::seconds(2),
                            QObject *parent = nullptr);

    /// Legal once. Errors: ControlSocket, when the folder cannot be used.
    Result<Role> take();

    /// Of the Second: has the first one show itself, and calls back when it has heard of it, or will not.
    void callFirst(QObject *context, std::function<void(bool heard)> done);

Q_SIGNALS:
    /// Of the First: another start wants the window.
    void windowWanted();

private:
    void handleConnection();
    void lookAtFolder();
    QString socketPath() const;

    QString m_folder;
    QLockFile m_lock;
    QLocalServer m_server;
    QTimer m_look;
};

} // namespace cring::app
