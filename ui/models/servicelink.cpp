// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/servicelink.h"

#include "ui/models/servicesentences.h"

namespace cring::models {

namespace {

constexpr std::chrono::milliseconds kSecondLook{250};

ServiceLink::State stateOf(const Error &error)
{
    switch (error.code) {
    case Code::ControlUnavailable:
        return ServiceLink::State::NotRunning;
    case Code::ControlTimeout:
        return ServiceLink::State::Hung;
    case Code::ControlVersion:
        return ServiceLink::State::OtherVersion;
    default:
        return ServiceLink::State::Unusable;
    }
}

} // namespace

ServiceLink::ServiceLink(Paths paths, IRandom &random, LinkTiming timing, QObject *parent)
    : QObject(parent)
    , m_paths(std::move(paths))
    , m_random(random)
    , m_timing(timing)
    , m_pause(timing.firstRetry)
{
    m_retry.setSingleShot(true);
    m_silence.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &ServiceLink::connectNow);
    connect(&m_silence, &QTimer::timeout, this, &ServiceLink::handleSilence);
    connect(&m_client, &control::Client::opened, this, &ServiceLink::handleOpened);
    connect(&m_client, &control::Client::failed, this, &ServiceLink::handleFailed);
    connect(&m_client, &control::Client::closed, this, &ServiceLink::handleClosed);
    connect(&m_client, &control::Client::notified, this, &ServiceLink::handleNotified);
}

void ServiceLink::start()
{
    if (!m_attempting)
        connectNow();
}

void ServiceLink::retryNow()
{
    m_pause = m_timing.firstRetry;
    if (!m_attempting)
        connectNow();
}

void ServiceLink::connectNow()
{
    m_retry.stop();
    m_attempting = true;
    m_client.open(m_paths());
}

void ServiceLink::retryLater()
{
    m_attempting = false;
    m_silence.stop();
    constexpr double kSpread = 0.1;
    const double factor = m_random.jitter(kSpread);
    m_retry.start(
        std::chrono::milliseconds(static_cast<qint64>(static_cast<double>(m_pause.count()) * factor)));
    m_pause = std::min(m_pause * 2, m_timing.longestRetry);
}

void ServiceLink::handleOpened(const control::ServiceInfo &info)
{
    m_service = info;
    m_secondLook = false;
    m_silence.start(m_timing.silence);
    m_client.call(QStringLiteral("status.subscribe"),
                  {{QStringLiteral("intervalMs"), static_cast<qint64>(m_timing.interval.count())}}, this,
                  [this](const Result<QJsonObject> &answer) {
                      // A time-out or a hang-up is told by the silence or by handleClosed().
                      if (!answer && m_client.isOpen() && answer.error().code != Code::ControlTimeout) {
                          m_client.close();
                          handleFailed(answer.error());
                      }
                  });
    Q_EMIT opened();
}

void ServiceLink::handleFailed(const Error &error)
{
    retryLater();
    setState(stateOf(error), error);
}

void ServiceLink::handleClosed(const Error &reason)
{
    // It was one a moment ago, and comes back soon if it restarts.
    m_pause = m_timing.firstRetry;
    retryLater();
    setState(reason.code == Code::ControlBusy ? State::Unusable : State::NotRunning, reason);
}

void ServiceLink::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method != QStringLiteral("status")) {
        Q_EMIT notified(method, params);
        return;
    }
    Result<control::Snapshot> snapshot = control::Snapshot::fromJson(params);
    if (!snapshot) {
        m_client.close();
        handleFailed(snapshot.error());
        return;
    }
    m_pause = m_timing.firstRetry;
    m_secondLook = false;
    m_silence.start(m_timing.silence);
    m_snapshot = std::make_shared<const control::Snapshot>(inWindowsLanguage(std::move(snapshot).value()));
    setState(State::Connected);
    Q_EMIT snapshotChanged();
}

void ServiceLink::handleSilence()
{
    if (!m_secondLook) {
        m_secondLook = true;
        m_silence.start(kSecondLook);
        return;
    }
    // The connection stays: a service that goes on sends its next snapshot by it.
    setState(State::Hung, Error{Code::ControlTimeout, QStringLiteral("the service answers nothing")});
}

void ServiceLink::call(const QString &method, const QJsonObject &params, QObject *context, Reply reply,
                       std::chrono::milliseconds time)
{
    m_client.call(method, params, context, std::move(reply), time);
}

void ServiceLink::setState(State state, std::optional<Error> problem)
{
    const QString before = m_problem ? m_problem->detail : QString();
    const QString after = problem ? problem->detail : QString();
    if (m_state == state && before == after)
        return;
    m_state = state;
    m_problem = std::move(problem);
    Q_EMIT stateChanged();
}

} // namespace cring::models
