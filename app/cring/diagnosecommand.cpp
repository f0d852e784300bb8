// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/diagnosecommand.h"

#include "app/cring/diagnosis.h"
#include "core/base/words.h"
#include "core/service/statedirectory.h"

#include <QDateTime>
#include <QFileInfo>
#include <QJsonArray>

namespace cring::app {

namespace {

struct Question
{
    const char *method;
    const char *file;
    const char *what;
    int limit = 0; ///< Of entries; 0: the method has none.
};

/// None of them changes anything, or makes the service ask a server.
constexpr auto kQuestions = std::to_array<Question>({
    {"status", "status.json", "how the ring stands: servers, requests, backups"},
    {"backends.list", "servers.json", "what is known of each server"},
    {"jobs.list", "jobs.json", "jobs under way, and the last ones"},
    {"queue.list", "queue.json", "some of what is owed to servers", 100},
    {"findings.list", "findings.json", "some of what was found on servers", 100},
    {"events.list", "events.json", "what happened last", 500},
});

QString defaultFile(const QDateTime &now)
{
    return QStringLiteral("cring-diagnosis-%1.tar.gz").arg(now.toString(QStringLiteral("yyyyMMdd-HHmmss")));
}

} // namespace

DiagnoseCommand::DiagnoseCommand(ServiceCommandContext context, config::Loaded configured, Options options)
    : ServiceCommand(std::move(context))
    , m_configured(std::move(configured))
    , m_options(std::move(options))
    , m_redaction(m_configured.config)
{
}

void DiagnoseCommand::add(const QString &name, const QString &what, const QString &text)
{
    m_files.append({name, what, m_redaction.cleaned(text).toUtf8()});
}

void DiagnoseCommand::addLocal()
{
    const QList<TextFile> files =
        localDiagnosis(m_configured, QProcessEnvironment::systemEnvironment(), service::stateDirectoryPath());
    for (const TextFile &file : files)
        add(file.name, file.what, QString::fromUtf8(file.text));
}

void DiagnoseCommand::handleOpened(const control::ServiceInfo &info)
{
    addLocal();
    add(QStringLiteral("service.txt"), QStringLiteral("the service that runs"),
        QStringLiteral("version %1\n").arg(info.version));
    askNext();
}

/// One after the other: what one says may be long. What the service does not answer is said, and no more.
void DiagnoseCommand::askNext()
{
    if (m_asked == std::ssize(kQuestions)) {
        conclude();
        return;
    }
    const Question &question = kQuestions.at(static_cast<size_t>(m_asked++));
    QJsonObject params;
    if (question.limit > 0)
        params.insert(QLatin1String("limit"), question.limit);
    tryCall(QLatin1String(question.method), params, [this, &question](const Result<QJsonObject> &answer) {
        add(QLatin1String(question.file), QLatin1String(question.what),
            answer ? QString::fromUtf8(jsonText(*answer, QJsonDocument::Indented))
                   : answer.error().toString() + u'\n');
        askNext();
    });
}

void DiagnoseCommand::handleClosed(const Error &reason)
{
    if (m_ended)
        return;
    add(QStringLiteral("service-gone.txt"), QStringLiteral("why the service told no more"),
        reason.toString() + u'\n');
    conclude();
}

/// That there is none may be what the report is about.
void DiagnoseCommand::handleFailed(const Error &error)
{
    addLocal();
    add(QStringLiteral("service.txt"), QStringLiteral("why the service tells nothing"),
        error.toString() + u'\n');
    conclude();
}

void DiagnoseCommand::printList()
{
    PaintedTable table;
    for (const TextFile &file : std::as_const(m_files))
        table.addRow(
            {{file.name, Tone::Strong}, {words::bytes(file.text.size()), Tone::Plain, true}, {file.what}});
    print(table.toString(terminal()));
}

void DiagnoseCommand::printAll()
{
    for (const TextFile &file : std::as_const(m_files)) {
        print(terminal().paint(Tone::Strong, QStringLiteral("==> %1 <==").arg(file.name)) + u'\n');
        const QStringList lines = QString::fromUtf8(file.text).split(u'\n');
        for (const QString &line : lines)
            print(plain(line) + u'\n');
    }
}

void DiagnoseCommand::conclude()
{
    m_ended = true;
    if (m_options.show) {
        printAll();
        finish(Ok);
        return;
    }
    const QDateTime now = QDateTime::currentDateTime();
    const QString file = m_options.file.isEmpty() ? defaultFile(now) : m_options.file;
    if (!json())
        printList();
    if (!isConfirmed(
            QStringLiteral("Names of machines, buckets and accounts are stand-ins, keys are left out; "
                           "`cring diagnose --show` prints all of it. Write %1?")
                .arg(plain(file)),
            m_options.yes))
        return;
    if (const Status written = writeTextArchive(file, m_files, now.toSecsSinceEpoch()); !written) {
        fail(written.error());
        return;
    }
    if (json()) {
        QJsonArray files;
        for (const TextFile &one : std::as_const(m_files))
            files.append(QJsonObject{{QStringLiteral("name"), one.name},
                                     {QStringLiteral("bytes"), one.text.size()},
                                     {QStringLiteral("what"), one.what}});
        printJson(
            {{QStringLiteral("file"), QFileInfo(file).absoluteFilePath()}, {QStringLiteral("files"), files}});
    } else {
        print(QStringLiteral("Written: %1\n").arg(plain(file)));
    }
    finish(Ok);
}

} // namespace cring::app
