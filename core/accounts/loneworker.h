// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

#include <chrono>
#include <functional>
#include <memory>

namespace cring::accounts {

/// A thread for work that may hang in the kernel for good, as files do on a network's disk whose machine is
/// gone. Work is done in the order in which it came.
///
/// Belongs to the event loop's thread. Destroying it drops what has not begun and waits for what has, for
/// `grace` at most; a thread that hangs then is left behind. So work must own all that it touches, but for
/// what it hands on in its message.
class LoneWorker final : public QObject
{
    Q_OBJECT

public:
    /// Called on the event loop, unless this object has died by then.
    using Message = std::function<void()>;
    /// On the thread.
    using Work = std::function<Message()>;

    explicit LoneWorker(std::chrono::milliseconds grace, QObject *parent = nullptr);
    ~LoneWorker() override;

    void run(Work work);

private:
    struct Shared;

    static void loop(const std::shared_ptr<Shared> &shared);

    const std::shared_ptr<Shared> m_shared;
    const std::chrono::milliseconds m_grace;
};

} // namespace cring::accounts
