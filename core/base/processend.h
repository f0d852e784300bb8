// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

#include <memory>

QT_BEGIN_NAMESPACE
class QSocketNotifier;
QT_END_NAMESPACE

namespace cring {

/// Tells when another process of this machine has ended: its locks and ports are free then. It is the process
/// that has this number now, whoever gets it later (pidfd_open(2), Linux 5.3).
class ProcessEnd : public QObject
{
    Q_OBJECT

public:
    explicit ProcessEnd(qint64 pid);
    ~ProcessEnd() override;

    /// False for this process itself, for one that is not there, and where the system cannot tell: ended()
    /// never comes.
    bool isWatching() const { return m_notifier != nullptr; }

Q_SIGNALS:
    /// Once, in a turn of the loop.
    void ended();

private:
    int m_descriptor = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace cring
