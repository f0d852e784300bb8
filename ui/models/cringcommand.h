// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/secret.h"

#include <QJsonObject>
#include <QProcess>
#include <QStringList>
#include <QTimer>

#include <chrono>
#include <memory>

namespace cring::models {

/// What a command complained of, for a person.
struct Complaint
{
    QString words; ///< A sentence with its code; empty when there was none.
    QString code;  ///< "CR-1003"; empty when it has none.
    QString field; ///< The key of the setting that it is about, as "ssh_port"; empty when it does not say.
};

/// Reads what cring writes on standard error: the first complaint, without the advice around it.
Complaint complaintOf(const QByteArray &text);

/// How a command ended.
struct CringOutcome
{
    enum class End {
        Exited,
        NotStarted, ///< There is no such program, or it may not be run.
        Crashed,
        Cancelled,
        TimedOut,
    };

    End end = End::Exited;
    int exitCode = 0;
    /// What it printed with --json: the document, or the "summary" of its lines. Empty when there is none.
    QJsonObject answer;
    Complaint complaint; ///< Also without one of its own when it did not exit.

    bool ok() const { return end == End::Exited && exitCode == 0; }
};

/// One `cring … --json` as a child process: how the window changes the configuration. Never through a shell;
/// secrets go to its standard input, never into its arguments. Deleted before its end, it is called off.
/// Lives on the event loop's thread; nothing blocks.
class CringCommand final : public QObject
{
    Q_OBJECT

public:
    /// For commands that ask nobody but the disk and the service.
    static constexpr std::chrono::milliseconds shortTime{30'000};
    /// Between asking it to end (SIGTERM) and ending it (SIGKILL).
    static constexpr std::chrono::milliseconds grace{3'000};
    /// What it may print; more ends it.
    static constexpr qint64 mostOutput = 64 * 1024 * 1024;

    CringCommand(const QString &program, const QStringList &arguments, QObject *parent = nullptr);
    ~CringCommand() override;

    /// On its standard input; before start().
    void setInput(Secret input) { m_input = std::move(input); }
    /// Of all of it; before start(). Zero: as long as it takes.
    void setTimeLimit(std::chrono::milliseconds limit) { m_time = limit; }

    /// Once. Ends in finished(), never before it returns; after that the object goes by itself.
    void start();
    /// It is asked to end, and ended when it does not. finished() follows.
    void cancel() { end(CringOutcome::End::Cancelled); }

    bool isRunning() const { return m_running; }

Q_SIGNALS:
    /// A line of JSON, as it comes: a step, or how far it is. Not the summary.
    void progressed(const QJsonObject &line);
    void finished(const cring::models::CringOutcome &outcome);

private:
    void readOutput();
    void takeLine(const QByteArray &line);
    void end(CringOutcome::End why);
    void handleFinished(int exitCode, QProcess::ExitStatus status);
    void tell(CringOutcome outcome);
    void tellNotStarted(const QString &why);
    QJsonObject answer() const;

    const QString m_program;
    const QStringList m_arguments;
    std::unique_ptr<QProcess> m_process;
    Secret m_input;
    std::chrono::milliseconds m_time = shortTime;
    QTimer m_limit;
    CringOutcome::End m_end = CringOutcome::End::Exited;
    bool m_running = false;
    QByteArray m_output;
    qsizetype m_read = 0; ///< Of the output: lines that were taken.
    QByteArray m_errors;
    QJsonObject m_lastLine;
};

/// Where cring is, and which service and configuration its commands are about. A value.
class Cring
{
public:
    /// `program` "": there is none, and every command says so. `configFile` and `socket` "": as cring finds
    /// them.
    explicit Cring(QString program, QString configFile = {}, QString socket = {});

    /// The program beside this one, else the one on PATH; "" when there is none.
    static QString find();

    const QString &program() const { return m_program; }

    const QString &configFile() const { return m_configFile; }

    /// About another file, while it is not to be the configuration yet.
    Cring withConfigFile(const QString &file) const { return Cring(m_program, file, m_socket); }

    /// `cring ARGUMENTS --json`, not started yet. It is `context`'s, and goes with it.
    CringCommand *command(const QStringList &arguments, QObject *context) const;
    /// The same for a command that talks to the service.
    CringCommand *serviceCommand(QStringList arguments, QObject *context) const;

private:
    QString m_program;
    QString m_configFile;
    QString m_socket;
};

} // namespace cring::models
