// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/localcommand.h"

#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/ssh/uniquefd.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

namespace cring::accounts {

using ssh::UniqueFd;
using std::chrono::milliseconds;

namespace {

/// Between two looks at the stop token, and at a program that has closed its output and goes on.
constexpr milliseconds kLookAgain{50};

struct Pipe
{
    UniqueFd read;
    UniqueFd write;

    bool open()
    {
        std::array<int, 2> ends{};
        return keep(::pipe2(ends.data(), O_CLOEXEC), ends);
    }

    /// Writing to a pipe that nobody reads any more would raise SIGPIPE; a socket can be told not to.
    bool openSockets()
    {
        std::array<int, 2> ends{};
        return keep(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), ends);
    }

private:
    bool keep(int result, const std::array<int, 2> &ends)
    {
        if (result != 0)
            return false;
        read = UniqueFd(ends[0]);
        write = UniqueFd(ends[1]);
        return true;
    }
};

/// A running program, in a process group of its own.
class Child
{
public:
    Child(const NodeCommand &command, const IClock &clock, const std::stop_token &stop)
        : m_command(command)
        , m_clock(clock)
        , m_stop(stop)
        , m_program(command.argv.value(0))
    {
    }
    ~Child()
    {
        if (m_pid <= 0)
            return;
        ::kill(-m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
    }
    Q_DISABLE_COPY_MOVE(Child)

    Status start();
    Result<NodeOutcome> finish();

private:
    Error failed(int error) const
    {
        return Error{Code::NodeCommand,
                     error == ENOENT
                         ? QStringLiteral("the program %1 is not there; install it").arg(m_program)
                         : QStringLiteral("%1 cannot be run: %2")
                               .arg(m_program, QString::fromLocal8Bit(std::strerror(error)))};
    }
    Status exchange();
    void give();
    Status take(UniqueFd &from, QByteArray &into, bool toSink);
    Status mayGoOn() const;

    const NodeCommand &m_command;
    const IClock &m_clock;
    const std::stop_token &m_stop;
    const QString m_program;
    const milliseconds m_end = m_clock.steady() + m_command.limit;
    pid_t m_pid = -1;
    UniqueFd m_in;
    UniqueFd m_out;
    UniqueFd m_errors;
    qsizetype m_given = 0;
    NodeOutcome m_outcome;
};

Status Child::start()
{
    std::vector<QByteArray> words;
    for (const QString &word : m_command.argv)
        words.push_back(word.toLocal8Bit());
    std::vector<char *> argv;
    for (QByteArray &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    Pipe in;
    Pipe out;
    Pipe errors;
    if (words.empty() || !in.openSockets() || !out.open() || !errors.open())
        return failed(words.empty() ? ENOENT : errno);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, errors.write.get(), STDERR_FILENO);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    const int error = ::posix_spawnp(&m_pid, argv.front(), &actions, &attributes, argv.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        m_pid = -1;
        return failed(error);
    }
    m_in = std::move(in.write);
    m_out = std::move(out.read);
    m_errors = std::move(errors.read);
    for (const UniqueFd *end : {&m_in, &m_out, &m_errors})
        ::fcntl(end->get(), F_SETFL, O_NONBLOCK);
    return {};
}

Status Child::mayGoOn() const
{
    if (m_stop.stop_requested())
        return Error{Code::JobEnded, QStringLiteral("called off")};
    if (m_clock.steady() >= m_end)
        return Error{
            Code::BackendTimeout,
            QStringLiteral("%1 did not end within %2").arg(m_program, words::duration(m_command.limit))};
    return {};
}

void Child::give()
{
    const qsizetype left = m_command.input.size() - m_given;
    ssize_t put = -1;
    if (left > 0)
        put = ::send(m_in.get(), m_command.input.constData() + m_given, static_cast<size_t>(left),
                     MSG_NOSIGNAL);
    m_given += std::max<ssize_t>(put, 0);
    const bool gone = put < 0 && errno != EAGAIN && errno != EINTR;
    // A program that does not want its input may still end well.
    if (left == 0 || gone || m_given == m_command.input.size())
        m_in.reset();
}

Status Child::take(UniqueFd &from, QByteArray &into, bool toSink)
{
    std::array<char, 64 * 1024> piece{};
    const ssize_t got = ::read(from.get(), piece.data(), piece.size());
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        from.reset();
        return {};
    }
    if (got < 0)
        return {};
    if (toSink)
        return m_command.sink(QByteArrayView(piece.data(), got));
    into.append(piece.data(), got);
    if (m_outcome.out.size() + m_outcome.errors.size() > m_command.mostOutput)
        return Error{Code::NodeCommand,
                     QStringLiteral("%1 wrote more than %2 bytes").arg(m_program).arg(m_command.mostOutput)};
    return {};
}

Status Child::exchange()
{
    while (m_out || m_errors) {
        if (const Status status = mayGoOn(); !status)
            return status;
        // poll(2) passes over a descriptor below 0.
        std::array<pollfd, 3> watched{pollfd{m_in.get(), POLLOUT, 0}, pollfd{m_out.get(), POLLIN, 0},
                                      pollfd{m_errors.get(), POLLIN, 0}};
        const auto wait = std::min(kLookAgain, m_end - m_clock.steady());
        ::poll(watched.data(), watched.size(), std::max(0, static_cast<int>(wait.count())));
        if (watched[0].revents != 0)
            give();
        if (watched[1].revents != 0) {
            if (const Status status = take(m_out, m_outcome.out, bool(m_command.sink)); !status)
                return status;
        }
        if (watched[2].revents != 0) {
            if (const Status status = take(m_errors, m_outcome.errors, false); !status)
                return status;
        }
    }
    return {};
}

Result<NodeOutcome> Child::finish()
{
    if (const Status status = exchange(); !status)
        return status.error();
    int how = 0;
    for (;;) {
        const pid_t ended = ::waitpid(m_pid, &how, WNOHANG);
        if (ended == m_pid)
            break;
        if (const Status status = mayGoOn(); !status)
            return status.error();
        // It has closed its output, which is nearly always its end.
        ::poll(nullptr, 0, 1);
    }
    m_pid = -1;
    m_outcome.exitStatus = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
    return std::move(m_outcome);
}

} // namespace

Result<NodeOutcome> runLocally(const NodeCommand &command, const IClock &clock, const std::stop_token &stop)
{
    Child child(command, clock, stop);
    if (const Status status = child.start(); !status)
        return status.error();
    return child.finish();
}

} // namespace cring::accounts
