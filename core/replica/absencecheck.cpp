// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/absencecheck.h"

#include "core/replica/answers.h"
#include "core/replica/requests.h"

namespace cring::replica {

AbsenceCheck::AbsenceCheck(Environment &environment, const ObjectKey &key, quint64 version)
    : QObject(&environment.lanes)
    , m_environment(environment)
    , m_use(environment.use)
    , m_key(key)
    , m_version(version)
{
}

void AbsenceCheck::start(Environment &environment, const Credentials &credentials, const ObjectKey &key,
                         quint64 version)
{
    (new AbsenceCheck(environment, key, version))->ask(credentials);
}

void AbsenceCheck::ask(const Credentials &credentials)
{
    m_waiting = 1;
    const QByteArray path = m_key.sliced(qMin(m_key.size(), credentials.account.size() + 1));
    const QList<health::Backend *> owners = m_environment.owners(m_key);
    for (health::Backend *owner : owners) {
        // What is owed there already is no evidence of anything.
        if (!m_environment.catalogue.trusts(owner->id()) ||
            m_environment.catalogue.copyState(m_key, owner->id()) != CopyState::Unknown)
            continue;
        if (!owner->usable()) {
            ++m_silent;
            continue;
        }
        ++m_waiting;
        owner->pool().exchange(
            fileRequest("HEAD", credentials, path), m_environment.config.timing.readTimeout, kMaxErrorBody,
            this,
            [this, id = owner->id()](const Result<http::Response> &result) { handleAnswer(id, result); });
    }
    QMetaObject::invokeMethod(this, &AbsenceCheck::decide, Qt::QueuedConnection);
}

void AbsenceCheck::handleAnswer(const QString &server, const Result<http::Response> &result)
{
    if (result && result->status == 404 && !isMissingUser(404, result->body))
        m_without << server;
    else if (!result || result->status != 200)
        ++m_silent;
    decide();
}

void AbsenceCheck::decide()
{
    if (--m_waiting > 0)
        return;
    if (m_without.isEmpty() || m_without.size() + m_silent >= m_environment.config.quorum()) {
        deleteLater();
        return;
    }
    m_environment.locks.acquire(m_key, this, [this](PathLocks::Lease) {
        const auto now = m_environment.catalogue.find(m_key);
        const bool isSame = now && !now->deleted && now->version == m_version;
        for (const QString &id : std::as_const(m_without)) {
            if (isSame)
                m_environment.catalogue.mark(m_key, id, Debt::Stale);
        }
        deleteLater();
    });
}

} // namespace cring::replica
