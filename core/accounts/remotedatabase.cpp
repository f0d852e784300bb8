// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/remotedatabase.h"

#include "core/accounts/charmfolder.h"
#include "core/accounts/nodefactory.h"
#include "core/accounts/sqltext.h"

namespace cring::accounts {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kForALook = 10s;
/// 100,000 accounts are some 60 MB on the way; a machine that freezes in the middle holds a round up for so
/// long.
constexpr std::chrono::milliseconds kForAText = 30s;

} // namespace

Result<QByteArray> serverKeyIn(INode &node)
{
    const Result<QByteArray> text = readAll(node, charmfolder::kPublicKey);
    return text ? text->simplified().split(' ').mid(0, 2).join(' ') : text;
}

RemoteDatabase::RemoteDatabase(config::NodePlace place, SshAccess access, const IClock &clock)
    : m_place(std::move(place))
    , m_node(makeNode(m_place, access, clock, m_stop.get_token()))
    , m_brief(*m_node, kForALook)
    , m_sql(*m_node, kForAText)
{
}

RemoteDatabase::~RemoteDatabase() = default;

Result<RemoteDatabase::Look> RemoteDatabase::look()
{
    // First, for it says whether the machine can be reached at all.
    const auto ran = m_brief.run(
        sqltext::nothing(), [](SqlRow) { return true; }, m_stop.get_token());
    // Whoever writes to it just now does not make it a server that cannot be reached.
    if (!ran && ran.error().code != Code::AccountsBusy)
        return ran.error();
    const Result<QByteArray> key = serverKeyIn(*m_node);
    if (!key && key.error().code != Code::NodeFile)
        return key.error();
    const auto file = m_node->stat(charmfolder::kDatabase);
    if (!file)
        return file.error();
    QByteArray stamp = QByteArray::number(ran ? ran->changeCounter : 0);
    if (*file)
        stamp += ' ' + QByteArray::number((*file)->size) + '@' + QByteArray::number((*file)->modified);
    return Look{key ? *key : QByteArray(), stamp};
}

FileProbe RemoteDatabase::files()
{
    return [this](const QByteArray &charmId) {
        const QString folder = charmfolder::kFiles + u'/' + QString::fromLatin1(charmId);
        const auto found = m_node->stat(folder);
        if (!found)
            return true; // not known counts as yes
        if (!*found) {
            const auto all = m_node->stat(charmfolder::kFiles);
            return !all || !*all || (*all)->kind != NodeEntry::Kind::Folder;
        }
        const auto entries = m_node->list(folder);
        return !entries || !entries->isEmpty();
    };
}

} // namespace cring::accounts
