// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/processend.h"

#include <QStringList>
#include <QTimer>

namespace cring::app {

/// Starts `cring serve` as a process of its own, which outlives the window, and says when that did not work.
class ServiceStarter : public QObject
{
    Q_OBJECT

public:
    /// From its start to its first answer.
    static constexpr std::chrono::seconds startTime{20};

    /// `program`: see models::Cring::find(). `logFile` gets what it writes until it can be asked; replaced at
    /// each start.
    ServiceStarter(QString program, QStringList arguments, QString logFile, QObject *parent = nullptr);

    void start();
    bool isStarting() const { return m_limit.isActive(); }

    /// It answers: however it ends from now on is not the start's concern.
    void handleAnswered();

Q_SIGNALS:
    void started();
    /// In words, with what the service has said last.
    void failed(const QString &words);

private:
    void handleEnded();
    void keepLastLog() const;
    /// The error that the service has written, else its last line; empty when there is none.
    QString lastWords() const;

    const QString m_program;
    const QStringList m_arguments;
    const QString m_logFile;
    std::unique_ptr<ProcessEnd> m_process;
    QTimer m_limit;
};

} // namespace cring::app
