// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/findings.h"

#include <algorithm>

namespace cring::state {

namespace {

/// In the database, of a finding that is about no single server.
constexpr Members::Number kNoMember = 0;

/// The least key after this one that there can be.
ObjectKey nextKey(ObjectKey key)
{
    return key.append('\0');
}

} // namespace

QString findingKindName(Finding::Kind kind)
{
    switch (kind) {
    case Finding::Kind::Unexplained:
        return QStringLiteral("unexplained");
    case Finding::Kind::Absence:
        return QStringLiteral("absence");
    case Finding::Kind::Damage:
        return QStringLiteral("damage");
    case Finding::Kind::Conflict:
        return QStringLiteral("conflict");
    case Finding::Kind::OtherKind:
        return QStringLiteral("other kind");
    case Finding::Kind::Lost:
        return QStringLiteral("lost");
    }
    return {};
}

Status Findings::load()
{
    return m_database.session().each(
        QStringLiteral("SELECT id, key, member, kind, size, digest, mode, since FROM findings"), {},
        [this](const Row &row) {
            Finding finding;
            finding.id = row.int64(0);
            finding.key = row.blob(1);
            const auto member = static_cast<Members::Number>(row.int64(2));
            if (member != kNoMember && m_members.all().contains(member))
                finding.server = m_members.id(member);
            finding.kind = static_cast<Finding::Kind>(row.int64(3));
            finding.size = row.int64(4);
            finding.digest = row.blob(5);
            finding.mode = static_cast<quint32>(row.int64(6));
            finding.since = row.int64(7);
            m_last = std::max(m_last, finding.id);
            m_findings.insert_or_assign({finding.key, finding.server, finding.kind}, finding);
        });
}

void Findings::report(Finding finding)
{
    const Place place{finding.key, finding.server, finding.kind};
    const auto known = m_findings.find(place);
    if (known == m_findings.end() && count() >= kMost) {
        ++m_overflow;
        return;
    }
    if (known != m_findings.end()) {
        // Nobody need have read it this time.
        if (finding.digest.isEmpty() && finding.size == known->second.size)
            finding.digest = known->second.digest;
        const bool same = finding.size == known->second.size && finding.digest == known->second.digest &&
                          finding.mode == known->second.mode;
        if (same)
            return;
        finding.id = known->second.id;
        finding.since = known->second.since;
    } else {
        finding.id = ++m_last;
        finding.since = m_clock.wall().count();
    }
    m_findings.insert_or_assign(place, finding);
    save(finding);
    Q_EMIT changed();
}

void Findings::withdraw(const ObjectKey &key, const QString &server)
{
    for (auto it = m_findings.lower_bound({key, server, Finding::Kind{}});
         it != m_findings.end() && it->second.key == key &&
         (server.isEmpty() || it->second.server == server);)
        it = erase(it);
}

void Findings::withdraw(const ObjectKey &key, const QString &server, Finding::Kind kind)
{
    if (const auto it = m_findings.find({key, server, kind}); it != m_findings.end())
        erase(it);
}

void Findings::withdraw(const ObjectKey &key, Finding::Kind kind)
{
    for (const Finding &finding : at(key)) {
        if (finding.kind == kind)
            withdraw(key, finding.server, kind);
    }
}

void Findings::withdrawIf(const std::function<bool(const Finding &)> &isOver)
{
    for (auto it = m_findings.begin(); it != m_findings.end();)
        it = isOver(it->second) ? erase(it) : std::next(it);
}

void Findings::withdrawBetween(const ObjectKey &after, const ObjectKey &before)
{
    auto it = m_findings.lower_bound({nextKey(after), {}, Finding::Kind{}});
    while (it != m_findings.end() && (before.isEmpty() || it->second.key < before))
        it = erase(it);
}

qsizetype Findings::count(Finding::Kind kind) const
{
    return std::count_if(m_findings.begin(), m_findings.end(),
                         [kind](const auto &finding) { return finding.second.kind == kind; });
}

QList<Finding> Findings::list(const ObjectKey &after, qsizetype limit) const
{
    QList<Finding> list;
    auto it =
        after.isEmpty() ? m_findings.begin() : m_findings.lower_bound({nextKey(after), {}, Finding::Kind{}});
    for (; it != m_findings.end() && (list.size() < limit || it->second.key == list.last().key); ++it)
        list << it->second;
    return list;
}

QList<Finding> Findings::at(const ObjectKey &key) const
{
    QList<Finding> list;
    for (auto it = m_findings.lower_bound({key, {}, Finding::Kind{}});
         it != m_findings.end() && it->second.key == key; ++it)
        list << it->second;
    return list;
}

Findings::Known::iterator Findings::erase(Known::iterator finding)
{
    m_database.write([id = finding->second.id](Session &session) {
        return session.run(QStringLiteral("DELETE FROM findings WHERE id = ?"), {id});
    });
    const auto next = m_findings.erase(finding);
    Q_EMIT changed();
    return next;
}

void Findings::save(const Finding &finding)
{
    const Members::Number member = finding.server.isEmpty() ? kNoMember : m_members.number(finding.server);
    m_database.write([finding, member](Session &session) {
        return session.run(QStringLiteral("INSERT OR REPLACE INTO findings"
                                          " (id, key, member, kind, size, digest, mode, since)"
                                          " VALUES (?,?,?,?,?,?,?,?)"),
                           {finding.id, finding.key, member, static_cast<int>(finding.kind), finding.size,
                            finding.digest, finding.mode, finding.since});
    });
}

} // namespace cring::state
