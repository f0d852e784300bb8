// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/members.h"

#include <QObject>

#include <map>

namespace cring::state {

/// What one server has accepted of an account and others have not got yet: names, encrypt keys, sequence
/// numbers. A name takes the place of the name before it, and so does a sequence; keys are many. In memory
/// and in the database, bounded. One thread.
class AccountWork final : public QObject
{
    Q_OBJECT

public:
    /// In all. What is more is not kept: what one server knows, the synchronisation of accounts brings to
    /// the others as well.
    static constexpr qsizetype kMaxItems = 10'000;

    struct Item
    {
        quint64 id = 0;
        QString server; ///< Its id.
        QByteArray account;
        QByteArray target; ///< Of the POST, such as "/v1/bio".
        QByteArray body;
        QByteArray contentType;
        qint64 since = 0; ///< ms since 1970, UTC.
    };

    AccountWork(Database &database, Members &members, const IClock &clock);

    /// Before the event loop runs.
    Status load();
    /// False when there is no room for it. The item's id and time are given here.
    bool add(Item item);
    void done(quint64 id);
    /// By id, the oldest first.
    const std::map<quint64, Item> &items() const { return m_items; }
    qsizetype count(const QString &server) const;

Q_SIGNALS:
    void added();

private:
    Database &m_database;
    Members &m_members;
    const IClock &m_clock;
    quint64 m_last = 0;
    std::map<quint64, Item> m_items;
    QHash<QByteArray, quint64> m_byWhat; ///< Server, account, address and, for keys, the body.
};

} // namespace cring::state
