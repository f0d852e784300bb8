// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/restore.h"

#include "ui/models/servicecommands.h"
#include "ui/models/servicesentences.h"

#include <algorithm>

namespace cring::models {

namespace {

Restore::Outcome outcomeOf(const QJsonObject &summary)
{
    const auto number = [&summary](const char *name) {
        return summary.value(QLatin1String(name)).toInteger();
    };
    Restore::Outcome outcome{number("files"),        number("folders"), number("bytes"),  number("brought"),
                             number("broughtBytes"), number("same"),    number("failed"), {}};
    const QJsonArray failures = summary.value(QStringLiteral("failures")).toArray();
    for (const QJsonValue &failure : failures)
        outcome.failures.append(serviceSentence(failure.toString()));
    return outcome;
}

} // namespace

QJsonObject RestoreChoice::parameters(bool dryRun) const
{
    QJsonObject object;
    if (!backup.isEmpty())
        object.insert(QStringLiteral("backup"), backup);
    if (!path.isEmpty())
        object.insert(QStringLiteral("paths"), QJsonArray{path});
    if (atMs)
        object.insert(QStringLiteral("atMs"), *atMs);
    if (folder.isEmpty())
        object.insert(QStringLiteral("toBackends"), true);
    else
        object.insert(QStringLiteral("to"), folder);
    if (dryRun)
        object.insert(QStringLiteral("dryRun"), true);
    return object;
}

Restore::Restore(ServiceLink &link, QObject *parent)
    : QObject(parent)
    , m_link(link)
{
    connect(&link, &ServiceLink::notified, this, [this](const QString &method, const QJsonObject &params) {
        // One that has ended is told of again when something of it changes.
        const bool isUnderWay = m_state == State::Counting || m_state == State::Running;
        if (method == QStringLiteral("job") && isUnderWay &&
            params.value(QStringLiteral("id")).toInteger() == m_job.id)
            take(params);
    });
    connect(&link, &ServiceLink::opened, this, [this] {
        if (m_job.id == 0 || (m_state != State::Counting && m_state != State::Running))
            return;
        m_link.call(QStringLiteral("jobs.show"), {{QStringLiteral("id"), m_job.id}}, this,
                    [this](const Result<QJsonObject> &answer) {
                        if (answer)
                            take(answer->value(QStringLiteral("job")).toObject());
                        else
                            end(errorWords(answer.error()));
                    });
    });
}

void Restore::askVersions(const QString &path, const QString &backup)
{
    const int question = ++m_question;
    m_versionsProblem.clear();
    m_asking = !path.isEmpty();
    m_versions.setVersions({});
    Q_EMIT versionsChanged();
    if (path.isEmpty())
        return;
    QJsonObject params{{QStringLiteral("path"), path}};
    if (!backup.isEmpty())
        params.insert(QStringLiteral("backup"), backup);
    m_link.call(QStringLiteral("backup.versions"), params, this,
                [this, question](const Result<QJsonObject> &answer) {
                    if (question != m_question)
                        return;
                    m_asking = false;
                    if (answer)
                        m_versions.setVersions(answer->value(QStringLiteral("versions")).toArray());
                    else
                        m_versionsProblem = errorWords(answer.error());
                    Q_EMIT versionsChanged();
                });
}

void Restore::count(const RestoreChoice &choice)
{
    start(choice, true);
}

void Restore::begin(const RestoreChoice &choice)
{
    start(choice, false);
}

void Restore::start(const RestoreChoice &choice, bool dryRun)
{
    if (m_state == State::Counting || m_state == State::Running)
        return;
    const bool isCounted = m_state == State::Counted && m_choice == choice;
    m_counted = isCounted ? m_outcome.files + m_outcome.folders : 0;
    m_state = dryRun ? State::Counting : State::Running;
    m_choice = choice;
    m_job = {};
    m_outcome = {};
    m_problem.clear();
    Q_EMIT changed();
    m_link.call(QStringLiteral("jobs.start"),
                {{QStringLiteral("kind"), QStringLiteral("backup-restore")},
                 {QStringLiteral("parameters"), choice.parameters(dryRun)}},
                this, [this](const Result<QJsonObject> &answer) {
                    if (answer)
                        take(answer->value(QStringLiteral("job")).toObject());
                    else
                        end(errorWords(answer.error()));
                });
}

void Restore::take(const QJsonObject &job)
{
    m_job = JobRow::fromJson(job);
    if (m_job.isUnderWay()) {
        Q_EMIT changed();
        return;
    }
    m_outcome = outcomeOf(job.value(QStringLiteral("summary")).toObject());
    end(m_job.problem);
}

void Restore::end(const QString &problem)
{
    const bool isCounted =
        m_state == State::Counting && problem.isEmpty() && m_job.state == QStringLiteral("done");
    m_state = isCounted ? State::Counted : State::Ended;
    m_problem = problem;
    Q_EMIT changed();
}

void Restore::cancel()
{
    if (m_job.id == 0)
        return;
    m_link.call(QStringLiteral("jobs.cancel"), {{QStringLiteral("id"), m_job.id}}, this,
                [](const Result<QJsonObject> &) {}); // Its end is told like any other.
}

std::optional<double> Restore::fraction() const
{
    if (m_state != State::Running || m_counted <= 0)
        return std::nullopt;
    return std::clamp(static_cast<double>(m_job.done) / static_cast<double>(m_counted), 0.0, 1.0);
}

} // namespace cring::models
