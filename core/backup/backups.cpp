// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/backups.h"

#include <algorithm>

namespace cring::backup {

using telemetry::Category;
using telemetry::Level;

namespace {

/// Something was on its way to the bucket when the service was stopped.
const QByteArray kInFlight = QByteArrayLiteral("in_flight");

QSet<QByteArray> accountsOf(const config::Backup &backup)
{
    QSet<QByteArray> accounts;
    QString text = backup.accounts;
    for (const QString &word : text.replace(u',', u' ').split(u' ', Qt::SkipEmptyParts))
        accounts.insert(word.toLatin1());
    return accounts;
}

} // namespace

Backups::Backups(state::BucketLedger &ledger, state::BackupUploads &uploads, replica::ITokenSource &tokens,
                 config::ISecretStore &secrets, const IClock &clock, IRandom &random,
                 telemetry::ActivityLog &activity)
    : m_ledger(ledger)
    , m_activity(activity)
    , m_means{ledger, uploads, tokens, secrets, m_workers, clock, random, activity}
{
}

Backups::~Backups() = default;

void Backups::setEnvironment(replica::Environment &environment)
{
    const QList<config::Backup> &configured = environment.config.backups;
    if (m_configured != configured) {
        // Before anything that they work with changes.
        Q_EMIT lettingGo();
        for (const auto &target : m_targets)
            target->growth().flush();
        m_configured = configured;
        QList<std::pair<QString, QSet<QByteArray>>> buckets;
        for (const config::Backup &backup : configured)
            buckets.append({backup.id, accountsOf(backup)});
        m_ledger.configure(buckets);
        std::vector<std::unique_ptr<Target>> next;
        QList<Target *> added;
        for (qsizetype i = 0; i < configured.size(); ++i) {
            std::unique_ptr<Target> target = take(configured[i], i);
            if (!target) {
                target = make(configured[i], i);
                added.append(target.get());
            }
            if (target)
                next.push_back(std::move(target));
        }
        // What was on the wire may still land there.
        for (Target *target : std::as_const(added)) {
            const auto before = std::ranges::find_if(m_targets, [target](const std::unique_ptr<Target> &old) {
                return target && old && old->bucket() == target->bucket();
            });
            if (before != m_targets.end())
                target->mirror().setUncertain((*before)->mirror().uncertain());
        }
        m_targets = std::move(next);
        // Whoever is told of a change looks at all of them.
        for (Target *target : std::as_const(added)) {
            if (target)
                begin(*target);
        }
        Q_EMIT changed();
    }
    for (const auto &target : m_targets)
        target->mirror().setEnvironment(environment);
}

/// The one that is there, where nothing of it has changed; its place in the list names its secrets.
std::unique_ptr<Target> Backups::take(const config::Backup &config, qsizetype index)
{
    const auto same = std::ranges::find_if(m_targets, [&](const std::unique_ptr<Target> &target) {
        return target && target->config() == config && target->index() == index;
    });
    return same == m_targets.end() ? nullptr : std::move(*same);
}

std::unique_ptr<Target> Backups::make(const config::Backup &config, qsizetype index)
{
    auto made = Target::make(config, index, *m_ledger.find(config.id), m_means);
    if (made)
        return std::move(*made);
    m_activity.record(Level::Error, Category::Backup,
                      QStringLiteral("backup %1: %2").arg(config.name, made.error().detail));
    return nullptr;
}

void Backups::begin(Target &target)
{
    connect(&target, &Target::changed, this, &Backups::changed);
    target.mirror().setPaused(m_paused);
    if (m_restarted || !m_ledger.fact(target.bucket(), kInFlight).isEmpty()) {
        m_ledger.setFact(target.bucket(), kInFlight, {});
        target.mirror().setRestarted();
    }
    target.start();
}

void Backups::setPaused(bool paused)
{
    m_paused = paused;
    for (const auto &target : m_targets)
        target->mirror().setPaused(paused);
}

void Backups::stop()
{
    Q_EMIT lettingGo();
    for (const auto &target : m_targets) {
        if (!target->mirror().uncertain().isEmpty())
            m_ledger.setFact(target->bucket(), kInFlight, "1");
    }
    m_targets.clear();
}

Target *Backups::find(const QString &name) const
{
    if (name.isEmpty())
        return m_targets.size() == 1 ? m_targets.front().get() : nullptr;
    const auto found = std::ranges::find_if(m_targets, [&](const std::unique_ptr<Target> &target) {
        return target->config().name == name || target->config().id == name;
    });
    return found == m_targets.end() ? nullptr : found->get();
}

} // namespace cring::backup
