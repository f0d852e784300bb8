// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backupcommand.h"
#include "app/cring/backupgrowthcommand.h"
#include "app/cring/commandfamily.h"
#include "app/cring/jobwatchcommand.h"
#include "app/cring/logcommand.h"
#include "core/backup/drilljob.h"
#include "core/backup/growthbook.h"
#include "core/backup/restorejob.h"
#include "core/backup/verifyjob.h"

#include <QDateTime>
#include <QDir>
#include <QJsonArray>

namespace cring::app {

namespace {

using WatchOptions = JobWatchCommand::Options;

/// Also as a word of its own.
constexpr const char *kNameWord = "NAME,--backup";

std::shared_ptr<QString> addName(CLI::App *command)
{
    const auto name = std::make_shared<QString>();
    command->add_option_function<std::string>(
        "--backup", [name](const std::string &value) { *name = QString::fromStdString(value); },
        "Which one, by its name; may be left out where there is only one");
    return name;
}

void addGrowth(CLI::App &backup, const CommandFamilyPtr &family)
{
    CLI::App *growth = addCommand(backup, family, "growth", "What the bucket has taken in, day by day");
    const auto name = std::make_shared<QString>();
    const auto days = std::make_shared<int>(0);
    growth
        ->add_option_function<std::string>(
            kNameWord, [name](const std::string &value) { *name = QString::fromStdString(value); },
            "Which one; may be left out where there is only one")
        ->type_name("NAME");
    growth->add_option("--days", *days, "The last so many days [default: 30]")
        ->type_name("N")
        ->check(CLI::Range(1, backup::GrowthBook::kKeptDays));
    runs(growth, family, [name, days](const ServiceCommandContext &context) {
        return std::make_unique<BackupGrowthCommand>(context, *name, *days);
    });
}

void addDeletes(CLI::App &backup, const CommandFamilyPtr &family, const char *command, bool carryOut,
                const char *help)
{
    CLI::App *deletes = addCommand(backup, family, command, help);
    const auto name = addName(deletes);
    const auto yes = std::make_shared<bool>(false);
    deletes->add_flag("-y,--yes", *yes, "Do not ask");
    runs(deletes, family, [name, carryOut, yes](const ServiceCommandContext &context) {
        return std::make_unique<BackupDeletesCommand>(context, *name, carryOut, *yes);
    });
}

std::shared_ptr<WatchOptions> addJob(CLI::App *command, const CommandFamilyPtr &family, const char *kind,
                                     const char *name = "--backup")
{
    const auto options = std::make_shared<WatchOptions>();
    options->kind = QString::fromLatin1(kind);
    command->add_flag("--wait,!--no-wait", options->wait, "Wait for its end (the default), or only start it");
    command
        ->add_option_function<std::string>(
            name,
            [options](const std::string &value) {
                options->parameters.insert(QStringLiteral("backup"), QString::fromStdString(value));
            },
            "Which one, by its name; may be left out where there is only one")
        ->type_name("NAME");
    watches(command, family, [options] { return *options; });
    return options;
}

void addVerify(CLI::App &backup, const CommandFamilyPtr &family)
{
    CLI::App *verify =
        addCommand(backup, family, "verify",
                   "Compare the bucket with what is known, both ways; store again what is lost");
    const auto options = addJob(verify, family, backup::VerifyJob::kKind);
    verify->add_flag_callback(
        "--deep", [options] { options->parameters.insert(QStringLiteral("deep"), true); },
        "Read every object, and compare its bytes");
    verify->footer("Exit codes: 6 when objects were missing or damaged.");
}

void addDrill(CLI::App &backup, const CommandFamilyPtr &family)
{
    CLI::App *drill = addCommand(backup, family, "drill",
                                 "Restore some files to a temporary folder, and compare them: does it work?");
    addJob(drill, family, backup::DrillJob::kKind, kNameWord);
    drill->footer("Exit codes: 6 when something did not come back as it was.");
}

void addRestore(CLI::App &backup, const CommandFamilyPtr &family)
{
    CLI::App *restore =
        addCommand(backup, family, "restore", "Bring files back, to the servers or to a folder");
    const auto options = addJob(restore, family, backup::RestoreJob::kKind);
    QJsonObject &parameters = options->parameters;
    restore->add_option_function<std::vector<std::string>>(
        "PATH",
        [&parameters, options](const std::vector<std::string> &paths) {
            QJsonArray array;
            for (const std::string &path : paths)
                array.append(QString::fromStdString(path));
            parameters.insert(QStringLiteral("paths"), array);
        },
        "Files and folders, as `cring blobs list` shows them; everything, without any");
    restore
        ->add_option_function<std::string>(
            "--at",
            [&parameters, options](const std::string &text) {
                if (text == "now")
                    return;
                const auto at = parseSince(QString::fromStdString(text), QDateTime::currentMSecsSinceEpoch());
                if (!at)
                    throw CLI::ValidationError("--at", at.error().detail.toStdString());
                parameters.insert(QStringLiteral("atMs"), *at);
            },
            "As they were then: a time, or how long ago (10m, 2h, 3d); \"now\" is the default")
        ->type_name("TIME");
    auto *to = restore->add_option_function<std::string>(
        "--to",
        [&parameters, options](const std::string &folder) {
            parameters.insert(QStringLiteral("to"),
                              QDir::current().absoluteFilePath(QString::fromStdString(folder)));
        },
        "A folder of the service's machine, laid out as a server's files/");
    restore
        ->add_flag_callback(
            "--to-backends",
            [&parameters, options] {
                parameters.insert(QStringLiteral("toBackends"), true);
                options->question =
                    QStringLiteral("What the servers have now is replaced by what the bucket has or had, of "
                                   "everything that was named; --dry-run counts it first. Go on?");
            },
            "The servers, as if a client uploaded them")
        ->excludes(to);
    restore->add_flag_callback(
        "--dry-run", [&parameters, options] { parameters.insert(QStringLiteral("dryRun"), true); },
        "Only count what would be brought back; needs no destination");
    restore->add_flag("-y,--yes", options->yes, "Do not ask before files on the servers are replaced");
    restore->footer("Exit codes: 3 when something could not be brought back; the output names it.");
}

} // namespace

void addBackupCommands(CLI::App &app, const CommandFamilyPtr &family)
{
    CLI::App *backup = addListFamily(app, family, "backup", "The buckets that get every file");
    listsWhenBare<BackupStatusCommand>(backup, family);
    addPlain<BackupStatusCommand>(*backup, family, "status", "How far each of them is");
    CLI::App *run =
        addCommand(*backup, family, "run", "Try now what waits, and watch until they have everything");
    const auto name = addName(run);
    const auto wait = std::make_shared<bool>(true);
    run->add_flag("--wait,!--no-wait", *wait, "Wait for its end (the default), or only start it");
    runs(run, family, [name, wait](const ServiceCommandContext &context) {
        return std::make_unique<BackupRunCommand>(context, *name, *wait);
    });
    addBackupPlaceCommands(*backup, family);
    addVerify(*backup, family);
    addGrowth(*backup, family);
    CLI::App *versions = addCommand(*backup, family, "versions", "What the bucket has and had at a path");
    const auto path = std::make_shared<QString>();
    versions
        ->add_option_function<std::string>(
            "PATH", [path](const std::string &value) { *path = QString::fromStdString(value); },
            "As `cring blobs list` shows it")
        ->required();
    const auto versionsOf = addName(versions);
    runs(versions, family, [path, versionsOf](const ServiceCommandContext &context) {
        return std::make_unique<BackupVersionsCommand>(context, *path, *versionsOf);
    });
    addDrill(*backup, family);
    addRestore(*backup, family);
    addRecoverCommand(*backup, family);
    addDeletes(*backup, family, "release", true, "Carry out the deletes that were held");
    addDeletes(*backup, family, "discard", false,
               "Drop the deletes that were held: the objects stay in the bucket");
}

} // namespace cring::app
