// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/configuration.h"
#include "ui/models/servicecommands.h"

#include <QPointer>

QT_BEGIN_NAMESPACE
class QMessageBox;
class QWidget;
QT_END_NAMESPACE

namespace cring::ui {

/// Adds, changes and removes servers, with the dialogs that this needs. Lives with the window.
class ServerActions : public QObject
{
    Q_OBJECT

public:
    /// All outlive this.
    ServerActions(models::Configuration &configuration, models::ServiceCommands &commands, QWidget *window);

    void add();
    void edit(const QString &server);
    /// Says first what that costs, and offers the safe way.
    void remove(const QString &server);

Q_SIGNALS:
    void done(const QString &words);
    void failed(const QString &words);
    /// Done, and `undo` takes it back.
    void doneWithUndo(const QString &words, const QString &action, std::function<void()> undo);

private:
    void askRemoval(const QString &server, const QJsonObject &removal);
    void carryOut(const QString &server, bool force);
    void addAgain(const QJsonObject &server);

    models::Configuration &m_configuration;
    models::ServiceCommands &m_commands;
    QWidget *m_window;
};

} // namespace cring::ui
