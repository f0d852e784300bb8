// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/accountwork.h"

#include <QCryptographicHash>

namespace cring::state {

namespace {

QByteArray what(const AccountWork::Item &item)
{
    QByteArray words = item.server.toUtf8() + ' ' + item.account + ' ' + item.target;
    if (item.target.startsWith("/v1/encrypt-key"))
        words += ' ' + QCryptographicHash::hash(item.body, QCryptographicHash::Sha256);
    return words;
}

} // namespace

AccountWork::AccountWork(Database &database, Members &members, const IClock &clock)
    : m_database(database)
    , m_members(members)
    , m_clock(clock)
{
}

Status AccountWork::load()
{
    return m_database.session().each(
        QStringLiteral("SELECT id, member, account, target, body, content_type, since FROM account_work"), {},
        [this](const Row &row) {
            Item item;
            item.id = static_cast<quint64>(row.int64(0));
            item.server = m_members.id(static_cast<Members::Number>(row.int64(1)));
            item.account = row.blob(2);
            item.target = row.blob(3);
            item.body = row.blob(4);
            item.contentType = row.blob(5);
            item.since = row.int64(6);
            m_last = std::max(m_last, item.id);
            m_byWhat.insert(what(item), item.id);
            m_items.emplace(item.id, std::move(item));
        });
}

bool AccountWork::add(Item item)
{
    if (const quint64 earlier = m_byWhat.value(what(item)))
        done(earlier);
    if (static_cast<qsizetype>(m_items.size()) >= kMaxItems)
        return false;
    item.id = ++m_last;
    item.since = m_clock.wall().count();
    m_byWhat.insert(what(item), item.id);
    const auto member = m_members.number(item.server);
    m_database.write([item, member](Session &session) {
        return session.run(QStringLiteral("INSERT OR REPLACE INTO account_work (id, member, account, target,"
                                          " body, content_type, since) VALUES (?,?,?,?,?,?,?)"),
                           {static_cast<qint64>(item.id), member, item.account, item.target, item.body,
                            item.contentType, item.since});
    });
    m_items.emplace(item.id, std::move(item));
    Q_EMIT added();
    return true;
}

void AccountWork::done(quint64 id)
{
    const auto item = m_items.find(id);
    if (item == m_items.end())
        return;
    m_byWhat.remove(what(item->second));
    m_items.erase(item);
    m_database.write([id = static_cast<qint64>(id)](Session &session) {
        return session.run(QStringLiteral("DELETE FROM account_work WHERE id = ?"), {id});
    });
}

qsizetype AccountWork::count(const QString &server) const
{
    return std::count_if(m_items.begin(), m_items.end(),
                         [&](const auto &item) { return item.second.server == server; });
}

} // namespace cring::state
