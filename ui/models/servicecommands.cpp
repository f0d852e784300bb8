// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/servicecommands.h"

#include "ui/models/jobsmodel.h"
#include "ui/models/servicesentences.h"

#include <QJsonArray>

namespace cring::models {

namespace {

/// For what is a write of a file, however large.
constexpr std::chrono::minutes kUploadTime{10};

} // namespace

QString errorWords(const Error &error)
{
    QString words = serviceSentenceAlone(error.detail);
    // A sentence that begins with a name, such as "charm2 …", keeps it as it is written.
    if (words.startsWith(QStringLiteral("the ")) || words.startsWith(QStringLiteral("there ")) ||
        words.startsWith(QStringLiteral("no ")) || words.startsWith(QStringLiteral("not ")))
        words[0] = words.at(0).toUpper();
    return ServiceCommands::tr("%1 (%2)", "a sentence, and the code of the error")
        .arg(words, codeName(error.code));
}

ServiceCommands::ServiceCommands(ServiceLink &link, QObject *parent)
    : QObject(parent)
    , m_link(link)
{
}

void ServiceCommands::run(const QString &method, const QJsonObject &params, const QString &done,
                          std::chrono::milliseconds time)
{
    m_link.call(
        method, params, this,
        [this, done](const Result<QJsonObject> &answer) {
            if (answer)
                Q_EMIT succeeded(done);
            else
                Q_EMIT failed(errorWords(answer.error()));
        },
        time);
}

void ServiceCommands::startJob(const QString &kind, const QJsonObject &parameters, const QString &done)
{
    run(QStringLiteral("jobs.start"),
        {{QStringLiteral("kind"), kind}, {QStringLiteral("parameters"), parameters}}, done);
}

void ServiceCommands::pause(std::optional<std::chrono::milliseconds> time)
{
    QJsonObject params;
    if (time)
        params.insert(QStringLiteral("forMs"), static_cast<qint64>(time->count()));
    run(QStringLiteral("pause"), params, tr("Background work rests. Clients are served as ever"));
}

void ServiceCommands::resume()
{
    run(QStringLiteral("resume"), {}, tr("Background work goes on"));
}

void ServiceCommands::checkFiles(bool deep)
{
    startJob(QStringLiteral("scrub"), {{QStringLiteral("deep"), deep}},
             tr("The check of all files has begun"));
}

void ServiceCommands::repair(const QString &path)
{
    startJob(QStringLiteral("repair"), {{QStringLiteral("paths"), QJsonArray{path}}},
             tr("The repair of the file has begun"));
}

void ServiceCommands::backUpNow(const QString &backup)
{
    QJsonObject params;
    if (!backup.isEmpty())
        params.insert(QStringLiteral("backup"), backup);
    run(QStringLiteral("backup.run"), params, tr("Everything that waits for the backup is tried now"));
}

void ServiceCommands::checkBackup(const QString &backup)
{
    startJob(QStringLiteral("backup-verify"), {{QStringLiteral("backup"), backup}},
             tr("The check of the backup has begun"));
}

void ServiceCommands::pauseJob(qint64 id)
{
    run(QStringLiteral("jobs.pause"), {{QStringLiteral("id"), id}}, tr("The job rests"));
}

void ServiceCommands::resumeJob(qint64 id)
{
    run(QStringLiteral("jobs.resume"), {{QStringLiteral("id"), id}}, tr("The job goes on"));
}

void ServiceCommands::cancelJob(qint64 id)
{
    run(QStringLiteral("jobs.cancel"), {{QStringLiteral("id"), id}},
        tr("The job ends; what is done stays done"));
}

void ServiceCommands::makePrimary(const QString &server)
{
    run(QStringLiteral("backends.promote"), {{QStringLiteral("name"), server}},
        tr("Accounts and logins go to %1 from now on").arg(server));
}

void ServiceCommands::chooseVersion(qint64 id)
{
    run(QStringLiteral("conflicts.choose"), {{QStringLiteral("id"), id}},
        tr("The version that you chose holds"), kUploadTime);
}

void ServiceCommands::discardVersion(qint64 id)
{
    run(QStringLiteral("conflicts.discard"), {{QStringLiteral("id"), id}}, tr("The version is gone"));
}

void ServiceCommands::remedy(Remedy remedy, const QStringList &paths)
{
    QJsonObject parameters{{QStringLiteral("paths"), QJsonArray::fromStringList(paths)}};
    if (remedy == Remedy::Adopt)
        parameters.insert(QStringLiteral("adopt"), true);
    else if (remedy == Remedy::Forget)
        parameters.insert(QStringLiteral("forget"), true);
    startJob(QStringLiteral("repair"), parameters, tr("The repair has begun: see Jobs"));
}

void ServiceCommands::stopService()
{
    run(QStringLiteral("drain"), {}, tr("The service finishes what is under way, and ends"));
}

void ServiceCommands::drain(const QString &server)
{
    run(QStringLiteral("backends.drain"), {{QStringLiteral("name"), server}},
        tr("What %1 holds is brought to the other servers").arg(server));
}

void ServiceCommands::endDrain(const QString &server)
{
    run(QStringLiteral("backends.resume"), {{QStringLiteral("name"), server}},
        tr("%1 is a server like the others again").arg(server));
}

} // namespace cring::models
