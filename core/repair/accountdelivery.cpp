// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/accountdelivery.h"

#include "core/charm/sequence.h"
#include "core/http/exchange.h"
#include "core/replica/answers.h"

#include <algorithm>

namespace cring::repair {

namespace {

using namespace std::chrono_literals;

constexpr auto kFirstRetry = 1000ms;
constexpr int kMaxDoublings = 8; // up to about four minutes
constexpr auto kSoon = 5ms;
/// A person is told after so many failures: an account or a key that is new comes there by a round of the
/// accounts, in a second or two.
constexpr int kTold = 3;
constexpr qint64 kMaxAnswer = 64 * 1024;
/// Requests under way at the same time.
constexpr qsizetype kAtOnce = 8;
constexpr QByteArrayView kSequences = "/v1/seq/";

} // namespace

AccountDelivery::AccountDelivery(state::AccountWork &work, state::Floors &floors,
                                 replica::ITokenSource &tokens, QObject *parent)
    : QObject(parent)
    , m_work(work)
    , m_floors(floors)
    , m_tokens(tokens)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &AccountDelivery::work);
    connect(&m_work, &state::AccountWork::added, this, [this] { schedule(kSoon); });
    connect(&m_tokens, &replica::ITokenSource::available, this, &AccountDelivery::retry);
}

void AccountDelivery::setEnvironment(replica::Environment &environment)
{
    m_environment = &environment;
    for (health::Backend *backend : environment.backends.all()) {
        connect(backend, &health::Backend::stateChanged, this, [this, backend] {
            if (backend->state() == health::Backend::State::Up)
                retry();
        });
    }
    schedule(kSoon);
}

void AccountDelivery::setPaused(bool paused)
{
    m_paused = paused;
    if (paused)
        m_timer.stop();
    else
        schedule(kSoon);
}

void AccountDelivery::stop()
{
    m_stopped = true;
    m_timer.stop();
}

void AccountDelivery::retry()
{
    for (Try &tried : m_tries)
        tried.due = 0ms;
    schedule(kSoon);
}

std::optional<AccountDelivery::Try> AccountDelivery::tried(quint64 id) const
{
    const auto tried = m_tries.constFind(id);
    return tried == m_tries.constEnd() ? std::nullopt : std::optional(*tried);
}

void AccountDelivery::schedule(std::chrono::milliseconds wait)
{
    if (m_stopped || m_paused || !m_environment)
        return;
    if (!m_timer.isActive() || m_timer.remainingTimeAsDuration() > wait)
        m_timer.start(wait);
}

void AccountDelivery::work()
{
    const auto now = m_environment->clock.steady();
    auto running =
        std::count_if(m_tries.begin(), m_tries.end(), [](const Try &tried) { return tried.running; });
    auto next = std::chrono::milliseconds::max();
    QList<quint64> due;
    for (const auto &[id, item] : m_work.items()) {
        const Try tried = m_tries.value(id);
        if (tried.running || m_environment->isDisabled(item.account))
            continue;
        if (tried.due > now)
            next = std::min(next, tried.due - now);
        else if (running + due.size() < kAtOnce)
            due << id;
    }
    for (const quint64 id : std::as_const(due))
        begin(m_work.items().at(id));
    // What was replaced by something newer is not waited for any more.
    m_tries.removeIf([this](QHash<quint64, Try>::iterator tried) {
        return !tried->running && !m_work.items().contains(tried.key());
    });
    if (next != std::chrono::milliseconds::max())
        schedule(next);
}

void AccountDelivery::begin(const state::AccountWork::Item &item)
{
    const quint64 id = item.id;
    health::Backend *backend = m_environment->backends.find(item.server);
    if (!backend || !backend->usable()) {
        later(id, backend ? backend->unusableReason() : QStringLiteral("is not in the ring"));
        return;
    }
    m_tries[id].running = true;
    m_tokens.obtain(item.account, this, [this, id](const Result<replica::Credentials> &credentials) {
        if (credentials)
            send(id, *credentials);
        else
            later(id, credentials.error().detail);
    });
}

void AccountDelivery::send(quint64 id, const replica::Credentials &credentials)
{
    const auto item = m_work.items().find(id);
    health::Backend *backend =
        item == m_work.items().end() ? nullptr : m_environment->backends.find(item->second.server);
    if (!backend) {
        end(id);
        return;
    }
    http::Request request;
    request.method = "POST";
    request.target = item->second.target;
    request.headers.append("Authorization", credentials.authorization);
    if (!item->second.contentType.isEmpty())
        request.headers.append("Content-Type", item->second.contentType);
    request.body = item->second.body;
    backend->pool().exchange(
        request, m_environment->config.timing.answerTimeout, kMaxAnswer, this,
        [this, id, credentials, use = m_environment->use](const Result<http::Response> &result) {
            handleAnswer(id, credentials, result);
        });
}

void AccountDelivery::handleAnswer(quint64 id, const replica::Credentials &credentials,
                                   const Result<http::Response> &result)
{
    const auto item = m_work.items().find(id);
    if (!result) {
        later(id, result.error().detail);
        return;
    }
    if (result->status / 100 != 2) {
        later(id,
              replica::describeAnswer(result->status, result->headers.value("Content-Type"), result->body));
        return;
    }
    if (item != m_work.items().end() && item->second.target.startsWith(kSequences)) {
        const QByteArray key = item->second.account + '/' + item->second.target.sliced(kSequences.size());
        const auto number = charm::parseSequence(result->body);
        if (number && *number < m_floors.find(key).value_or(0)) {
            send(id, credentials);
            return;
        }
    }
    end(id);
}

void AccountDelivery::later(quint64 id, const QString &problem)
{
    Try &tried = m_tries[id];
    tried.running = false;
    tried.problem = problem;
    const auto pause =
        std::chrono::milliseconds(kFirstRetry) * (1LL << std::min(tried.attempts, kMaxDoublings));
    ++tried.attempts;
    tried.due = m_environment->clock.steady() +
                std::chrono::milliseconds(static_cast<qint64>(static_cast<double>(pause.count()) *
                                                              m_environment->random.jitter(0.2)));
    const auto item = m_work.items().find(id);
    if (tried.attempts == kTold && item != m_work.items().end()) {
        const health::Backend *backend = m_environment->backends.find(item->second.server);
        m_environment->activity.record(
            telemetry::Level::Warning, telemetry::Category::Backend,
            QStringLiteral("has not got an account's new name, key or number yet: %1").arg(problem),
            backend ? backend->name() : item->second.server, QString::fromLatin1(item->second.account));
    }
    schedule(kSoon);
}

void AccountDelivery::end(quint64 id)
{
    m_tries.remove(id);
    m_work.done(id);
    schedule(kSoon);
}

} // namespace cring::repair
