// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/childprocess.h"

#include <QDirIterator>

#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace cring::playground {

namespace {

constexpr uid_t Nobody = 65534;

/// SIGSTOP reaches the threads of a process one by one; until the last has stopped, it may still answer.
bool isStopped(qint64 processId)
{
    QDirIterator threads(QStringLiteral("/proc/%1/task").arg(processId), QDir::Dirs | QDir::NoDotAndDotDot);
    while (threads.hasNext()) {
        QFile file(threads.next() + QStringLiteral("/stat"));
        const QByteArray stat = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        // The state is the field after the name in brackets (proc(5)).
        if (!stat.isEmpty() && stat.mid(stat.lastIndexOf(')') + 2, 1) != "T")
            return false;
    }
    return true;
}

} // namespace

ChildProcess::ChildProcess(User user, QObject *parent)
    : QProcess(parent)
{
    const bool drop = user == User::Unprivileged && dropsPrivileges();
    const pid_t self = ::getpid();
    setChildProcessModifier([drop, self] {
        // Runs between fork and exec: system calls only.
        ::setpgid(0, 0);
        if (drop && (::setgroups(0, nullptr) != 0 || ::setgid(Nobody) != 0 || ::setuid(Nobody) != 0))
            ::_exit(126);
        // After setuid, which clears it.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != self)
            ::_exit(126);
    });
}

ChildProcess::~ChildProcess()
{
    kill9();
}

void ChildProcess::stop(std::chrono::milliseconds grace)
{
    if (state() == NotRunning)
        return;
    resume();
    terminate();
    if (!waitForFinished(static_cast<int>(grace.count())))
        kill9();
}

void ChildProcess::kill9()
{
    if (state() == NotRunning)
        return;
    kill();
    waitForFinished(-1);
}

void ChildProcess::pause()
{
    signalChild(SIGSTOP);
    for (int attempt = 0; attempt < 100'000 && state() == Running && !isStopped(processId()); ++attempt)
        ::sched_yield();
}

void ChildProcess::resume()
{
    signalChild(SIGCONT);
}

bool ChildProcess::dropsPrivileges()
{
    return ::geteuid() == 0;
}

bool ChildProcess::giveTo(const QString &path, User user)
{
    if (user == User::Same || !dropsPrivileges())
        return true;
    return ::lchown(QFile::encodeName(path).constData(), Nobody, Nobody) == 0;
}

bool ChildProcess::giveTreeTo(const QString &path, User user)
{
    bool given = giveTo(path, user);
    QDirIterator walk(path, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                      QDirIterator::Subdirectories);
    while (walk.hasNext())
        given = giveTo(walk.next(), user) && given;
    return given;
}

void ChildProcess::signalChild(int signal)
{
    if (state() == Running)
        ::kill(static_cast<pid_t>(processId()), signal);
}

} // namespace cring::playground
