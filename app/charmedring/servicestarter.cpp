// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charmedring/servicestarter.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>

namespace cring::app {

namespace {

constexpr qint64 kLogEnd = 8 * 1024;

} // namespace

ServiceStarter::ServiceStarter(QString program, QStringList arguments, QString logFile, QObject *parent)
    : QObject(parent)
    , m_program(std::move(program))
    , m_arguments(std::move(arguments))
    , m_logFile(std::move(logFile))
{
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, [this] {
        m_process.reset();
        Q_EMIT failed(
            tr("The service was started and does not answer. What it says is in %1").arg(m_logFile));
    });
}

void ServiceStarter::start()
{
    if (isStarting())
        return;
    if (m_program.isEmpty()) {
        Q_EMIT failed(tr("The program cring is neither beside this one nor on your PATH. Install it, or "
                         "start the service yourself"));
        return;
    }
    QDir().mkpath(QFileInfo(m_logFile).path());
    QProcess process;
    process.setProgram(m_program);
    // It keeps its log within bounds by itself. What it says before it has opened it goes there, too.
    process.setArguments(QStringList{QStringLiteral("serve"), QStringLiteral("--log-file"), m_logFile} +
                         m_arguments);
    process.setStandardInputFile(QProcess::nullDevice());
    keepLastLog();
    process.setStandardOutputFile(m_logFile, QIODevice::Append);
    process.setStandardErrorFile(m_logFile, QIODevice::Append);
    process.setWorkingDirectory(QDir::homePath());
    qint64 pid = 0;
    if (!process.startDetached(&pid)) {
        Q_EMIT failed(tr("%1 could not be started: %2").arg(m_program, process.errorString()));
        return;
    }
    m_limit.start(startTime);
    m_process = std::make_unique<ProcessEnd>(pid);
    connect(m_process.get(), &ProcessEnd::ended, this, &ServiceStarter::handleEnded);
    Q_EMIT started();
    if (!m_process->isWatching())
        handleEnded(); // It is gone already.
}

/// Why the last run has ended is of use to whoever starts the next one.
void ServiceStarter::keepLastLog() const
{
    if (QFileInfo(m_logFile).size() == 0)
        return;
    const QString before = m_logFile + QStringLiteral(".1");
    QFile::remove(before);
    QFile::rename(m_logFile, before);
}

void ServiceStarter::handleAnswered()
{
    m_limit.stop();
    if (m_process)
        m_process.release()->deleteLater();
}

void ServiceStarter::handleEnded()
{
    m_limit.stop();
    if (m_process)
        m_process.release()->deleteLater();
    const QString words = lastWords();
    Q_EMIT failed(words.isEmpty() ? tr("The service ended as soon as it was started, without a word")
                                  : tr("The service could not start: %1").arg(words));
}

QString ServiceStarter::lastWords() const
{
    QFile file(m_logFile);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    file.seek(std::max<qint64>(0, file.size() - kLogEnd));
    const QStringList lines = QString::fromUtf8(file.readAll()).split(u'\n', Qt::SkipEmptyParts);
    // What it says after its first error follows from that.
    const QString mark = QStringLiteral("error: ");
    for (const QString &line : lines) {
        if (const qsizetype at = line.indexOf(mark); at >= 0)
            return line.mid(at + mark.size()).trimmed();
    }
    return lines.isEmpty() ? QString() : lines.last().trimmed();
}

} // namespace cring::app
