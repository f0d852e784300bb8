// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/standbycommand.h"

#include "core/ssh/commandline.h"
#include "core/ssh/standbyanswers.h"

#include <libssh/server.h>

#include <algorithm>
#include <array>

namespace cring::ssh {

namespace {

/// A public key has 2 KiB at most (server/db/sqlite/sql.go).
constexpr qsizetype kMostInput = 16 * 1024;

QString linkRefusal()
{
    return QStringLiteral("linking needs a Charm server, and none is asked here: try again when one answers");
}

/// Writes what the client has room for; false when there is more.
bool push(ssh_channel channel, QByteArray &bytes, bool errors)
{
    while (!bytes.isEmpty()) {
        const auto room = static_cast<qsizetype>(ssh_channel_window_size(channel));
        const auto size = static_cast<quint32>(std::min(room, bytes.size()));
        const int sent = size == 0 ? 0
                         : errors  ? ssh_channel_write_stderr(channel, bytes.constData(), size)
                                   : ssh_channel_write(channel, bytes.constData(), size);
        if (sent <= 0)
            return false;
        bytes.remove(0, sent);
    }
    return true;
}

} // namespace

void StandbySession::begin(Command &command, const QByteArray &line)
{
    ++m_context.counters.commands;
    const QList<QByteArray> words = splitCommand(line);
    const auto account = m_context.directory.find(m_keyText);
    if (!account) {
        sendAway(m_stranger);
        return;
    }
    if (words.isEmpty())
        command.send({});
    else
        answer(command, *account, words);
}

/// What a Charm server does not know it answers with nothing (server/auth.go:13).
void StandbySession::answer(Command &command, const DirectoryAccount &account, const QList<QByteArray> &words)
{
    const qint64 now = std::chrono::duration_cast<std::chrono::seconds>(m_context.clock.wall()).count();
    const auto token = [&](const QList<QByteArray> &audience) {
        ++m_context.counters.tokens;
        return m_host->key().mintFor(audience, account.charmId, m_host->issuer(), now);
    };
    const QByteArray &name = words.first();
    if (name == "api-auth") {
        command.send(answers::auth(account, m_keyText, token({"charm"}), m_host->scheme()));
    } else if (name == "id") {
        command.send(account.charmId);
    } else if (name == "jwt") {
        command.send(token(words.size() > 1 ? words.sliced(1) : QList<QByteArray>{"charm"}));
    } else if (name == "api-keys") {
        command.send(answers::keys(account, m_keyText));
    } else if (name == "api-unlink") {
        command.stage = Command::Stage::Reading;
    } else if (name == "api-link") {
        command.send(answers::linkRefusal(linkRefusal()));
        command.errors = linkRefusal().toUtf8() + '\n';
        command.exitStatus = 1;
    } else {
        command.send({});
    }
}

void StandbySession::readUnlink(Command &command)
{
    std::array<char, 2048> piece{};
    int size = 1;
    while (size > 0 && command.input.size() <= kMostInput) {
        size = ssh_channel_read_nonblocking(command.channel, piece.data(), piece.size(), 0);
        command.input.append(piece.data(), std::max(size, 0));
    }
    using Request = answers::UnlinkRequest::State;
    const bool ended = ssh_channel_is_eof(command.channel) != 0 || command.input.size() > kMostInput;
    const answers::UnlinkRequest request = answers::readUnlink(command.input, ended);
    if (request.state == Request::Malformed)
        command.send(answers::message(
            QStringLiteral("Error unlinking account: what came is no JSON object with a key")));
    else if (request.state == Request::Complete && request.key.isEmpty())
        command.send(answers::message(QStringLiteral("missing key")));
    else if (request.state == Request::Complete)
        unlink(command, request.key);
}

void StandbySession::unlink(Command &command, const QByteArray &key)
{
    const auto account = m_context.directory.find(m_keyText);
    if (!account) {
        sendAway(m_stranger);
        return;
    }
    command.stage = Command::Stage::Waiting;
    // Commands are never taken out while the session lives, except all of them at its end.
    const auto reply = [this, raw = &command](const Status &status) {
        const bool there =
            std::ranges::any_of(m_commands, [raw](const auto &own) { return own.get() == raw; });
        if (!there)
            return;
        raw->send(
            status ? QByteArray()
                   : answers::message(QStringLiteral("Error unlinking account: ") + status.error().detail));
        lookAgain();
    };
    m_context.unlink(account->charmId, key, QPointer<QObject>(this), reply);
}

/// True when everything has been handed to libssh.
bool StandbySession::send(Command &command)
{
    return push(command.channel, command.out, false) && push(command.channel, command.errors, true);
}

void StandbySession::move(Command &command)
{
    if (command.stage == Command::Stage::Done)
        return;
    if (ssh_channel_is_closed(command.channel) != 0) {
        command.stage = Command::Stage::Done;
        return;
    }
    if (command.stage == Command::Stage::Reading)
        readUnlink(command);
    if (command.stage == Command::Stage::Sending && send(command)) {
        ssh_channel_request_send_exit_status(command.channel, command.exitStatus);
        ssh_channel_send_eof(command.channel);
        ssh_channel_close(command.channel);
        command.stage = Command::Stage::Done;
    }
}

void StandbySession::moveAll()
{
    if (m_commands.empty() || m_leaving)
        return;
    const auto done = [](const auto &command) {
        return command->stage == Command::Stage::Done;
    };
    const bool wereDone = std::ranges::all_of(m_commands, done);
    // libssh looks for packets whenever it is asked to read or write: commands may be added meanwhile.
    for (size_t i = 0; i < m_commands.size(); ++i)
        move(*m_commands[i]);
    if (!wereDone && std::ranges::all_of(m_commands, done))
        m_timer.start(m_context.times.rest);
}

} // namespace cring::ssh
