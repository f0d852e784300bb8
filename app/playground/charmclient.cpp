// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/charmclient.h"

#include "app/playground/childprocess.h"
#include "core/base/clock.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

namespace cring::playground {

namespace {

const QString KeyName = QStringLiteral("charm_ed25519");

/// The key of any host, for the same person has the same key everywhere; "" when there is none yet.
QString anyKeyBelow(const QString &dataDir)
{
    QDirIterator walk(dataDir, {KeyName}, QDir::Files, QDirIterator::Subdirectories);
    return walk.hasNext() ? walk.next() : QString();
}

bool copyKey(const QString &from, const QString &to)
{
    const QString publicSuffix = QStringLiteral(".pub");
    QFile::remove(to);
    QFile::remove(to + publicSuffix);
    return QDir().mkpath(QFileInfo(to).absolutePath()) && QFile::copy(from, to) &&
           QFile::copy(from + publicSuffix, to + publicSuffix);
}

} // namespace

QByteArray CharmClient::Output::text() const
{
    return "exit " + QByteArray::number(exitCode) + (timedOut ? " (timed out)" : "") + " after " +
           QByteArray::number(static_cast<qlonglong>(took.count())) + " ms\n" + out + err;
}

CharmClient::CharmClient(QString program, QString home, Waiter waiter)
    : m_program(std::move(program))
    , m_home(std::move(home))
    , m_waiter(std::move(waiter))
{
    QDir().mkpath(m_home);
    m_environment.insert(QStringLiteral("PATH"), qEnvironmentVariable("PATH"));
    m_environment.insert(QStringLiteral("HOME"), m_home);
    m_environment.insert(QStringLiteral("TMPDIR"), m_home);
    m_environment.insert(QStringLiteral("LANG"), QStringLiteral("C.UTF-8"));
    m_environment.insert(QStringLiteral("CHARM_DATA_DIR"), dataDir());
}

void CharmClient::pointAt(const QString &host, quint16 sshPort, quint16 httpPort)
{
    m_host = host;
    m_environment.insert(QStringLiteral("CHARM_HOST"), host);
    m_environment.insert(QStringLiteral("CHARM_SSH_PORT"), QString::number(sshPort));
    m_environment.insert(QStringLiteral("CHARM_HTTP_PORT"), QString::number(httpPort));
    const QString known = anyKeyBelow(dataDir());
    if (!known.isEmpty() && !QFile::exists(keyFile()))
        copyKey(known, keyFile());
}

Status CharmClient::adoptKeyOf(const CharmClient &other)
{
    const QString known = anyKeyBelow(other.dataDir());
    if (known.isEmpty() || !copyKey(known, keyFile()))
        return Error{Code::NotFound,
                     QStringLiteral("no key of %1 to copy to %2").arg(other.home(), keyFile())};
    return {};
}

CharmClient::Output CharmClient::run(const QStringList &arguments, const QByteArray &input,
                                     milliseconds limit)
{
    const SystemClock clock;
    const milliseconds start = clock.steady();
    const std::unique_ptr<ChildProcess> process = launch(arguments);
    process->write(input);
    process->closeWriteChannel();
    const bool finished = m_waiter(
        *process, [&] { return process->state() == QProcess::NotRunning; }, limit);
    Output output;
    if (!finished) {
        output.timedOut = true;
        process->kill9();
    }
    output.took = clock.steady() - start;
    if (finished && process->exitStatus() == QProcess::NormalExit &&
        process->error() != QProcess::FailedToStart)
        output.exitCode = process->exitCode();
    output.out = process->readAllStandardOutput();
    output.err = process->readAllStandardError();
    return output;
}

std::unique_ptr<ChildProcess> CharmClient::launch(const QStringList &arguments) const
{
    return launchProgram(m_program, arguments, QStringLiteral("dumb"));
}

std::unique_ptr<ChildProcess> CharmClient::launchOnTerminal(const QStringList &arguments) const
{
    // The arguments are a test's own words: nothing in them needs quoting. Under other names than "screen"
    // the client asks the terminal for its colours and waits seconds for an answer.
    const QString command = (QStringList(m_program) + arguments).join(QLatin1Char(' '));
    return launchProgram(QStringLiteral("script"),
                         {QStringLiteral("-qefc"), command, QStringLiteral("/dev/null")},
                         QStringLiteral("screen"));
}

std::unique_ptr<ChildProcess> CharmClient::launchProgram(const QString &program, const QStringList &arguments,
                                                         const QString &terminal) const
{
    auto process = std::make_unique<ChildProcess>();
    QProcessEnvironment environment = m_environment;
    environment.insert(QStringLiteral("TERM"), terminal);
    process->setProcessEnvironment(environment);
    process->setWorkingDirectory(m_home);
    process->start(program, arguments);
    process->waitForStarted();
    return process;
}

QString CharmClient::keyFile() const
{
    return dataDir() + QLatin1Char('/') + m_host + QLatin1Char('/') + KeyName;
}

QStringList CharmClient::exports() const
{
    QStringList lines;
    for (const char *name : {"CHARM_HOST", "CHARM_SSH_PORT", "CHARM_HTTP_PORT", "CHARM_DATA_DIR"})
        lines += QLatin1String(name) + QLatin1Char('=') + m_environment.value(QLatin1String(name));
    return lines;
}

} // namespace cring::playground
