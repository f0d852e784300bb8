// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/noticewatch.h"

#include "core/control/noticememory.h"
#include "core/control/troubles.h"
#include "core/service/troublewords.h"

#include <QJsonDocument>

namespace cring::service {

using control::NoticeKind;
using control::Topic;
using std::chrono::milliseconds;

namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 2s;
constexpr qsizetype kMostLines = 10;
/// A bucket's trouble takes backupPatience to show, and its keys a moment to be read.
constexpr milliseconds kCarried = control::backupPatience + 30s;
constexpr QLatin1String kTold("told");
constexpr QLatin1String kWaiting("waiting");

control::NoticeWishes wishesOf(const config::Notify &settings)
{
    control::NoticeWishes wishes;
    const auto want = [&](Topic topic, bool wanted) {
        wishes.wanted.at(static_cast<size_t>(topic)) = wanted;
    };
    want(Topic::WritesRefused, settings.writesRefused);
    want(Topic::Degraded, settings.degraded);
    want(Topic::BackupOverdue, settings.backupOverdue);
    want(Topic::DamageFound, settings.damageFound);
    want(Topic::KeychainLocked, settings.keychainLocked);
    wishes.degradedAfter = settings.degradedAfter;
    return wishes;
}

QString linesOf(const QList<control::Trouble> &troubles, Topic topic, const control::Snapshot &snapshot)
{
    QStringList lines;
    for (const control::Trouble &trouble : troubles) {
        if (trouble.topic == topic)
            lines.append(wordsOf(trouble, snapshot));
    }
    if (const qsizetype more = lines.size() - kMostLines; more > 0) {
        lines.resize(kMostLines);
        lines.append(QStringLiteral("and %1 more").arg(more));
    }
    return lines.join(u'\n');
}

/// Steady; of what has begun, or is over now.
std::optional<milliseconds> sinceOf(const control::DueNotice &due, const control::Told &before,
                                    const control::Told &now)
{
    const control::ToldTopic &topic = due.kind == NoticeKind::Over ? before.of(due.topic) : now.of(due.topic);
    std::optional<milliseconds> since;
    for (const control::ToldTopic::Span &span : topic.causes)
        since = std::min(since.value_or(span.since), span.since);
    return since ? since : topic.told;
}

} // namespace

NoticeWatch::NoticeWatch(const Means &means, const control::NoticeTiming &timing, QObject *parent)
    : QObject(parent)
    , m_means(means)
    , m_timing(timing)
    , m_outlets(means.secrets, means.clock, means.activity)
{
    m_timer.setInterval(kLook);
    connect(&m_timer, &QTimer::timeout, this, &NoticeWatch::look);
    connect(&m_outlets, &notify::Outlets::changed, this, &NoticeWatch::keep);
}

NoticeWatch::~NoticeWatch() = default;

void NoticeWatch::start(const config::Notify &settings)
{
    // What waits is restored into the outlets, which have to be there; nothing may be kept before.
    const QByteArray kept = m_means.memory.value();
    configure(settings);
    if (m_outlets.isEmpty()) {
        m_means.memory.set({}); // Whoever is told one day is not told of what was before.
        return;
    }
    const QJsonObject memory = QJsonDocument::fromJson(kept).object();
    const milliseconds now = m_means.clock.steady();
    m_told = control::toldFromJson(memory.value(kTold).toObject(), steadyAhead(), now);
    for (const Topic topic : control::allTopics()) {
        for (const QString &about : m_told.of(topic).toldOf) {
            if (about.startsWith(control::Trouble::aboutBackup))
                m_carried.append({topic, about});
        }
    }
    m_carriedUntil = now + kCarried;
    m_outlets.restore(memory.value(kWaiting).toObject());
}

void NoticeWatch::configure(const config::Notify &settings)
{
    m_wishes = wishesOf(settings);
    if (settings == m_settings)
        return;
    m_settings = settings;
    m_outlets.configure(settings);
    m_nextCall.reset();
    if (!m_outlets.isEmpty()) {
        m_timer.start();
        return;
    }
    m_timer.stop();
    m_told = {};
    m_means.memory.set({});
}

void NoticeWatch::stop()
{
    m_timer.stop();
    m_outlets.holdDeadman();
}

void NoticeWatch::look()
{
    const control::Snapshot snapshot = m_means.snapshot();
    if (snapshot.draining)
        return;
    const milliseconds now = m_means.clock.steady();
    m_wake.see({now, m_means.clock.wall()});
    const control::Matters matters = mattersOf(snapshot, now);
    const control::Told before = m_told;
    control::NoticeStep step = control::nextNotices(m_told, matters, now, m_wishes, m_timing);
    m_told = std::move(step.told);
    for (const control::DueNotice &due : std::as_const(step.due))
        tell(due, before, snapshot);
    tendDeadman(matters.isKnown, now);
    if (m_told != before)
        keep();
}

control::Matters NoticeWatch::mattersOf(const control::Snapshot &snapshot, milliseconds now) const
{
    control::Matters matters;
    // Neither at the start nor after a sleep is anything known of the servers.
    matters.isKnown = !control::isFirstLook(snapshot) && !m_wake.until;
    if (!matters.isKnown)
        return matters;
    for (const control::Trouble &trouble : control::troublesOf(snapshot, m_settings.overdueAfter))
        matters.list.append(trouble.matter());
    if (now < m_carriedUntil)
        matters.list += m_carried;
    return matters;
}

void NoticeWatch::tell(const control::DueNotice &due, const control::Told &before,
                       const control::Snapshot &snapshot)
{
    notify::Message message = this->message(control::topicName(due.topic), control::noticeKindName(due.kind),
                                            QString::fromLatin1(control::noticeTitle(due.topic, due.kind)));
    message.text = due.kind == NoticeKind::Over
                       ? snapshot.verdict
                       : linesOf(control::troublesOf(snapshot, m_settings.overdueAfter), due.topic, snapshot);
    if (const auto since = sinceOf(due, before, m_told))
        message.sinceMs = (*since - steadyAhead()).count();
    m_outlets.tell(message);
}

void NoticeWatch::tendDeadman(bool isKnown, milliseconds now)
{
    if (!m_outlets.hasDeadman())
        return;
    const bool isTold = std::ranges::any_of(m_told.topics, &control::ToldTopic::isTold);
    if (isTold || !isKnown) {
        m_outlets.holdDeadman();
        m_nextCall.reset();
        return;
    }
    if (m_nextCall && now < *m_nextCall)
        return;
    m_nextCall = now + m_settings.deadmanInterval;
    m_outlets.callDeadman(message(notify::Outlets::alive, notify::Outlets::alive, {}));
}

notify::Message NoticeWatch::message(const QString &topic, const QString &kind, const QString &title) const
{
    notify::Message message;
    message.topic = topic;
    message.kind = kind;
    message.title = title;
    message.atMs = m_means.clock.wall().count();
    message.ring = m_means.ring;
    return message;
}

void NoticeWatch::keep()
{
    if (m_outlets.isEmpty())
        return;
    const QJsonObject memory{{kTold, control::toJson(m_told, steadyAhead())},
                             {kWaiting, m_outlets.waiting()}};
    m_means.memory.set(QJsonDocument(memory).toJson(QJsonDocument::Compact));
}

milliseconds NoticeWatch::steadyAhead() const
{
    return m_means.clock.steady() - m_means.clock.wall();
}

Result<qsizetype> NoticeWatch::test(QObject *context, const std::function<void(const TestStep &)> &step,
                                    std::function<void()> done)
{
    const QList<notify::Courier *> couriers = m_outlets.couriers();
    if (couriers.isEmpty())
        return Error{
            Code::ConfigIncomplete,
            QStringLiteral("nobody is told of anything: [notify] names no webhook, no mail server and "
                           "no dead-man's address")};
    notify::Message message = this->message(QStringLiteral("test"), QStringLiteral("test"),
                                            QStringLiteral("A test of the notices"));
    message.text = QStringLiteral("Somebody has asked for this with `cring notify test`. Nothing is wrong");
    // Also when an outlet goes before it has answered: with the last one that could have.
    const std::shared_ptr<void> end(nullptr, [done = std::move(done)](void *) { done(); });
    for (notify::Courier *courier : couriers) {
        const auto status = courier->status();
        courier->tryOnce(message, context,
                         [this, end, status, step, begun = m_means.clock.steady()](const Status &result) {
                             step({status.name, status.target, result, m_means.clock.steady() - begun});
                         });
    }
    return couriers.size();
}

} // namespace cring::service
