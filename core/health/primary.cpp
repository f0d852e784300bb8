// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/health/primary.h"

#include <QFile>
#include <QLoggingCategory>
#include <QSaveFile>

namespace cring::health {
using std::chrono::milliseconds;

namespace {
Q_LOGGING_CATEGORY(logPrimary, "cring.primary")

/// Linking waits up to 60 s on either side, and a person types in between.
constexpr milliseconds kHoldAfterSession{180'000};
constexpr qint64 kLongestId = 1024;
} // namespace

Primary::Primary(const IClock &clock, const QString &stateDir, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_file(stateDir.isEmpty() ? QString() : stateDir + QStringLiteral("/primary"))
{
}

void Primary::setBackends(BackendSet &backends)
{
    QString id;
    QFile file(m_file);
    if (m_current)
        id = m_current->id();
    else if (!m_file.isEmpty() && file.open(QIODevice::ReadOnly))
        id = QString::fromUtf8(file.readLine(kLongestId)).trimmed();
    m_backends = &backends;
    m_current = backends.find(id);
    if (!m_current && backends.size() > 0)
        m_current = backends.all().constFirst();
    if (m_current && m_current->id() != id)
        Q_EMIT changed();
}

QList<Backend *> Primary::candidates() const
{
    QList<Backend *> candidates = m_backends->usable();
    const qsizetype at = candidates.indexOf(m_current);
    if (at > 0)
        candidates.move(at, 0);
    return candidates;
}

void Primary::failedOver(Backend *served)
{
    Backend *backend = m_backends->find(served->id());
    if (!backend || backend == m_current)
        return;
    if (m_current->usable() && held())
        return;
    qCWarning(logPrimary,
              "%s is the primary now, instead of %s: an account that was made on %s lately may be missing",
              qUtf8Printable(backend->label()), qUtf8Printable(m_current->label()),
              qUtf8Printable(m_current->label()));
    moveTo(backend);
}

Status Primary::promote(const QString &id)
{
    Backend *backend = m_backends->find(id);
    if (!backend)
        return Error{Code::NotFound, QStringLiteral("no server is called %1").arg(id)};
    if (backend != m_current)
        moveTo(backend);
    return {};
}

void Primary::sessionOpened(Backend *backend)
{
    ++m_sessions[backend->id()];
}

void Primary::sessionClosed(Backend *backend)
{
    --m_sessions[backend->id()];
    m_lastClosed.insert(backend->id(), m_clock.steady());
}

bool Primary::held() const
{
    if (!m_current)
        return false;
    if (m_sessions.value(m_current->id()) > 0)
        return true;
    const auto closed = m_lastClosed.constFind(m_current->id());
    return closed != m_lastClosed.constEnd() && m_clock.steady() - *closed < kHoldAfterSession;
}

void Primary::moveTo(Backend *backend)
{
    m_current = backend;
    remember();
    Q_EMIT changed();
}

void Primary::remember() const
{
    if (m_file.isEmpty())
        return;
    QSaveFile file(m_file);
    const bool saved =
        file.open(QIODevice::WriteOnly) && file.write(m_current->id().toUtf8() + '\n') > 0 && file.commit();
    if (!saved)
        qCWarning(logPrimary, "cannot remember the primary in %s: %s", qUtf8Printable(m_file),
                  qUtf8Printable(file.errorString()));
}

} // namespace cring::health
