// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/script.h"

namespace cring::chaos {

namespace {

constexpr int Folders = 4; ///< Of a client, for files that are overwritten.
constexpr int Files = 6;   ///< In each of them.
constexpr int SharedFiles = 3;
constexpr int FreshInFolder = 16;
constexpr qint64 KiB = 1024;
/// Of operations, and so on, that are what the name says.
constexpr int Percent = 100;

QByteArray numbered(const char *prefix, int number)
{
    return prefix + QByteArray::number(number);
}

} // namespace

Script::Script(const Options &options, int client)
    : m_options(options)
    , m_client(client)
    , m_random(options.seed * 1'000 + static_cast<quint64>(client))
{
}

Operation Script::next()
{
    const int dice = below(Percent);
    if (dice < 25)
        return upload();
    if (dice < 38)
        return uploadFresh();
    if (dice < 50)
        return remove();
    if (dice < 54)
        return makeFolder();
    if (dice < 60)
        return changeKind();
    if (dice < 66)
        return {Operation::Kind::Number, "numbers", 0, 0, -1};
    return read();
}

Operation Script::upload()
{
    return {Operation::Kind::Upload, file(m_client), size(), mode(), -1};
}

Operation Script::uploadFresh()
{
    Operation operation{Operation::Kind::Upload, freshFile(m_fresh++), size(), mode(), -1};
    constexpr int leaving = 4; // per cent
    if (operation.size > 0 && below(Percent) < leaving)
        operation.abandonAfter = static_cast<qint64>(m_random.below(static_cast<quint64>(operation.size)));
    return operation;
}

Operation Script::remove()
{
    const int dice = below(Percent);
    QByteArray path;
    if (dice < 45 || m_fresh == 0)
        path = file(m_client);
    else if (dice < 75)
        path = freshFile(below(m_fresh));
    else if (dice < 95)
        path = folder(m_client);
    else
        path = folderOf(freshFile(below(m_fresh)));
    return {Operation::Kind::Delete, path, 0, 0, -1};
}

Operation Script::makeFolder()
{
    return {Operation::Kind::MakeFolder, folder(m_client), 0, 0755, -1};
}

Operation Script::changeKind()
{
    const QByteArray path = numbered("c", m_client) + "/k";
    switch (m_kinds++ % 4) {
    case 0:
        return {Operation::Kind::Upload, path, size(), mode(), -1};
    case 2:
        return {Operation::Kind::Upload, path + "/f", size(), mode(), -1};
    default:
        return {Operation::Kind::Delete, path, 0, 0, -1};
    }
}

Operation Script::read()
{
    // Somebody of the same account.
    const int others = (m_options.clients - 1 - m_client % m_options.accounts) / m_options.accounts + 1;
    const int client = m_client % m_options.accounts + m_options.accounts * below(others);
    const int dice = below(Percent);
    QByteArray path;
    if (dice < 50)
        path = file(client);
    else if (dice < 70)
        path = m_fresh > 0 ? freshFile(below(m_fresh)) : file(client);
    else if (dice < 85)
        path = folder(client);
    else if (dice < 90)
        path = numbered("c", client);
    else if (dice < 94)
        path = "shared";
    else if (dice < 97)
        path = numbered("c", client) + (below(2) == 0 ? "/k" : "/k/f");
    return {Operation::Kind::Read, path, 0, 0, -1};
}

QByteArray Script::folder(int client)
{
    const QByteArray path = numbered("c", client) + numbered("/d", below(Folders));
    return below(4) == 0 ? path + "/e" : path;
}

QByteArray Script::file(int client)
{
    if (below(8) == 0)
        return "shared/" + numbered("c", client) + numbered("-f", below(SharedFiles));
    return folder(client) + numbered("/f", below(Files));
}

QByteArray Script::freshFile(int index) const
{
    return numbered("c", m_client) + numbered("/n", index / FreshInFolder) + numbered("/f", index);
}

/// Mostly small, as a person's are, and now and then one that takes a while.
qint64 Script::size()
{
    const int dice = below(Percent);
    const qint64 most = dice < 8    ? 0
                        : dice < 60 ? 8 * KiB
                        : dice < 90 ? 128 * KiB
                        : dice < 98 ? 1024 * KiB
                                    : 4096 * KiB;
    return most == 0 ? 0 : 1 + static_cast<qint64>(m_random.below(static_cast<quint64>(most)));
}

quint32 Script::mode()
{
    constexpr quint32 modes[] = {0644, 0600, 0640};
    return modes[below(3)];
}

} // namespace cring::chaos
