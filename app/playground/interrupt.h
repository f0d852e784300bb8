// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QSocketNotifier>

namespace cring::playground {

/// SIGINT, SIGTERM and SIGHUP as a flag that blocking code asks for, and as a signal of the event loop. The
/// handlers stay installed while it lives; one at a time. Main thread.
class Interrupt : public QObject
{
    Q_OBJECT

public:
    explicit Interrupt(QObject *parent = nullptr);
    ~Interrupt() override;

    /// Whether one of them has arrived.
    static bool requested();

Q_SIGNALS:
    /// Once the event loop runs; also for one that arrived before.
    void arrived();

private:
    QSocketNotifier m_notifier;
};

} // namespace cring::playground
