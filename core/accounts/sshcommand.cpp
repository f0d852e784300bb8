// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/sshcommand.h"

#include "core/accounts/shellquote.h"
#include "core/accounts/sshconnection.h"
#include "core/ssh/libsshhandles.h"

#include <algorithm>
#include <array>

namespace cring::accounts {

namespace {

/// How long a read waits before what is to be sent is looked at again.
constexpr int kWhileSendingMs = 5;
constexpr int kWhileReadingMs = 1'000;
constexpr uint32_t kPiece = 16 * 1024;
/// A shell's word for a program that is not there (POSIX, 2.8.2).
constexpr int kNotFound = 127;

class Run
{
public:
    Run(const NodeCommand &command, SshConnection &connection)
        : m_command(command)
        , m_connection(connection)
        , m_watch(connection.watchdog(), command.limit)
        , m_channel(ssh_channel_new(connection.session()))
    {
    }

    Result<NodeOutcome> operator()(const QByteArray &line)
    {
        if (!m_channel || ssh_channel_open_session(m_channel.get()) != SSH_OK ||
            ssh_channel_request_exec(m_channel.get(), line.constData()) != SSH_OK)
            return failed();
        while (!m_ended) {
            if (!give())
                return failed();
            if (const Status status = take(); !status)
                return status.error();
        }
        // Waits for it, if it comes after the end of the output.
        m_outcome.exitStatus = ssh_channel_get_exit_status(m_channel.get());
        if (m_connection.isBroken())
            return failed();
        if (m_outcome.exitStatus == kNotFound)
            return Error{Code::NodeCommand,
                         QStringLiteral("the program %1 is not there; install it").arg(program())};
        return std::move(m_outcome);
    }

private:
    QString program() const { return m_command.argv.value(0); }

    Error failed() const { return m_connection.failure(QStringLiteral("when it ran %1").arg(program())); }

    /// As much as the other side takes at once, so that its output is read in between.
    bool give()
    {
        const auto left = static_cast<uint32_t>(m_command.input.size() - m_given);
        if (left == 0) {
            const bool first = !std::exchange(m_sentEnd, true);
            return !first || ssh_channel_send_eof(m_channel.get()) == SSH_OK;
        }
        const uint32_t room = std::min({left, kPiece, ssh_channel_window_size(m_channel.get())});
        if (room == 0)
            return true;
        const int put = ssh_channel_write(m_channel.get(), m_command.input.constData() + m_given, room);
        m_given += std::max(put, 0);
        // A program that has ended without its input is no failure.
        if (put < 0 && !m_connection.isBroken())
            m_given = m_command.input.size();
        return put >= 0 || !m_connection.isBroken();
    }

    Status take()
    {
        std::array<char, 64 * 1024> piece{};
        const int wait = m_sentEnd ? kWhileReadingMs : kWhileSendingMs;
        const int out = ssh_channel_read_timeout(m_channel.get(), piece.data(), piece.size(), 0, wait);
        if (const Status status = keep(QByteArrayView(piece.data(), std::max(out, 0)), false); !status)
            return status;
        const int errors = ssh_channel_read_nonblocking(m_channel.get(), piece.data(), piece.size(), 1);
        if (const Status status = keep(QByteArrayView(piece.data(), std::max(errors, 0)), true); !status)
            return status;
        m_ended = out <= 0 && errors <= 0 && ssh_channel_is_eof(m_channel.get()) != 0;
        return m_connection.isBroken() ? Status(failed()) : Status();
    }

    Status keep(QByteArrayView piece, bool isError)
    {
        if (piece.isEmpty())
            return {};
        if (!isError && m_command.sink)
            return m_command.sink(piece);
        (isError ? m_outcome.errors : m_outcome.out).append(piece.data(), piece.size());
        if (m_outcome.out.size() + m_outcome.errors.size() > m_command.mostOutput)
            return Error{
                Code::NodeCommand,
                QStringLiteral("%1 wrote more than %2 bytes").arg(program()).arg(m_command.mostOutput)};
        return {};
    }

    const NodeCommand &m_command;
    SshConnection &m_connection;
    const Watchdog::Watch m_watch;
    const ssh::libssh::ChannelPtr m_channel;
    qsizetype m_given = 0;
    bool m_sentEnd = false;
    bool m_ended = false;
    NodeOutcome m_outcome;
};

} // namespace

Result<NodeOutcome> runRemotely(const NodeCommand &command, SshConnection &connection)
{
    const Result<QByteArray> line = shellQuoted(command.argv);
    if (!line)
        return line.error();
    return Run(command, connection)(*line);
}

} // namespace cring::accounts
