// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ssh/login.h"

#include "core/base/words.h"
#include "core/base/workers.h"
#include "core/ssh/loginrun.h"

#include <QLoggingCategory>

namespace cring::ssh {
using std::chrono::milliseconds;

namespace {

Q_LOGGING_CATEGORY(logLogin, "cring.login")

const char *nameOf(Login::Step step)
{
    switch (step) {
    case Login::Step::Connecting:
        return "connecting";
    case Login::Step::Waiting:
        return "waiting";
    case Login::Step::Greeting:
        return "greeting";
    case Login::Step::Agreeing:
        return "agreeing";
    case Login::Step::Proving:
        return "proving";
    case Login::Step::Running:
        return "running";
    case Login::Step::Over:
        break;
    }
    return "over";
}

milliseconds limitOf(Login::Step step, const Login::Times &times)
{
    switch (step) {
    case Login::Step::Greeting:
        return times.banner;
    case Login::Step::Agreeing:
        return times.keys;
    case Login::Step::Proving:
        return times.access;
    case Login::Step::Running:
        return times.answer;
    default:
        return times.all;
    }
}

/// To follow the server's name.
QString lateness(Login::Step step, milliseconds limit)
{
    switch (step) {
    case Login::Step::Connecting:
        return QStringLiteral("did not accept the SSH connection in time");
    case Login::Step::Waiting:
        return QStringLiteral("was not asked: other logins take too long");
    case Login::Step::Greeting:
        return QStringLiteral("accepted the SSH connection and said nothing within %1")
            .arg(words::duration(limit));
    case Login::Step::Agreeing:
        return QStringLiteral("stalled in the SSH key exchange");
    case Login::Step::Proving:
        return QStringLiteral("did not say whether the identity's key may log in");
    default:
        return QStringLiteral("did not answer by SSH within %1").arg(words::duration(limit));
    }
}

} // namespace

Login::Times Login::Times::of(const config::Timing &timing)
{
    Times times;
    times.connect = timing.connectTimeout;
    times.banner = timing.sshBannerTimeout;
    return times;
}

Login::Login(Workers &workers, Request request, const Times &times, QObject *parent)
    : QObject(parent)
    , m_workers(workers)
    , m_request(std::move(request))
    , m_times(times)
{
    for (QTimer *timer : {&m_stepTimer, &m_timer}) {
        timer->setSingleShot(true);
        connect(timer, &QTimer::timeout, this, &Login::handleTimeOut);
    }
    connect(&m_dialler, &Dialler::connected, this, &Login::handleConnected);
    connect(&m_dialler, &Dialler::failed, this, [this](const QString &reason) {
        end(failure(Code::BackendUnreachable,
                    reason + QStringLiteral(" (SSH, port %1)").arg(m_request.port)));
    });
}

Login::~Login()
{
    m_stop.request_stop();
}

void Login::start()
{
    m_timer.start(m_times.all);
    m_dialler.dial(m_request.host, m_request.port, m_times.connect);
}

void Login::enter(Step step)
{
    if (m_step == Step::Over)
        return;
    qCDebug(logLogin, "%s: %s -> %s", qUtf8Printable(m_request.name), nameOf(m_step), nameOf(step));
    m_step = step;
    m_stepTimer.start(limitOf(step, m_times));
}

void Login::handleConnected()
{
    enter(Step::Waiting);
    const QPointer<QObject> self(this);
    // The worker may still use it when this object has gone.
    auto run = std::make_shared<LoginRun>();
    run->socket = m_dialler.takeSocket();
    run->stop = m_stop.get_token();
    run->entered = [this, self, &workers = m_workers](Step step) {
        workers.post(self, [this, step] { enter(step); });
    };
    run->request.name = m_request.name;
    run->request.host = m_request.host;
    run->request.port = m_request.port;
    run->request.key = std::move(m_request.key);
    run->request.command = m_request.command;
    run->request.hostKey = m_request.hostKey;
    run->request.mostOutput = m_request.mostOutput;
    m_workers.run([this, self, run, &workers = m_workers] {
        workers.post(self, [this, result = (*run)()] {
            end(result ? result : Result<Answer>(failure(result.error().code, result.error().detail)));
        });
    });
}

void Login::handleTimeOut()
{
    const bool inAll = !m_timer.isActive();
    end(failure(Code::BackendTimeout, lateness(m_step, inAll ? m_times.all : limitOf(m_step, m_times))));
}

void Login::end(const Result<Answer> &result)
{
    if (m_step == Step::Over)
        return;
    m_stop.request_stop();
    enter(Step::Over);
    m_stepTimer.stop();
    m_timer.stop();
    Q_EMIT finished(result);
}

Error Login::failure(Code code, const QString &what) const
{
    return Error{code, m_request.name + QLatin1Char(' ') + what};
}

} // namespace cring::ssh
