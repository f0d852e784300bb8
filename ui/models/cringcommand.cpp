// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/cringcommand.h"

#include "ui/models/servicecommands.h"
#include "ui/models/servicesentences.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QStandardPaths>

namespace cring::models {

using End = CringOutcome::End;

namespace {

constexpr qsizetype kMostErrors = 64 * 1024;

/// Takes a prefix that names a field off the words: "url: …", "server.charm1.ssh_port: …", "--ssh-port: …".
QString takeField(QString &words)
{
    static const QRegularExpression shape(
        QStringLiteral("^(?:--|(?:[a-z]+\\.)(?:.*\\.)?)?([a-z][a-z_-]*): (?=.)"));
    const QRegularExpressionMatch match = shape.match(words);
    if (!match.hasMatch())
        return {};
    words = words.mid(match.capturedLength());
    return match.captured(1).replace(u'-', u'_');
}

/// A child that nobody waits for any more: it is asked to end, ended when it does not, and goes then.
void leave(std::unique_ptr<QProcess> process)
{
    QProcess *left = process.release();
    QObject::disconnect(left, nullptr, nullptr, nullptr);
    QObject::connect(left, &QProcess::finished, left, &QObject::deleteLater);
    QObject::connect(left, &QProcess::errorOccurred, left, [left](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            left->deleteLater();
    });
    left->terminate();
    QTimer::singleShot(CringCommand::grace, left, &QProcess::kill);
}

} // namespace

Complaint complaintOf(const QByteArray &text)
{
    static const QRegularExpression start(QStringLiteral("^(?:cring: (?:error: )?|error: )"));
    static const QRegularExpression code(QStringLiteral("\\bCR-([0-9]{4})\\b"));
    Complaint complaint;
    const QStringList lines = QString::fromUtf8(text).split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : lines) {
        const QRegularExpressionMatch begins = start.match(line);
        if (!begins.hasMatch())
            continue;
        QString words = line.mid(begins.capturedLength()).trimmed();
        const QRegularExpressionMatch coded = code.match(words);
        if (!coded.hasMatch()) {
            complaint.field = takeField(words);
            complaint.words = serviceSentenceAlone(words);
            return complaint;
        }
        complaint.code = coded.captured();
        // "PLACE: CR-1003: words", or "words (CR-1003)".
        const QString before = complaint.code + QStringLiteral(": ");
        if (const qsizetype at = words.indexOf(before); at >= 0)
            words = words.mid(at + before.size());
        else
            words.remove(QStringLiteral(" (%1)").arg(complaint.code));
        complaint.field = takeField(words);
        complaint.words = errorWords({static_cast<Code>(coded.captured(1).toInt()), words});
        return complaint;
    }
    if (!lines.isEmpty())
        complaint.words = serviceSentenceAlone(lines.last().trimmed());
    return complaint;
}

CringCommand::CringCommand(const QString &program, const QStringList &arguments, QObject *parent)
    : QObject(parent)
    , m_program(program)
    , m_arguments(arguments)
{
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, [this] {
        if (m_end == End::Exited)
            end(End::TimedOut);
        else if (m_process)
            m_process->kill();
    });
}

CringCommand::~CringCommand()
{
    if (!m_process)
        return;
    if (m_process->state() != QProcess::NotRunning)
        leave(std::move(m_process));
    else
        m_process.release()->deleteLater(); // It may be its own signal that brought us here.
}

void CringCommand::start()
{
    m_running = true;
    if (m_program.isEmpty()) {
        QMetaObject::invokeMethod(
            this, [this] { tellNotStarted(tr("it is neither beside this program nor on your PATH")); },
            Qt::QueuedConnection);
        return;
    }
    m_process = std::make_unique<QProcess>();
    m_process->setProgram(m_program);
    m_process->setArguments(m_arguments);
    connect(m_process.get(), &QProcess::readyReadStandardOutput, this, &CringCommand::readOutput);
    connect(m_process.get(), &QProcess::readyReadStandardError, this, [this] {
        m_errors += m_process->readAllStandardError();
        m_errors.truncate(kMostErrors);
    });
    connect(m_process.get(), &QProcess::finished, this, &CringCommand::handleFinished);
    connect(
        m_process.get(), &QProcess::errorOccurred, this,
        [this](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart)
                tellNotStarted(m_process->errorString());
        },
        Qt::QueuedConnection);
    if (m_time.count() > 0)
        m_limit.start(m_time);
    m_process->start();
    if (m_process->state() != QProcess::NotRunning) {
        m_process->write(m_input.text(), m_input.size());
        m_process->closeWriteChannel();
    }
    m_input = {};
}

void CringCommand::readOutput()
{
    m_output += m_process->readAllStandardOutput();
    if (m_output.size() > mostOutput) {
        m_process->kill();
        return;
    }
    for (qsizetype at = m_output.indexOf('\n', m_read); at >= 0; at = m_output.indexOf('\n', m_read)) {
        const QByteArray line = m_output.mid(m_read, at - m_read);
        m_read = at + 1;
        takeLine(line);
    }
}

/// A document that was written over several lines is none of these.
void CringCommand::takeLine(const QByteArray &line)
{
    if (!line.startsWith('{') || !line.endsWith('}'))
        return;
    const QJsonObject object = QJsonDocument::fromJson(line).object();
    if (object.isEmpty())
        return;
    m_lastLine = object;
    if (!object.contains(QStringLiteral("summary")))
        Q_EMIT progressed(object);
}

QJsonObject CringCommand::answer() const
{
    const QJsonObject whole = QJsonDocument::fromJson(m_output).object();
    const QJsonObject last = whole.isEmpty() ? m_lastLine : whole;
    const QJsonObject summary = last.value(QStringLiteral("summary")).toObject();
    return summary.isEmpty() ? last : summary;
}

void CringCommand::end(End why)
{
    if (!m_running || m_end != End::Exited)
        return;
    m_end = why;
    m_process->terminate();
    m_limit.start(grace);
}

void CringCommand::handleFinished(int exitCode, QProcess::ExitStatus status)
{
    readOutput();
    m_errors += m_process->readAllStandardError();
    CringOutcome outcome{m_end, exitCode, answer(), complaintOf(m_errors)};
    if (m_end == End::Cancelled)
        outcome.complaint = {tr("It was called off"), {}, {}};
    else if (m_end == End::TimedOut)
        outcome.complaint = {tr("It took too long, and was called off"), {}, {}};
    else if (status == QProcess::CrashExit)
        outcome.end = End::Crashed;
    if (!outcome.ok() && outcome.complaint.words.isEmpty())
        outcome.complaint.words =
            outcome.end == End::Crashed
                ? tr("The program cring has crashed")
                : tr("The program cring ended with code %1, without a word").arg(exitCode);
    tell(std::move(outcome));
}

void CringCommand::tell(CringOutcome outcome)
{
    m_limit.stop();
    m_running = false;
    deleteLater();
    Q_EMIT finished(outcome);
}

void CringCommand::tellNotStarted(const QString &why)
{
    tell({End::NotStarted, -1, {}, {tr("The program cring could not be started: %1").arg(why), {}, {}}});
}

Cring::Cring(QString program, QString configFile, QString socket)
    : m_program(std::move(program))
    , m_configFile(std::move(configFile))
    , m_socket(std::move(socket))
{
}

QString Cring::find()
{
    const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/cring");
    if (QFileInfo(beside).isExecutable())
        return beside;
    return QStandardPaths::findExecutable(QStringLiteral("cring"));
}

CringCommand *Cring::command(const QStringList &arguments, QObject *context) const
{
    QStringList all = arguments + QStringList{QStringLiteral("--json")};
    if (!m_configFile.isEmpty())
        all += {QStringLiteral("--config"), m_configFile};
    return new CringCommand(m_program, all, context);
}

CringCommand *Cring::serviceCommand(QStringList arguments, QObject *context) const
{
    if (!m_socket.isEmpty())
        arguments += {QStringLiteral("--control-socket"), m_socket};
    return command(arguments, context);
}

} // namespace cring::models
