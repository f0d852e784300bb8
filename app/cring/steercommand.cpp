// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/steercommand.h"

#include <QJsonArray>
#include <QTimer>

namespace cring::app {

void ReloadCommand::handleOpened(const control::ServiceInfo &)
{
    call(QStringLiteral("reload"), {}, [this](const QJsonObject &result) {
        const QJsonArray changes = result.value(QLatin1String("changes")).toArray();
        if (json()) {
            printJson(result);
        } else {
            print(QStringLiteral("The configuration was read again:\n"));
            for (const QJsonValue change : changes)
                print(QStringLiteral("- %1\n").arg(plain(change.toString())));
        }
        finish(Ok);
    });
}

StopCommand::StopCommand(ServiceCommandContext context, How how, std::chrono::milliseconds forEnd)
    : ServiceCommand(std::move(context))
    , m_how(how)
    , m_forEnd(forEnd)
{
}

void StopCommand::handleOpened(const control::ServiceInfo &info)
{
    const QString method = m_how == How::StopNow ? QStringLiteral("stop") : QStringLiteral("drain");
    m_asked = true;
    // Before it is asked: afterwards the number may be another process's.
    m_process = std::make_unique<ProcessEnd>(info.pid);
    call(method, {}, [this](const QJsonObject &) {
        if (m_how == How::Drain) {
            report("draining",
                   QStringLiteral("The service takes no new requests, and ends with the last one."));
            return;
        }
        QTimer::singleShot(patience, this, [this] {
            fail({Code::ControlTimeout,
                  QStringLiteral("the service is still finishing requests; `cring status` shows "
                                 "them, `cring stop --now` cuts them")});
        });
    });
}

void StopCommand::handleClosed(const Error &reason)
{
    if (!m_asked) {
        fail(reason);
        return;
    }
    const auto stopped = [this] {
        report("stopped", QStringLiteral("The service has stopped."));
    };
    if (!m_process->isWatching()) {
        stopped();
        return;
    }
    connect(m_process.get(), &ProcessEnd::ended, this, stopped);
    QTimer::singleShot(m_forEnd, this, [this] {
        fail({Code::ControlTimeout,
              QStringLiteral("the service has let go of its clients and hung up, but its "
                             "process has not ended yet: another one cannot be started")});
    });
}

void StopCommand::report(const char *state, const QString &sentence)
{
    if (json())
        printJson({{QStringLiteral("state"), QString::fromLatin1(state)}});
    else
        print(sentence + u'\n');
    finish(Ok);
}

} // namespace cring::app
