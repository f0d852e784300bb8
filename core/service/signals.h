// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace cring::service {

/// SIGTERM, SIGINT and SIGHUP as Qt signals on the event loop (signalfd(2); Linux). One instance in a
/// process, made before any thread is started: the signals are blocked for all of them.
class UnixSignals final : public QObject
{
    Q_OBJECT

public:
    explicit UnixSignals(QObject *parent = nullptr);
    ~UnixSignals() override;

Q_SIGNALS:
    void terminated();
    void hungUp();

private:
    void handleReadable();

    int m_fd = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace cring::service
