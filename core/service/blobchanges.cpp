// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/blobchanges.h"

#include "core/service/blobentry.h"
#include "core/service/filenames.h"
#include "core/service/objectjson.h"
#include "core/service/page.h"

namespace cring::service {

using state::ObjectKey;

BlobChanges::BlobChanges(BlobHooks hooks, bool named, control::Subscription &subscription)
    : QObject(&subscription)
    , m_hooks(std::move(hooks))
    , m_named(named)
    , m_subscription(subscription)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(interval);
    connect(&m_timer, &QTimer::timeout, this, &BlobChanges::tell);
    connect(m_hooks.catalogue, &state::Catalogue::touched, this, &BlobChanges::note);
    if (m_hooks.ledger)
        connect(m_hooks.ledger, &state::BucketLedger::touched, this, &BlobChanges::note);
    if (m_named && m_hooks.names)
        connect(m_hooks.names, &FileNames::changed, this, &BlobChanges::tellToListAnew);
}

void BlobChanges::tellToListAnew()
{
    m_tooMany = true;
    m_waiting.clear();
    if (!m_timer.isActive())
        m_timer.start();
}

void BlobChanges::note(const ObjectKey &key)
{
    if (!m_tooMany)
        m_waiting.insert(key);
    if (m_waiting.size() > mostWaiting)
        tellToListAnew();
    else if (!m_timer.isActive())
        m_timer.start();
}

void BlobChanges::tell()
{
    const QString topic = QStringLiteral("blobs");
    if (std::exchange(m_tooMany, false)) {
        m_subscription.notify(topic, {{QStringLiteral("listAnew"), true}});
        return;
    }
    const BlobEntries entries(m_hooks, m_named);
    constexpr qsizetype kMost = 250;
    Page page(kMost);
    Page gone(kMost);
    while (!m_waiting.empty() && !page.isFull() && !gone.isFull()) {
        const ObjectKey key = m_waiting.extract(m_waiting.begin()).value();
        const auto record = m_hooks.catalogue->find(key);
        if (record && !record->deleted) {
            page.add(entries.entry(key, {*record, m_hooks.catalogue->holders(key)}));
            continue;
        }
        QJsonObject object = objectJson(key);
        object.insert(QStringLiteral("version"), static_cast<qint64>(m_hooks.catalogue->tombstone(key)));
        gone.add(object);
    }
    if (!m_waiting.empty())
        m_timer.start();
    QJsonObject parcel = page.answer(topic, {});
    parcel.insert(QStringLiteral("gone"), gone.answer(topic, {}).value(topic));
    m_subscription.notify(topic, parcel);
}

} // namespace cring::service
