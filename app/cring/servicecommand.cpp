// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/servicecommand.h"

#include "app/cring/pausecommand.h"
#include "core/control/snapshot.h"

#include <QCoreApplication>
#include <QTimer>

namespace cring::app {

namespace {

constexpr std::chrono::milliseconds reconnectPause{1'000};

} // namespace

ServiceCommand::ServiceCommand(ServiceCommandContext context)
    : m_context(std::move(context))
{
    connect(&m_client, &control::Client::opened, this, [this](const control::ServiceInfo &info) {
        m_waiting = false;
        handleOpened(info);
    });
    connect(&m_client, &control::Client::failed, this, [this](const Error &error) { handleFailed(error); });
    connect(&m_client, &control::Client::closed, this, [this](const Error &reason) { handleClosed(reason); });
    connect(&m_client, &control::Client::notified, this,
            [this](const QString &method, const QJsonObject &params) { handleNotified(method, params); });
}

int ServiceCommand::run()
{
    m_client.open(m_context.sockets);
    return QCoreApplication::exec();
}

void ServiceCommand::handleNotified(const QString &, const QJsonObject &) {}

void ServiceCommand::handleClosed(const Error &reason)
{
    fail(reason);
}

void ServiceCommand::handleFailed(const Error &error)
{
    // Anything else than its absence, such as another version after an update, does not pass by waiting.
    const bool away = error.code == Code::ControlUnavailable || error.code == Code::ControlTimeout;
    if (m_waiting && away)
        reconnectSoon(error);
    else
        fail(error);
}

void ServiceCommand::call(const QString &method, const QJsonObject &params, Done done,
                          std::chrono::milliseconds time)
{
    tryCall(
        method, params,
        [this, done = std::move(done)](const Result<QJsonObject> &result) {
            if (result)
                done(*result);
            else
                fail(result.error());
        },
        time);
}

void ServiceCommand::tryCall(const QString &method, const QJsonObject &params,
                             std::function<void(const Result<QJsonObject> &result)> done,
                             std::chrono::milliseconds time)
{
    m_client.call(
        method, params, this,
        [this, done = std::move(done)](const Result<QJsonObject> &result) {
            if (result || m_client.isOpen()) // Otherwise handleClosed() follows, and knows better.
                done(result);
        },
        time);
}

void ServiceCommand::askPause(std::function<void()> then)
{
    tryCall(QStringLiteral("status"), {}, [this, then = std::move(then)](const Result<QJsonObject> &answer) {
        const auto snapshot =
            answer ? control::Snapshot::fromJson(*answer) : Result<control::Snapshot>(answer.error());
        m_pauseWords.clear();
        if (snapshot && snapshot->paused) {
            m_pauseWords = snapshot->pausedUntilMs
                               ? QStringLiteral("Background work rests until %1 (`cring resume` ends that)")
                                     .arg(untilWords(*snapshot->pausedUntilMs, snapshot->takenMs))
                               : QStringLiteral("Background work rests until `cring resume`");
        }
        then();
    });
}

void ServiceCommand::advise(const QString &sentence)
{
    if (!m_context.quiet)
        terminal().advise(sentence);
}

bool ServiceCommand::isConfirmed(const QString &question, bool yes)
{
    if (yes)
        return true;
    if (!m_context.confirm) {
        terminal().complain(QStringLiteral("nobody can be asked here: add --yes when you are sure"));
        finish(Usage);
        return false;
    }
    if (m_context.confirm(question))
        return true;
    advise(QStringLiteral("Nothing was changed."));
    finish(Failed);
    return false;
}

void ServiceCommand::reconnectSoon(const Error &reason)
{
    if (!std::exchange(m_waiting, true))
        terminal().complain(reason.detail +
                            QStringLiteral(". Waiting for it to come back (Ctrl-C ends this)"));
    QTimer::singleShot(reconnectPause, this, [this] { m_client.open(m_context.sockets); });
}

void ServiceCommand::print(const QString &text)
{
    if (!terminal().print(text))
        finish(terminal().isClosed() ? Ok : Failed);
}

void ServiceCommand::printJson(const QJsonObject &object)
{
    print(QString::fromUtf8(jsonText(object, QJsonDocument::Compact)) + u'\n');
}

void ServiceCommand::beginJsonList(const QString &name)
{
    m_listed = false;
    print(QStringLiteral("{\"%1\":[").arg(name));
}

void ServiceCommand::printListed(const QJsonObject &entry)
{
    print((std::exchange(m_listed, true) ? QStringLiteral(",\n") : QStringLiteral("\n")) +
          QString::fromUtf8(jsonText(entry, QJsonDocument::Compact)));
}

void ServiceCommand::endJsonList(const QJsonObject &others)
{
    const QString rest = QString::fromUtf8(jsonText(others, QJsonDocument::Compact)).mid(1);
    print((others.isEmpty() ? QStringLiteral("\n]") : QStringLiteral("\n],")) + rest + u'\n');
}

void ServiceCommand::fail(const Error &error)
{
    terminal().complain(withCode(error));
    finish(exitCodeFor(error.code));
}

void ServiceCommand::finish(int exitCode)
{
    m_client.close();
    QCoreApplication::exit(exitCode);
}

} // namespace cring::app
