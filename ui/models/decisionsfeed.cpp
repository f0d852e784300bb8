// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/decisionsfeed.h"

#include "ui/models/servicesentences.h"

#include <QJsonArray>
#include <QSet>

namespace cring::models {

namespace {

QJsonObject pageAfter(const QString &after)
{
    return after.isEmpty() ? QJsonObject() : QJsonObject{{QStringLiteral("after"), after}};
}

} // namespace

DecisionsFeed::DecisionsFeed(ServiceLink &link, FindingsModel &findings, KeptVersionsModel &versions,
                             QObject *parent)
    : QObject(parent)
    , m_link(link)
    , m_findings(findings)
    , m_versions(versions)
{
    connect(&link, &ServiceLink::opened, this, [this] { m_counted.reset(); });
    connect(&link, &ServiceLink::snapshotChanged, this, &DecisionsFeed::handleSnapshot);
}

DecisionsFeed::Counted DecisionsFeed::counted() const
{
    const control::Snapshot &snapshot = *m_link.snapshot();
    return {snapshot.findings, snapshot.conflicts, snapshot.accounts.clashes.size()};
}

void DecisionsFeed::setWatched(bool watched)
{
    if (std::exchange(m_isWatched, watched) == watched || !watched)
        return;
    readAgain();
}

void DecisionsFeed::handleSnapshot()
{
    if (m_isWatched && m_counted != counted())
        readAgain();
}

void DecisionsFeed::readAgain()
{
    if (m_link.state() != ServiceLink::State::Connected)
        return;
    if (m_reading > 0) {
        m_isOutdated = true;
        return;
    }
    m_isOutdated = false;
    m_counted = counted();
    m_newFindings.clear();
    m_newVersions.clear();
    m_reading = 2;
    readFindings({});
    readVersions({});
}

void DecisionsFeed::readFindings(const QString &after)
{
    m_link.call(QStringLiteral("findings.list"), pageAfter(after), this,
                [this](const Result<QJsonObject> &answer) {
                    if (!answer) {
                        handleEnd();
                        return;
                    }
                    const QJsonArray page = answer->value(QStringLiteral("findings")).toArray();
                    for (const QJsonValue &finding : page)
                        m_newFindings.append(FindingRow::fromJson(finding.toObject()));
                    m_clashes.clear();
                    for (const QJsonValue clash : answer->value(QStringLiteral("clashes")).toArray())
                        m_clashes.append(serviceSentence(clash.toString()));
                    const QString next = answer->value(QStringLiteral("next")).toString();
                    if (!next.isEmpty() && !page.isEmpty() && m_newFindings.size() < FindingsModel::maxRows) {
                        readFindings(next);
                        return;
                    }
                    const qint64 all = answer->value(QStringLiteral("count")).toInteger() +
                                       answer->value(QStringLiteral("overflow")).toInteger();
                    m_unshown = std::max<qint64>(0, all - m_newFindings.size());
                    handleEnd();
                });
}

void DecisionsFeed::readVersions(const QString &after)
{
    m_link.call(
        QStringLiteral("conflicts.list"), pageAfter(after), this, [this](const Result<QJsonObject> &answer) {
            if (!answer) {
                handleEnd();
                return;
            }
            const QJsonArray page = answer->value(QStringLiteral("conflicts")).toArray();
            for (const QJsonValue &conflict : page)
                m_newVersions += KeptVersionRow::fromJson(conflict.toObject());
            const QString next = answer->value(QStringLiteral("next")).toString();
            if (!next.isEmpty() && !page.isEmpty() && m_newVersions.size() < KeptVersionsModel::maxRows)
                readVersions(next);
            else
                handleEnd();
        });
}

void DecisionsFeed::handleEnd()
{
    if (--m_reading > 0)
        return;
    const qint64 now = m_link.snapshot() ? m_link.snapshot()->takenMs : 0;
    m_findings.setFindings(m_newFindings, now);
    m_versions.setVersions(m_newVersions, now);
    Q_EMIT read();
    if (m_isOutdated)
        readAgain();
}

} // namespace cring::models
