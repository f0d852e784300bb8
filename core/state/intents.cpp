// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/state/intents.h"

namespace cring::state {

namespace {

/// Ids of servers are text without line breaks.
constexpr char kBetween = '\n';

} // namespace

Intents::Intents(Database &database, Catalogue &catalogue, const IClock &clock)
    : m_database(database)
    , m_catalogue(catalogue)
    , m_clock(clock)
{
}

Intent Intents::fromRow(const Row &row) const
{
    Intent intent;
    intent.id = static_cast<quint64>(row.int64(0));
    intent.key = row.blob(1);
    intent.kind = static_cast<Intent::Kind>(row.int64(2));
    intent.record.size = row.int64(3);
    intent.record.digest = row.blob(4);
    intent.record.mode = static_cast<quint32>(row.int64(5));
    if (!row.isNull(6))
        intent.existed = row.int64(6) != 0;
    const QByteArrayList targets = row.blob(7).split(kBetween);
    for (const QByteArray &target : targets) {
        if (!target.isEmpty())
            intent.targets << QString::fromUtf8(target);
    }
    intent.acknowledged = row.int64(8) != 0;
    return intent;
}

Status Intents::load()
{
    return m_database.session().each(
        QStringLiteral("SELECT id, key, kind, size, digest, mode, existed, targets, acknowledged"
                       " FROM intents ORDER BY id"),
        {}, [this](const Row &row) { m_left << fromRow(row); });
}

void Intents::takeUp()
{
    const QList<Intent> left = std::exchange(m_left, {});
    for (const Intent &intent : left) {
        m_last = std::max(m_last, intent.id);
        for (const QString &target : intent.targets) {
            if (const auto debt = owedBy(target, intent))
                m_catalogue.mark(intent.key, target, *debt);
        }
        if (intent.kind != Intent::Kind::Removal && !intent.acknowledged)
            m_unresolved.insert(intent.id, intent);
        else
            close(intent.id);
    }
}

std::optional<Debt> Intents::owedBy(const QString &target, const Intent &intent) const
{
    // What has the acknowledged version has answered.
    if (intent.acknowledged && m_catalogue.holds(intent.key, target))
        return std::nullopt;
    if (intent.kind != Intent::Kind::Folder)
        return Debt::InDoubt;
    // One that is made late does no harm where there shall be one.
    if (!intent.acknowledged)
        return std::nullopt;
    const auto record = m_catalogue.find(intent.key);
    const bool isWanted = record && !record->deleted && record->folder;
    return isWanted ? intent.debtOfFolder() : Debt::InDoubt;
}

quint64 Intents::open(const Intent &intent, Durability durability, QObject *context,
                      std::function<void()> committed)
{
    const quint64 id = ++m_last;
    QByteArray targets;
    for (const QString &target : intent.targets)
        targets += target.toUtf8() + kBetween;
    const QVariantList values{static_cast<qint64>(id),
                              intent.key,
                              static_cast<int>(intent.kind),
                              intent.record.size,
                              intent.record.digest,
                              intent.record.mode,
                              intent.existed ? QVariant(*intent.existed ? 1 : 0) : QVariant(),
                              targets,
                              static_cast<qint64>(m_clock.wall().count())};
    m_database.write(
        [values](Session &session) {
            return session.run(
                QStringLiteral("INSERT OR REPLACE INTO intents (id, key, kind, size, digest, mode, existed,"
                               " targets, acknowledged, since) VALUES (?,?,?,?,?,?,?,?,0,?)"),
                values);
        },
        durability, context, std::move(committed));
    return id;
}

void Intents::acknowledge(quint64 id)
{
    m_database.write([id = static_cast<qint64>(id)](Session &session) {
        return session.run(QStringLiteral("UPDATE intents SET acknowledged = 1 WHERE id = ?"), {id});
    });
}

void Intents::close(quint64 id)
{
    m_database.write([id = static_cast<qint64>(id)](Session &session) {
        return session.run(QStringLiteral("DELETE FROM intents WHERE id = ?"), {id});
    });
}

bool Intents::isUnresolved(const ObjectKey &key) const
{
    return std::any_of(m_unresolved.begin(), m_unresolved.end(), [&](const Intent &intent) {
        return isAtOrBelow(intent.key, key) || isAtOrBelow(key, intent.key);
    });
}

void Intents::resolve(quint64 id)
{
    const auto intent = m_unresolved.constFind(id);
    if (intent == m_unresolved.constEnd())
        return;
    const ObjectKey key = intent->key;
    m_unresolved.erase(intent);
    close(id);
    Q_EMIT resolved(key);
}

} // namespace cring::state
