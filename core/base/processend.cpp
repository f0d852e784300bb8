// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/processend.h"

#include <QSocketNotifier>

#include <sys/syscall.h>
#include <unistd.h>

namespace cring {

ProcessEnd::ProcessEnd(qint64 pid)
{
    if (pid <= 0 || pid == ::getpid())
        return;
    // Without glibc's wrapper: that came with 2.36.
    m_descriptor = static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0));
    if (m_descriptor < 0)
        return;
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        m_notifier->setEnabled(false);
        Q_EMIT ended();
    });
}

ProcessEnd::~ProcessEnd()
{
    m_notifier.reset();
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

} // namespace cring
