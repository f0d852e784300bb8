// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace cring::playground {

namespace {

constexpr int Signals[] = {SIGINT, SIGTERM, SIGHUP};

std::atomic<bool> signalled = false;
int wakePipe[2] = {-1, -1};

int openedReadEnd()
{
    signalled = false;
    return ::pipe2(wakePipe, O_CLOEXEC | O_NONBLOCK) == 0 ? wakePipe[0] : -1;
}

void handle(int)
{
    const int errorNumber = errno;
    signalled = true;
    (void)!::write(wakePipe[1], "", 1);
    errno = errorNumber;
}

void install(void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    for (const int signal : Signals)
        ::sigaction(signal, &action, nullptr);
}

} // namespace

Interrupt::Interrupt(QObject *parent)
    : QObject(parent)
    , m_notifier(openedReadEnd(), QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, [this] {
        m_notifier.setEnabled(false);
        Q_EMIT arrived();
    });
    install(handle);
}

Interrupt::~Interrupt()
{
    install(SIG_DFL);
    m_notifier.setEnabled(false);
    for (int &end : wakePipe)
        ::close(std::exchange(end, -1));
}

bool Interrupt::requested()
{
    return signalled;
}

} // namespace cring::playground
