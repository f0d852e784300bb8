// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/restoreaside.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace cring::backup {

namespace {

const QByteArray kFact = QByteArrayLiteral("restore_aside");

} // namespace

RestoreAside::RestoreAside(state::BucketLedger &ledger, state::BucketLedger::Bucket bucket)
    : m_ledger(ledger)
    , m_bucket(bucket)
{
    const QJsonObject kept = QJsonDocument::fromJson(m_ledger.fact(m_bucket, kFact)).object();
    for (auto at = kept.begin(); at != kept.end(); ++at)
        m_ids.insert(QByteArray::fromBase64(at.key().toLatin1()), at.value().toString().toULongLong());
}

void RestoreAside::note(const state::ObjectKey &key, quint64 id)
{
    m_ids.insert(key, id);
    save();
}

void RestoreAside::drop(const state::ObjectKey &key)
{
    if (m_ids.remove(key) > 0)
        save();
}

void RestoreAside::clear()
{
    if (m_ids.isEmpty())
        return;
    m_ids.clear();
    save();
}

void RestoreAside::save()
{
    QJsonObject kept;
    for (auto at = m_ids.cbegin(); at != m_ids.cend(); ++at)
        kept.insert(QString::fromLatin1(at.key().toBase64()), QString::number(at.value()));
    m_ledger.setFact(m_bucket, kFact,
                     kept.isEmpty() ? QByteArray() : QJsonDocument(kept).toJson(QJsonDocument::Compact));
}

} // namespace cring::backup
