// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/meteredpause.h"

namespace cring::models {

namespace {

QJsonObject byMetered()
{
    return {{QStringLiteral("by"), QStringLiteral("metered")}};
}

} // namespace

MeteredPause::MeteredPause(ServiceLink &link, const DesktopChoices &choices,
                           std::chrono::milliseconds renewal, QObject *parent)
    : QObject(parent)
    , m_link(link)
    , m_choices(choices)
{
    m_renewal.setInterval(renewal);
    connect(&m_renewal, &QTimer::timeout, this, &MeteredPause::renew);
    connect(&choices, &DesktopChoices::changed, this, &MeteredPause::update);
    connect(&link, &ServiceLink::snapshotChanged, this, &MeteredPause::handleSnapshot);
    connect(&link, &ServiceLink::opened, this, [this] {
        // Another service may know nothing of it: what it does not say is nobody's decision.
        m_isHeld = false;
        if (m_renewal.isActive())
            renew();
    });
}

void MeteredPause::setMetered(bool metered)
{
    if (std::exchange(m_isMetered, metered) == metered)
        return;
    m_isOverruled = false;
    update();
}

void MeteredPause::update()
{
    const bool isWanted = m_isMetered && m_choices.pausesOnMetered() && !m_isOverruled;
    if (isWanted == m_renewal.isActive())
        return;
    if (isWanted) {
        m_renewal.start();
        renew();
        return;
    }
    m_renewal.stop();
    m_isHeld = false;
    if (!m_isOverruled)
        m_link.call(QStringLiteral("resume"), byMetered(), this, [](const Result<QJsonObject> &) {});
}

void MeteredPause::renew()
{
    QJsonObject params = byMetered();
    params.insert(QStringLiteral("forMs"), static_cast<qint64>(lease.count()));
    m_link.call(QStringLiteral("pause"), params, this, [this](const Result<QJsonObject> &answer) {
        m_isHeld = answer.ok() && m_renewal.isActive();
        if (m_isHeld && m_link.snapshot())
            m_seenMs = m_link.snapshot()->takenMs;
    });
}

void MeteredPause::handleSnapshot()
{
    const control::Snapshot &snapshot = *m_link.snapshot();
    if (snapshot.pausedBy.contains(QStringLiteral("metered"))) {
        m_seenMs = snapshot.takenMs;
        return;
    }
    if (!m_isHeld)
        return;
    m_isHeld = false;
    if (snapshot.takenMs - m_seenMs >= lease.count() / 2) {
        renew(); // The machine slept, and it ran out meanwhile.
        return;
    }
    m_isOverruled = true; // Somebody has ended it.
    update();
}

} // namespace cring::models
