// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QLocalServer>
#include <QLockFile>

namespace cring::app {

/// One window for a person and session: the second start has the first one come to the front, and ends.
class SingleInstance : public QObject
{
    Q_OBJECT

public:
    enum class Role { First, Second };

    /// `folder` holds the lock and the socket; it is made when it is not there, for this user alone.
    explicit SingleInstance(const QString &folder, QObject *parent = nullptr);

    /// Legal once. Errors: ControlSocket, when the folder cannot be used.
    Result<Role> take();

    /// Of the Second: has the first one show itself, and calls back when it has heard of it, or will not.
    void callFirst(QObject *context, std::function<void(bool heard)> done);

Q_SIGNALS:
    /// Of the First: another start wants the window.
    void windowWanted();

private:
    void handleConnection();

    QString m_folder;
    QLockFile m_lock;
    QLocalServer m_server;
};

} // namespace cring::app
