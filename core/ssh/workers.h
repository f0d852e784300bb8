// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>

namespace cring::ssh {

/// A few threads for what would hold up the event loop: libssh's arithmetic. Work is done in the order in
/// which it came; its outcome goes back by message.
///
/// Belongs to the event loop's thread. Destroying it drops what has not begun and waits for what has: whoever
/// began it must have called it off, so that this takes milliseconds.
class Workers final : public QObject
{
    Q_OBJECT

public:
    /// More than one, so that a server that hangs does not hold up the login to another.
    static constexpr int kThreads = 2;

    explicit Workers(int threads = kThreads, QObject *parent = nullptr);
    ~Workers() override;

    /// Any thread later calls `work`.
    void run(std::function<void()> work);
    /// From a worker's thread: `message` is called on the event loop, unless `receiver` or this object has
    /// died by then. The pointer was made there, too.
    void post(const QPointer<QObject> &receiver, std::function<void()> message);

private:
    QThreadPool m_pool;
};

} // namespace cring::ssh
