// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backupcommand.h"

#include "app/cring/pagedcommand.h"
#include "core/base/words.h"
#include "core/service/recoverykitmethods.h"

#include <QDateTime>
#include <QJsonArray>

namespace cring::app {

using control::BackupStatus;
using control::Snapshot;

namespace {

constexpr QLatin1String kBackup("backup");
/// A bucket that fails is tried again by itself: a person is told after so many looks.
constexpr int kPatience = 8;

QJsonObject paramsFor(const QString &name)
{
    return name.isEmpty() ? QJsonObject() : QJsonObject{{kBackup, name}};
}

/// Of all files, or of single ones.
QString problemOf(const BackupStatus &backup)
{
    return backup.reason.isEmpty() ? backup.objectsProblem : backup.reason;
}

qint64 owedBy(const BackupStatus &backup)
{
    return backup.owed + backup.owedDeletes - backup.heldDeletes;
}

QString age(const std::optional<qint64> &ms, qint64 now, const QString &never)
{
    return ms ? words::duration(std::chrono::milliseconds(now - *ms)) + QStringLiteral(" ago") : never;
}

QString table(const Terminal &terminal, const QList<BackupStatus> &backups, qint64 nowMs)
{
    PaintedTable table;
    table.addRow({heading("BACKUP"), heading("STATE"), heading("OBJECTS", true), heading("OWED", true),
                  heading("BYTES", true), heading("OLDEST"), heading("VERIFIED"), heading("VERSIONS"),
                  heading("")});
    for (const BackupStatus &backup : backups) {
        const qint64 owed = backup.owed + backup.owedDeletes;
        QString note = problemOf(backup);
        if (backup.heldDeletes > 0)
            note = QStringLiteral("%1 wait for a person: `cring backup release` or `discard`")
                       .arg(words::counted(backup.heldDeletes, "delete"));
        table.addRow({{backup.name, Tone::Strong},
                      {backup.state, backup.reason.isEmpty() ? Tone::Plain : Tone::Warning},
                      {QString::number(backup.objects), Tone::Plain, true},
                      {QString::number(owed), owed > 0 ? Tone::Warning : Tone::Plain, true},
                      {words::bytes(backup.owedBytes), Tone::Plain, true},
                      {age(backup.oldestMs, nowMs, QStringLiteral("-"))},
                      {age(backup.verifiedMs, nowMs, QStringLiteral("never"))},
                      {backup.versioning},
                      {note, Tone::Warning}});
    }
    return table.toString(terminal);
}

/// "bytes: all read and compared 12 d ago", "bytes: never all compared".
QString bytesWords(const QList<BackupStatus> &backups, qint64 nowMs)
{
    QString text;
    for (const BackupStatus &backup : backups) {
        text += backups.size() > 1 ? QStringLiteral("bytes in %1: ").arg(plain(backup.name))
                                   : QStringLiteral("bytes: ");
        text += backup.deepVerifiedMs
                    ? QStringLiteral("all read and compared ") + age(backup.deepVerifiedMs, nowMs, {})
                    : QStringLiteral("never all compared");
        text += u'\n';
    }
    return text;
}

/// "accounts: saved 4 min ago", "accounts: never: no recovery kit"; by the bucket's name where there are
/// several.
QString accountsWords(const QList<BackupStatus> &backups, qint64 nowMs)
{
    QString text;
    for (const BackupStatus &backup : backups) {
        text += backups.size() > 1 ? QStringLiteral("accounts in %1: ").arg(plain(backup.name))
                                   : QStringLiteral("accounts: ");
        text += backup.accountsMs ? QStringLiteral("saved ") + age(backup.accountsMs, nowMs, {})
                                  : QStringLiteral("never");
        if (!backup.accountsProblem.isEmpty())
            text += QStringLiteral(": ") + plain(backup.accountsProblem);
        else if (backup.accountsPending)
            text += QStringLiteral(", being looked at again");
        text += u'\n';
    }
    return text;
}

/// "drill: 20 files (31 MB) came back as they were 2 d ago"; nothing where there was none.
QString drillWords(const QList<BackupStatus> &backups, qint64 nowMs)
{
    QString text;
    for (const BackupStatus &backup : backups) {
        const control::DrillStatus &drill = backup.drill;
        if (!drill.atMs)
            continue;
        text += (backups.size() > 1 ? QStringLiteral("drill of %1: ").arg(plain(backup.name))
                                    : QStringLiteral("drill: ")) +
                QStringLiteral("%1 (%2) came back as they were %3")
                    .arg(words::counted(drill.restored, "file"), words::bytes(drill.bytes),
                         age(drill.atMs, nowMs, {}));
        if (!drill.problem.isEmpty())
            text += QStringLiteral("; failed: ") + plain(drill.problem);
        text += u'\n';
        for (const QString &failure : drill.failures)
            text += QStringLiteral("  not brought back: %1\n").arg(plain(failure));
    }
    return text;
}

/// What the last look at each bucket has found to be wrong.
QString bucketWords(const QList<BackupStatus> &backups)
{
    QString text;
    for (const BackupStatus &backup : backups) {
        if (!backup.growthWarning.isEmpty())
            text +=
                QStringLiteral("growth of %1: %2\n").arg(plain(backup.bucket), plain(backup.growthWarning));
        for (const QString &finding : backup.checkFindings)
            text += QStringLiteral("bucket %1: %2\n").arg(plain(backup.bucket), plain(finding));
    }
    return text;
}

} // namespace

void BackupStatusCommand::handleOpened(const control::ServiceInfo &)
{
    call(QStringLiteral("status"), {}, [this](const QJsonObject &answer) {
        const auto snapshot = Snapshot::fromJson(answer);
        if (!snapshot) {
            fail(snapshot.error());
            return;
        }
        if (json())
            printJson({{QStringLiteral("backups"), answer.value(QLatin1String("backups"))},
                       {QStringLiteral("recoveryKit"), answer.value(QLatin1String("recoveryKit"))}});
        else if (snapshot->backups.isEmpty())
            print(QStringLiteral("No backup is configured: add a [[backup]] to the configuration.\n"));
        else
            print(table(terminal(), snapshot->backups, snapshot->takenMs) +
                  bytesWords(snapshot->backups, snapshot->takenMs) +
                  accountsWords(snapshot->backups, snapshot->takenMs) +
                  drillWords(snapshot->backups, snapshot->takenMs) + bucketWords(snapshot->backups));
        const QString reminder = service::kitReminder(snapshot->recoveryKit);
        if (!snapshot->backups.isEmpty() && !reminder.isEmpty())
            terminal().complain(reminder);
        finish(Ok);
    });
}

BackupRunCommand::BackupRunCommand(ServiceCommandContext context, QString name, bool wait)
    : ServiceCommand(std::move(context))
    , m_name(std::move(name))
    , m_wait(wait)
{
}

void BackupRunCommand::handleOpened(const control::ServiceInfo &)
{
    askPause([this] {
        call(QStringLiteral("backup.run"), paramsFor(m_name), [this](const QJsonObject &answer) {
            if (!m_wait) {
                if (json())
                    printJson(answer);
                else
                    print(QStringLiteral(
                        "What is owed is tried now; `cring backup status` shows what is left.\n"));
                finish(Ok);
                return;
            }
            if (!pauseWords().isEmpty()) {
                print(pauseWords() + QStringLiteral(": nothing is brought before.\n"));
                finish(PartlyDone);
                return;
            }
            call(QStringLiteral("status.subscribe"), {{QStringLiteral("intervalMs"), 500}},
                 [](const QJsonObject &) {});
        });
    });
}

void BackupRunCommand::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method != QLatin1String("status") || m_ended)
        return;
    if (const auto snapshot = Snapshot::fromJson(params))
        judge(*snapshot);
}

void BackupRunCommand::judge(const Snapshot &snapshot)
{
    qint64 owed = 0;
    bool pending = false; // the accounts
    QStringList problems;
    QList<BackupStatus> backups;
    for (const BackupStatus &backup : snapshot.backups) {
        if (!m_name.isEmpty() && backup.name != m_name && backup.id != m_name)
            continue;
        backups << backup;
        owed += owedBy(backup);
        pending = pending || backup.accountsPending;
        if (!problemOf(backup).isEmpty())
            problems << backup.name + QStringLiteral(": ") + problemOf(backup);
    }
    ++m_looks;
    m_begun = std::max(m_begun, owed);
    if (owed == 0 && !pending && m_looks > 1) {
        end(backups, tellAccounts(backups, snapshot.recoveryKit) ? Ok : PartlyDone);
    } else if (!problems.isEmpty() && m_looks > kPatience) {
        for (const QString &problem : std::as_const(problems))
            terminal().complain(problem);
        end(backups, PartlyDone);
    } else if (!json()) {
        terminal().progress(QStringLiteral("%1 of %2 brought").arg(m_begun - owed).arg(m_begun));
    }
}

/// Whether they are saved as well; without a kit nobody expects it.
bool BackupRunCommand::tellAccounts(const QList<BackupStatus> &backups, const control::RecoveryKitStatus &kit)
{
    bool saved = true;
    for (const BackupStatus &backup : backups) {
        if (backup.accountsProblem.isEmpty() || kit.name.isEmpty())
            continue;
        saved = false;
        terminal().complain(
            QStringLiteral("%1: the accounts are not saved: %2").arg(backup.name, backup.accountsProblem));
    }
    return saved;
}

void BackupRunCommand::end(const QList<BackupStatus> &backups, int exitCode)
{
    m_ended = true;
    qint64 owed = 0;
    qint64 held = 0;
    for (const BackupStatus &backup : backups) {
        owed += owedBy(backup);
        held += backup.heldDeletes;
    }
    if (held > 0)
        terminal().complain(QStringLiteral("%1 held back: see `cring backup release` and `cring backup "
                                           "discard`")
                                .arg(words::counted(held, "delete is", "deletes are")));
    if (json())
        printJson({{QStringLiteral("summary"), QJsonObject{{QStringLiteral("brought"), m_begun - owed},
                                                           {QStringLiteral("owed"), owed},
                                                           {QStringLiteral("held"), held}}}});
    else if (owed == 0)
        print(QStringLiteral("Every bucket has every file; %1 brought.\n")
                  .arg(words::counted(m_begun, "change")));
    else
        print(QStringLiteral("%1 still owed; it is tried again by itself.\n").arg(owed));
    finish(exitCode);
}

BackupDeletesCommand::BackupDeletesCommand(ServiceCommandContext context, QString name, bool carryOut,
                                           bool yes)
    : ServiceCommand(std::move(context))
    , m_name(std::move(name))
    , m_carryOut(carryOut)
    , m_yes(yes)
{
}

void BackupDeletesCommand::handleOpened(const control::ServiceInfo &)
{
    const QString question =
        m_carryOut
            ? QStringLiteral("The bucket keeps no versions: what is deleted there is gone for good. Go on?")
            : QStringLiteral("What was deleted stays in the bucket, and comes back with a restore. Go on?");
    if (!isConfirmed(question, m_yes))
        return;
    call(m_carryOut ? QStringLiteral("backup.release") : QStringLiteral("backup.discard"), paramsFor(m_name),
         [this](const QJsonObject &answer) {
             const qint64 deletes = answer.value(QLatin1String("deletes")).toInteger();
             if (json())
                 printJson(answer);
             else if (deletes == 0)
                 print(QStringLiteral("No deletes are held.\n"));
             else if (m_carryOut)
                 print(QStringLiteral("%1 carried out now.\n").arg(words::counted(deletes, "delete")));
             else
                 print(QStringLiteral("%1 dropped: the objects stay in the bucket.\n")
                           .arg(words::counted(deletes, "delete")));
             finish(Ok);
         });
}

BackupVersionsCommand::BackupVersionsCommand(ServiceCommandContext context, QString path, QString name)
    : ServiceCommand(std::move(context))
    , m_path(std::move(path))
    , m_name(std::move(name))
{
}

void BackupVersionsCommand::handleOpened(const control::ServiceInfo &)
{
    QJsonObject params = paramsFor(m_name);
    params.insert(QStringLiteral("path"), m_path);
    call(
        QStringLiteral("backup.versions"), params,
        [this](const QJsonObject &answer) {
            const QJsonArray versions = answer.value(QLatin1String("versions")).toArray();
            if (json()) {
                printJson(answer);
            } else if (versions.isEmpty()) {
                terminal().complain(QStringLiteral("the bucket has nothing at this path"));
            } else {
                PaintedTable table;
                table.addRow({heading("WHEN"), heading("SIZE", true), heading("VERSION"), heading("")});
                for (const QJsonValue entry : versions) {
                    const QJsonObject version = entry.toObject();
                    const bool deleted = version.value(QLatin1String("deleted")).toBool();
                    const auto when = QDateTime::fromMSecsSinceEpoch(
                        version.value(QLatin1String("modifiedMs")).toInteger());
                    table.addRow({{when.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"))},
                                  {deleted ? QString()
                                           : words::bytes(version.value(QLatin1String("size")).toInteger()),
                                   Tone::Plain, true},
                                  {version.value(QLatin1String("version")).toString(), Tone::Faint},
                                  {(deleted ? QStringLiteral("deleted") : QString()) +
                                   (version.value(QLatin1String("current")).toBool()
                                        ? (deleted ? QStringLiteral(", now") : QStringLiteral("now"))
                                        : QString())}});
                }
                print(table.toString(terminal()));
                if (answer.value(QLatin1String("more")).toBool())
                    advise(QStringLiteral("There are more: these are the newest."));
            }
            finish(versions.isEmpty() ? NotFound : Ok);
        },
        std::chrono::seconds(60));
}

} // namespace cring::app
