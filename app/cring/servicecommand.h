// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/errorexit.h"
#include "app/cring/terminal.h"
#include "core/control/client.h"

#include <QJsonObject>
#include <QObject>
#include <QStringList>

namespace cring::app {

/// What every command that talks to the service is given.
struct ServiceCommandContext
{
    Terminal terminal;
    QStringList
        sockets; ///< To try, in order: control::SocketPlaces::clientPaths(), or the one that was named.
    bool json = false;
    bool quiet = false; ///< No advice.
    /// Asks a person yes or no, and waits for the answer. Not set: there is nobody to ask.
    std::function<bool(const QString &question)> confirm = {};
};

/// A command that connects to the running service, does its work in callbacks and ends with an exit code.
/// run() is the program's main loop.
class ServiceCommand : public QObject
{
    Q_OBJECT

public:
    explicit ServiceCommand(ServiceCommandContext context);

    int run();

protected:
    /// Connected: ask for what is wanted. Comes again after a reconnect.
    virtual void handleOpened(const control::ServiceInfo &info) = 0;
    virtual void handleNotified(const QString &method, const QJsonObject &params);
    /// The service hung up; by default that is the end.
    virtual void handleClosed(const Error &reason);
    virtual void handleFailed(const Error &error);

    using Done = std::function<void(const QJsonObject &result)>;
    /// A failed call ends the command with the error's words and exit code.
    void call(const QString &method, const QJsonObject &params, Done done,
              std::chrono::milliseconds time = control::Client::callTime);
    /// A failed call is the caller's to handle. An answer does not come when the service hangs up.
    void tryCall(const QString &method, const QJsonObject &params,
                 std::function<void(const Result<QJsonObject> &result)> done,
                 std::chrono::milliseconds time = control::Client::callTime);
    /// Asks whether background work rests, then goes on.
    void askPause(std::function<void()> then);
    /// "Background work rests until 14:00 (`cring resume` ends that)", as askPause() has heard; empty when it
    /// goes on.
    const QString &pauseWords() const { return m_pauseWords; }
    /// Says once that the service is away, and tries again every second until it is back.
    void reconnectSoon(const Error &reason);

    Terminal &terminal() { return m_context.terminal; }

    bool json() const { return m_context.json; }

    bool quiet() const { return m_context.quiet; }

    /// Advice, unless it is not wanted.
    void advise(const QString &sentence);
    /// True with --yes, or when a person says so. Otherwise the command has ended.
    bool isConfirmed(const QString &question, bool yes);
    /// Prints, and ends the command when nobody reads any more: well, if that was a pipe's reader's own
    /// choice.
    void print(const QString &text);
    void printJson(const QJsonObject &object);
    /// One document whose list may be long: {"NAME":[ENTRY,…],…}, printed as it comes. Nothing of it is kept.
    void beginJsonList(const QString &name);
    void printListed(const QJsonObject &entry);
    void endJsonList(const QJsonObject &others = {});
    void fail(const Error &error);
    void finish(int exitCode);

private:
    ServiceCommandContext m_context;
    control::Client m_client;
    QString m_pauseWords;
    bool m_waiting = false;
    bool m_listed = false; ///< An entry of a JSON list.
};

} // namespace cring::app
