// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/catalogue.h"

#include <optional>

namespace cring::state {

/// A change that is about to reach servers, or has, and whose outcome is not all in the catalogue yet.
struct Intent
{
    enum class Kind : quint8 { Upload = 0, Removal = 1, Folder = 2 };

    quint64 id = 0;
    Kind kind = Kind::Upload;
    ObjectKey key;
    Record record;               ///< What an upload stores: size, digest, mode. The mode of a folder.
    std::optional<bool> existed; ///< Whether something was at the path; nothing: not known.
    QList<QString> targets;      ///< Servers that may get it.
    bool acknowledged = false;   ///< The catalogue has its record.

    /// Of a server that has not got the folder: what lay in one that was there before is as good there as
    /// elsewhere.
    Debt debtOfFolder() const { return existed == true ? Debt::Suspect : Debt::Stale; }
};

/// The intents of the write path: in the database before the first byte from which on a server may act, and
/// out of it when every server has answered. What a service that was killed leaves behind is loaded at the
/// next start: whoever may have got such a change is in doubt then, and an upload or a folder that nobody had
/// acknowledged is *unresolved*: whether it holds, its servers must say. One thread.
class Intents final : public QObject
{
    Q_OBJECT

public:
    Intents(Database &database, Catalogue &catalogue, const IClock &clock);

    /// Before the event loop runs.
    Status load();
    /// Once everything is loaded: marks the copies that are in doubt because of what was left.
    void takeUp();

    /// `committed` comes from the event loop when a death of the service (with Durability::Power, of the
    /// machine) would leave it behind; never when `context` dies first.
    quint64 open(const Intent &intent, Durability durability, QObject *context,
                 std::function<void()> committed);
    /// With the record, which the catalogue has got just before.
    void acknowledge(quint64 id);
    /// Whatever is left of it is in the catalogue.
    void close(quint64 id);

    /// Uploads and folders that a killed service left, and that have no outcome yet.
    const QHash<quint64, Intent> &unresolved() const { return m_unresolved; }
    /// One of these at the path, above it, or below it.
    bool isUnresolved(const ObjectKey &key) const;
    /// Its outcome is in the catalogue.
    void resolve(quint64 id);

Q_SIGNALS:
    void resolved(const QByteArray &key);

private:
    Intent fromRow(const Row &row) const;
    std::optional<Debt> owedBy(const QString &target, const Intent &intent) const;

    Database &m_database;
    Catalogue &m_catalogue;
    const IClock &m_clock;
    quint64 m_last = 0;
    QList<Intent> m_left; ///< Until takeUp().
    QHash<quint64, Intent> m_unresolved;
};

} // namespace cring::state
