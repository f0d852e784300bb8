// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/growthbook.h"

#include <QDateTime>

namespace cring::backup {

using namespace std::chrono_literals;

namespace {

constexpr auto kSave = 2s;
/// By itself.
constexpr auto kCountAgain = 10min;
constexpr qsizetype kStep = 1'000;

} // namespace

GrowthBook::GrowthBook(state::BucketLedger &ledger, state::BucketLedger::Bucket bucket, const IClock &clock,
                       QObject *parent)
    : QObject(parent)
    , m_ledger(ledger)
    , m_bucket(bucket)
    , m_clock(clock)
{
    m_day = GrowthDay::parse(today(), m_ledger.fact(m_bucket, GrowthDay::factOf(today())));
    m_save.setSingleShot(true);
    m_step.setInterval(0);
    connect(&m_save, &QTimer::timeout, this, &GrowthBook::save);
    connect(&m_step, &QTimer::timeout, this, &GrowthBook::countSome);
}

GrowthBook::~GrowthBook()
{
    flush();
}

void GrowthBook::flush()
{
    if (std::exchange(m_changed, false))
        write();
}

QDate GrowthBook::today() const
{
    return QDateTime::fromMSecsSinceEpoch(m_clock.wall().count(), Qt::UTC).date();
}

/// A new day begins with what is there; one that was begun before, by a clock that was put back since, goes
/// on.
void GrowthBook::turnPage()
{
    const QDate now = today();
    if (m_day.day == now)
        return;
    flush();
    m_day.day = now;
    for (GrowthRow &row : m_day.accounts)
        row = {0, 0, 0, row.objects, row.bytes};
    if (const QByteArray begun = m_ledger.fact(m_bucket, GrowthDay::factOf(now)); !begun.isEmpty())
        m_day = GrowthDay::parse(now, begun);
    m_ledger.setFact(m_bucket, GrowthDay::factOf(now.addDays(-kKeptDays)), {});
}

void GrowthBook::write()
{
    m_ledger.setFact(m_bucket, GrowthDay::factOf(m_day.day), m_day.toBytes());
}

GrowthRow &GrowthBook::rowOf(const state::ObjectKey &key)
{
    turnPage();
    m_changed = true;
    if (!m_save.isActive())
        m_save.start(kSave);
    return m_day.accounts[state::accountOf(key)];
}

void GrowthBook::noteStored(const state::ObjectKey &key, qint64 bytes)
{
    GrowthRow &row = rowOf(key);
    ++row.stored;
    row.storedBytes += bytes;
}

void GrowthBook::noteRemoved(const state::ObjectKey &key)
{
    ++rowOf(key).removed;
}

void GrowthBook::save()
{
    if (std::exchange(m_changed, false))
        write();
    if (!m_counted || m_clock.steady() - *m_counted >= kCountAgain)
        count(this, {});
}

// ---- what is there ----

void GrowthBook::count(QObject *context, std::function<void()> done)
{
    m_waiting.push_back({context, std::move(done)});
    if (m_step.isActive())
        return;
    m_counted = m_clock.steady();
    m_after.clear();
    m_counts.clear();
    m_step.start();
}

void GrowthBook::countSome()
{
    const state::BucketLedger::Objects &objects = m_ledger.objects(m_bucket);
    auto it = objects.upper_bound(m_after);
    for (qsizetype i = 0; i < kStep && it != objects.end(); ++i, ++it) {
        m_after = it->first;
        if (it->second.gone)
            continue;
        GrowthRow &row = m_counts[state::accountOf(it->first)];
        ++row.objects;
        row.bytes += it->second.size;
    }
    if (it == objects.end())
        takeCounts();
}

void GrowthBook::takeCounts()
{
    m_step.stop();
    turnPage();
    for (auto row = m_day.accounts.begin(); row != m_day.accounts.end(); ++row)
        row->objects = row->bytes = 0;
    for (auto count = m_counts.begin(); count != m_counts.end(); ++count) {
        GrowthRow &row = m_day.accounts[count.key()];
        row.objects = count->objects;
        row.bytes = count->bytes;
    }
    m_changed = false;
    if (!m_day.accounts.isEmpty())
        write();
    for (const Waiting &waiting : std::exchange(m_waiting, {})) {
        if (waiting.context && waiting.done)
            waiting.done();
    }
}

QList<GrowthDay> GrowthBook::days(int number) const
{
    QList<GrowthDay> days;
    for (int back = 0; back < number; ++back) {
        const QDate day = today().addDays(-back);
        if (day == m_day.day) {
            if (!m_day.accounts.isEmpty())
                days.append(m_day);
            continue;
        }
        if (const QByteArray fact = m_ledger.fact(m_bucket, GrowthDay::factOf(day)); !fact.isEmpty())
            days.append(GrowthDay::parse(day, fact));
    }
    return days;
}

std::optional<OddGrowth> GrowthBook::odd() const
{
    const auto found = judge(today());
    return found ? found : judge(today().addDays(-1));
}

std::optional<OddGrowth> GrowthBook::judge(const QDate &day) const
{
    const auto bytesOn = [this](const QDate &one) {
        return one == m_day.day
                   ? m_day.sum().storedBytes
                   : GrowthDay::parse(one, m_ledger.fact(m_bucket, GrowthDay::factOf(one))).sum().storedBytes;
    };
    const qint64 bytes = bytesOn(day);
    if (bytes <= OddGrowth::kLeastBytes)
        return std::nullopt;
    // Days without a change have no row; those before the first one are not known.
    QList<qint64> before;
    int known = 0;
    for (int back = 1; back <= kKeptDays; ++back) {
        const QDate one = day.addDays(-back);
        const bool noted = !m_ledger.fact(m_bucket, GrowthDay::factOf(one)).isEmpty();
        if (back <= OddGrowth::kDays)
            before.append(bytesOn(one));
        if (noted)
            known = back;
        if (known >= OddGrowth::kDays)
            break;
    }
    return judgeGrowth(day, bytes, before.first(std::min<qsizetype>(before.size(), known)));
}

} // namespace cring::backup
