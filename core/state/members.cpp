// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/members.h"

#include <QSet>

namespace cring::state {

Status Members::load()
{
    return m_database.session().each(
        QStringLiteral("SELECT number, id, name, state, since, left_at FROM members"), {},
        [this](const Row &row) {
            const auto number = static_cast<Number>(row.int64(0));
            m_members[number] = {row.text(1), row.text(2), static_cast<State>(row.int64(3)), row.int64(4),
                                 static_cast<quint64>(row.int64(5))};
            m_numbers.insert(row.text(1), number);
        });
}

QList<Members::Number> Members::configure(const QList<Configured> &servers, quint64 version)
{
    QList<Number> returned;
    QSet<Number> present;
    for (const Configured &server : servers) {
        const bool isNew = !m_numbers.contains(server.id);
        const Number known = number(server.id);
        present.insert(known);
        if (isNew && version > 0)
            setState(known, State::Joined);
        Member &member = m_members[known];
        const bool renamed = std::exchange(member.name, server.name) != server.name;
        if (member.state == State::Left) {
            returned << known;
            member.state = State::Returned;
            member.returnedAt = version;
            save(known);
        } else if (renamed) {
            save(known);
        }
    }
    for (auto &[number, member] : m_members) {
        if (present.contains(number) || member.state == State::Left)
            continue;
        // One that was not gone through since it came back has missed more than what comes from now on.
        const State before = std::exchange(member.state, State::Left);
        if (before != State::Returned) {
            member.leftAt = version;
            member.since = before == State::Joined ? 0 : m_clock.wall().count();
        }
        save(number);
    }
    return returned;
}

Members::Number Members::number(const QString &id)
{
    if (const auto known = m_numbers.constFind(id); known != m_numbers.constEnd())
        return *known;
    const Number number = m_members.empty() ? 1 : static_cast<Number>(m_members.rbegin()->first + 1);
    m_members[number] = {id, id, State::Trusted, m_clock.wall().count(), 0};
    m_numbers.insert(id, number);
    save(number);
    return number;
}

std::optional<Members::Number> Members::find(const QString &id) const
{
    const auto known = m_numbers.constFind(id);
    return known == m_numbers.constEnd() ? std::nullopt : std::optional(*known);
}

bool Members::trusts(const QString &id) const
{
    const auto known = find(id);
    if (!known)
        return true;
    const State state = m_members.at(*known).state;
    return state == State::Trusted || state == State::Draining || state == State::Joined;
}

std::optional<qint64> Members::unseenSince(const QString &id) const
{
    const auto known = find(id);
    if (!known)
        return {};
    const Member &member = m_members.at(*known);
    if (member.state == State::Joined)
        return 0;
    return member.state == State::Returned ? std::optional(member.since) : std::nullopt;
}

void Members::setState(Number number, State state)
{
    Member &member = m_members[number];
    if (member.state != state) {
        member.state = state;
        member.since = m_clock.wall().count();
    }
    save(number);
}

void Members::save(Number number)
{
    const Member &member = m_members[number];
    m_database.write([number, member](Session &session) {
        return session.run(QStringLiteral("INSERT OR REPLACE INTO members"
                                          " (number, id, name, state, since, left_at) VALUES (?,?,?,?,?,?)"),
                           {number, member.id, member.name, static_cast<int>(member.state), member.since,
                            static_cast<qint64>(member.leftAt)});
    });
}

} // namespace cring::state
