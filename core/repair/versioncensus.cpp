// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/versioncensus.h"

#include "core/repair/copytimes.h"

#include <algorithm>

namespace cring::repair {

using replica::CopyLook;
using replica::CopyState;

VersionCensus::VersionCensus(replica::Environment &environment, FolderTimes &times, health::Backend &first,
                             const replica::ObjectKey &key, const replica::Credentials &credentials,
                             const QByteArray &digest, const Rules &rules, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_times(times)
    , m_first(first)
    , m_key(key)
    , m_credentials(credentials)
    , m_digest(digest)
    , m_rules(rules)
    , m_owners(environment.owners(key))
{
}

VersionCensus::~VersionCensus() = default;

void VersionCensus::start()
{
    for (health::Backend *owner : m_owners) {
        const QString &id = owner->id();
        // After a power cut what is known of a copy may be older than the copy.
        const bool votes =
            m_environment.catalogue.trusts(id) &&
            (!m_rules.voters || m_environment.catalogue.copyState(m_key, id) == *m_rules.voters ||
             m_environment.catalogue.powerCutAt() > 0);
        if (owner == &m_first || !votes)
            continue;
        if (!owner->usable() || m_environment.lanes.isBusy(id, m_key)) {
            end(Result::Unknown);
            return;
        }
        m_waiting << owner;
    }
    whenNewer(m_first, [this] {
        m_alike << m_first.id();
        askNext();
    });
}

void VersionCensus::askNext()
{
    if (m_look)
        m_look.release()->deleteLater(); // this may be inside its signal
    if (m_waiting.isEmpty()) {
        const auto owners =
            std::count_if(m_owners.begin(), m_owners.end(),
                          [this](const health::Backend *owner) { return m_alike.contains(owner->id()); });
        end(owners >= m_environment.config.quorum() ? Result::Quorum : Result::Few);
        return;
    }
    health::Backend &owner = *m_waiting.takeFirst();
    whenNewer(owner, [this, &owner] { look(owner); });
}

/// One whose copy is too old is passed over.
void VersionCensus::whenNewer(health::Backend &owner, std::function<void()> then)
{
    if (!m_rules.newerThan) {
        then();
        return;
    }
    m_times.ask(m_environment, owner, m_key, m_credentials, this,
                [this, then = std::move(then)](const cring::Result<FolderTimes::File> &file) {
                    if (!file)
                        end(Result::Unknown);
                    else if (file->modified + kClockError > *m_rules.newerThan)
                        then();
                    else
                        askNext();
                });
}

void VersionCensus::look(health::Backend &owner)
{
    m_look = std::make_unique<CopyLook>(m_environment, owner, m_key, m_credentials, nullptr);
    connect(m_look.get(), &CopyLook::finished, this, &VersionCensus::handleLooked);
    m_look->start();
}

void VersionCensus::handleLooked()
{
    const CopyLook::Finding &finding = m_look->finding();
    const auto record = m_environment.catalogue.find(m_key);
    if (finding.what == CopyLook::What::NoAnswer && finding.status == 0) {
        end(Result::Unknown);
        return;
    }
    if (finding.is(m_digest))
        m_alike << m_look->backend().id();
    if (m_rules.voters != CopyState::Unknown && record && finding.is(record->digest))
        end(Result::Recorded);
    else
        askNext();
}

void VersionCensus::end(Result result)
{
    QMetaObject::invokeMethod(
        this, [this, result] { Q_EMIT finished(result); }, Qt::QueuedConnection);
}

} // namespace cring::repair
