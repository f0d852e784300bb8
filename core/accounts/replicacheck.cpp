// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/replicacheck.h"

#include "core/accounts/charmfolder.h"
#include "core/accounts/databasecopy.h"
#include "core/accounts/replicasurvey.h"
#include "core/base/words.h"

#include <QTemporaryDir>

#include <algorithm>

namespace cring::accounts {

using namespace charmfolder;

namespace {

constexpr quint32 kOthers = 077;
/// Less than that, and the next uploads fail.
constexpr qint64 kLittleRoom = 100LL * 1024 * 1024;

class Check
{
public:
    Check(INode &node, QString scratch, const std::stop_token &stop)
        : m_node(node)
        , m_scratch(std::move(scratch))
        , m_stop(stop)
    {
    }

    FolderCheck operator()()
    {
        for (const auto &step :
             {&Check::finished, &Check::key, &Check::rights, &Check::accounts, &Check::room}) {
            if (!(this->*step)())
                break;
        }
        return std::move(m_check);
    }

private:
    bool add(const char *what, bool ok, const QString &text)
    {
        m_check.findings.append({QString::fromLatin1(what), ok, text});
        return ok;
    }

    bool finished()
    {
        const Result<std::optional<NodeEntry>> marker = m_node.stat(InitMarker::kName);
        if (!marker)
            return add("reach", false, marker.error().detail);
        add("reach", true, QStringLiteral("%1 can be read").arg(m_node.shown(QString())));
        if (!*marker)
            return add("finished", true,
                       QStringLiteral("nothing is left to be done by `cring replicas init`"));
        return add(
            "finished", false,
            QStringLiteral(
                "it was begun and not finished: give `cring replicas init` the same --from and --to again"));
    }

    bool key()
    {
        const Result<ServerKeys> keys = readServerKeys(m_node);
        if (!keys)
            return add("key", false, keys.error().detail);
        m_check.kid = keys->key.kid();
        return add("key", true,
                   QStringLiteral("the server key is %1…").arg(QString::fromLatin1(m_check.kid.left(12))));
    }

    bool rights()
    {
        const Result<std::optional<NodeEntry>> key = m_node.stat(kKey);
        if (!key || !*key)
            return add("rights", false, key ? QStringLiteral("the key has gone") : key.error().detail);
        if (((*key)->mode & kOthers) == 0)
            return add("rights", true, QStringLiteral("the key is for its owner alone"));
        add("rights", false,
            QStringLiteral("%1 can be read by others than its owner (mode %2): chmod 600 it")
                .arg(m_node.shown(kKey))
                .arg((*key)->mode, 4, 8, QLatin1Char('0')));
        return true;
    }

    bool accounts()
    {
        const QTemporaryDir folder(m_scratch + QStringLiteral("/cring-check-XXXXXX"));
        if (!folder.isValid())
            return add("accounts", false, QStringLiteral("no folder can be made in %1").arg(m_scratch));
        const Result<DatabaseCopy> copy =
            copyDatabase(m_node, folder.filePath(QStringLiteral("accounts.db")), m_stop);
        if (!copy)
            return add("accounts", false, copy.error().detail);
        m_check.accounts = copy->accounts;
        return add("accounts", true,
                   QStringLiteral("the database is sound: %1, %2")
                       .arg(words::counted(copy->accounts, "account"), words::bytes(copy->bytes)));
    }

    bool room()
    {
        const Result<std::optional<qint64>> free = m_node.freeBytes();
        if (!free)
            return add("room", false, free.error().detail);
        if (!*free)
            return add("room", true, QStringLiteral("the machine does not say how much room there is"));
        const bool enough = **free >= kLittleRoom;
        const QString said = QStringLiteral("%1 free").arg(words::bytes(**free));
        return add("room", enough,
                   enough ? said : said + QStringLiteral(": uploads will fail soon; make room"));
    }

    INode &m_node;
    const QString m_scratch;
    const std::stop_token &m_stop;
    FolderCheck m_check;
};

} // namespace

bool FolderCheck::passed() const
{
    return std::ranges::all_of(findings, &CheckFinding::ok);
}

FolderCheck checkFolder(INode &node, const QString &scratch, const std::stop_token &stop)
{
    return Check(node, scratch, stop)();
}

CheckFinding judgeAnswer(const Result<ServerAnswer> &answer, const QByteArray &kid, const QByteArray &issuer)
{
    CheckFinding finding{QStringLiteral("server"), false, {}};
    if (!answer) {
        finding.text = QStringLiteral("the server %1").arg(answer.error().detail);
    } else if (!kid.isEmpty() && answer->kid != kid) {
        finding.text =
            QStringLiteral("the server signs with key %1…, and its data directory holds %2…: was another "
                           "data directory meant?")
                .arg(QString::fromLatin1(answer->kid.left(12)), QString::fromLatin1(kid.left(12)));
    } else if (!issuer.isEmpty() && answer->issuer != issuer) {
        finding.text =
            QStringLiteral("its tokens say %1, the others' %2: give it the same CHARM_SERVER_PUBLIC_URL and "
                           "start it anew")
                .arg(QString::fromUtf8(answer->issuer), QString::fromUtf8(issuer));
    } else {
        finding.ok = true;
        finding.text = QStringLiteral("it answers with that key, and its tokens say %1")
                           .arg(QString::fromUtf8(answer->issuer));
    }
    return finding;
}

} // namespace cring::accounts
