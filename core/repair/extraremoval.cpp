// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/extraremoval.h"

#include "core/repair/copychange.h"

#include <algorithm>

namespace cring::repair {

using replica::CopyLook;

ExtraRemoval::ExtraRemoval(replica::Environment &environment, health::Backend &target,
                           const replica::ObjectKey &key, const replica::Credentials &credentials,
                           QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_use(environment.use)
    , m_target(target)
    , m_key(key)
    , m_credentials(credentials)
    , m_record(environment.catalogue.find(key))
{
}

ExtraRemoval::~ExtraRemoval() = default;

void ExtraRemoval::start()
{
    m_right = m_environment.catalogue.copyState(m_key, m_target.id()) == state::CopyState::Unknown;
    m_waiting = 1;
    if (m_right && m_record && !m_record->deleted) {
        const QList<health::Backend *> owners = m_environment.owners(m_key);
        for (health::Backend *owner : owners) {
            if (!owner->usable() || !m_environment.catalogue.holds(m_key, owner->id())) {
                end(QStringLiteral("stays as long as %1 has none").arg(owner->name()));
                return;
            }
        }
        for (health::Backend *owner : owners) {
            ++m_waiting;
            auto look = std::make_unique<CopyLook>(m_environment, *owner, m_key, m_credentials, nullptr);
            connect(look.get(), &CopyLook::finished, this, &ExtraRemoval::handleLooked);
            look->start();
            m_looks.push_back(std::move(look));
        }
    }
    handleLooked();
}

void ExtraRemoval::handleLooked()
{
    if (m_ended || --m_waiting > 0)
        return;
    for (const auto &look : m_looks) {
        const CopyLook::Finding &finding = look->finding();
        const bool holds = m_record->folder             ? finding.what == CopyLook::What::Folder
                           : m_record->digest.isEmpty() ? finding.what == CopyLook::What::File
                                                        : finding.is(m_record->digest);
        if (holds)
            continue;
        if (finding.what != CopyLook::What::NoAnswer)
            m_environment.catalogue.mark(m_key, look->backend().id(), state::Debt::Suspect);
        end(QStringLiteral("stays: the copy of %1 is not right").arg(look->backend().name()));
        return;
    }
    m_environment.locks.acquireBehind(m_key, this, [this](replica::PathLocks::Lease lease) {
        m_lease = std::move(lease);
        remove();
    });
}

/// What was read may be another by the time that the path is free.
bool ExtraRemoval::holdsStill() const
{
    const state::Catalogue &catalogue = m_environment.catalogue;
    const quint64 version = m_record ? m_record->version : 0;
    if (versionOf(m_environment, m_key) != version || catalogue.livesBelow(m_key, version))
        return false;
    const bool right = catalogue.copyState(m_key, m_target.id()) == state::CopyState::Unknown;
    const QList<health::Backend *> owners = m_environment.owners(m_key);
    if (right != m_right || owners.contains(&m_target))
        return false;
    return std::all_of(m_looks.begin(), m_looks.end(), [&](const auto &look) {
        health::Backend &owner = look->backend();
        return owners.contains(&owner) && owner.usable() && catalogue.holds(m_key, owner.id()) &&
               catalogue.copyState(m_key, owner.id()) == state::CopyState::Unknown &&
               !catalogue.isSuspect(m_key, owner.id());
    });
}

void ExtraRemoval::remove()
{
    if (m_ended)
        return;
    if (!holdsStill()) {
        end(QStringLiteral("the file was changed meanwhile"));
        return;
    }
    deleteCopy(m_environment, m_target, m_key, m_credentials, this,
               [this](int, const QString &problem) { end(problem); });
}

void ExtraRemoval::end(const QString &problem)
{
    if (std::exchange(m_ended, true))
        return;
    m_lease.release();
    QMetaObject::invokeMethod(
        this, [this, problem] { Q_EMIT finished(problem); }, Qt::QueuedConnection);
}

} // namespace cring::repair
