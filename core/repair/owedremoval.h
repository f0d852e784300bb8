// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/listing.h"
#include "core/http/exchange.h"
#include "core/replica/environment.h"

#include <list>

namespace cring::repair {

using replica::CopyState;
using replica::Credentials;
using replica::Debt;
using replica::Environment;
using replica::forEachAncestor;
using replica::ObjectKey;
using replica::objectKey;
using replica::Record;

/// Carries out a delete that one server has missed: everything goes that is at the path or below it and older
/// than the delete. What was acknowledged there since stays, so where there is such a thing the entries go
/// one by one, each under its own lock, a few at a time. So they do where something may be that nobody has
/// deleted: what is not recorded and newer than a folder that was made again stays, and what was not gone
/// through yet at a server is kept aside first, as is a file in the place of a folder, and what is younger
/// than a debt from before the start.
class OwedRemoval final : public QObject
{
    Q_OBJECT

public:
    /// `version`: of the delete.
    OwedRemoval(Environment &environment, health::Backend &target, const Credentials &credentials,
                const QByteArray &path, quint64 version, QObject *parent);

    /// Before start(): the delete is owed since then (Catalogue::inheritedSince()), and what is younger is
    /// kept aside. `modified`: of a file at the path itself. Both since 1970, UTC, by the ring's clock.
    void keepYounger(std::chrono::milliseconds since, std::chrono::milliseconds modified);

    void start();

Q_SIGNALS:
    /// Once, from the event loop. `problem` is empty when all of it is gone.
    void finished(const QString &problem);

private:
    enum class Kind { Unknown, File, Folder, Emptied };
    struct Item
    {
        QByteArray path;
        Kind kind = Kind::Unknown;
        std::chrono::milliseconds modified{0}; ///< By the ring's clock, since 1970, UTC; 0: not known.
    };

    void next();
    void visit(const Item &item);
    void look(const Item &item);
    void list(const QByteArray &path);
    void visitFile(const Item &item);
    void keepAside(const Item &item);
    void remove(const Item &item);
    void removeLocked(const Item &item, const std::shared_ptr<replica::PathLocks::Lease> &lease);
    void removeEmptied(const Item &item, const std::shared_ptr<replica::PathLocks::Lease> &lease);
    void send(const Item &item, const std::shared_ptr<replica::PathLocks::Lease> &lease);
    bool mayHoldOthers(const ObjectKey &key) const;
    bool isStray(const ObjectKey &key, const Item &item) const;
    bool isToBeKept(const ObjectKey &key, const Item &item) const;
    void handleEntries(const QByteArray &path, const Result<http::Response> &result);
    void done(const QString &problem = {});
    bool livesAt(const ObjectKey &key) const;

    Environment &m_environment;
    health::Backend &m_target;
    Credentials m_credentials;
    quint64 m_version;
    std::optional<std::chrono::milliseconds> m_since; ///< What is younger is kept aside.
    std::list<Item> m_items;
    std::vector<QByteArray> m_folders; ///< Whose entries are among them, or were.
    int m_underWay = 0;
    QString m_problem;
};

} // namespace cring::repair
