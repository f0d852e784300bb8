// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/backupchangecommand.h"
#include "app/cring/backupcheckcommand.h"
#include "app/cring/buckettrialcommand.h"
#include "app/cring/commandfamily.h"
#include "core/config/settings.h"

namespace cring::app {

namespace {

using What = BackupChangeCommand::What;
using Options = BackupChangeCommand::Options;

/// What a command line can say of a bucket: keys of [[backup]], as flags.
struct PlaceFlag
{
    const char *flag;
    const char *field;
    const char *type;
    const char *help;
};

constexpr PlaceFlag kPlaceFlags[] = {
    {"--url", "url", "URL", "The S3 endpoint, as https://s3.example.org"},
    {"--bucket", "bucket", "BUCKET", "The bucket"},
    {"--region", "region", "REGION", "The region that requests are signed for"},
    {"--addressing", "addressing", "HOW", "How the bucket is named in requests: auto, path or virtual"},
    {"--ca-file", "ca_file", "FILE", "Authorities that may sign the endpoint's certificate"},
    {"--access-key", "access_key", "PLACE", "Where the access key is kept: keychain, env, file:PATH, …"},
    {"--secret-key", "secret_key", "PLACE", "Where the secret key is kept, likewise"},
};

using Take = std::function<void(const char *field, const QString &value)>;

void addPlaceFlags(CLI::App *command, const Take &take)
{
    for (const PlaceFlag &flag : kPlaceFlags)
        command
            ->add_option_function<std::string>(
                flag.flag,
                [take, field = flag.field](const std::string &value) {
                    take(field, QString::fromStdString(value));
                },
                flag.help)
            ->type_name(flag.type);
}

std::shared_ptr<Options> addChange(CLI::App &backup, const CommandFamilyPtr &family, What what,
                                   const char *word, const char *help)
{
    CLI::App *command = addCommand(backup, family, word, help);
    const auto options = std::make_shared<Options>();
    options->what = what;
    command
        ->add_option_function<std::string>(
            "NAME", [options](const std::string &name) { options->name = QString::fromStdString(name); },
            "Name of the backup")
        ->required();
    command->add_flag("--dry-run", options->dryRun, "Only say what would be done");
    runs(command, family, [options, family](const ServiceCommandContext &context) {
        options->file = family->options().configFile;
        return std::make_unique<BackupChangeCommand>(context, *options);
    });
    if (what == What::Remove) {
        command->add_flag("-y,--yes", options->yes, "Do not ask");
        command->add_flag("--forget-keys", options->forgetKeys,
                          "Remove its keys, too, from the keychain or the files that hold them");
        return options;
    }
    addPlaceFlags(command, [options](const char *field, const QString &value) {
        options->values.append({QLatin1String(field), value});
    });
    command->add_flag("--secret-stdin", options->secretStdin,
                      "Store the keys that come on standard input, the access key on the first line and the "
                      "secret key on the second, where the configuration says that they are kept");
    return options;
}

void addChanges(CLI::App &backup, const CommandFamilyPtr &family)
{
    const auto adding = addChange(backup, family, What::Add, "add",
                                  "Add a bucket to the configuration file and to the running ring");
    backup.get_subcommand("add")
        ->add_option_function<std::string>(
            "--id",
            [adding](const std::string &value) {
                adding->values.append({QStringLiteral("id"), QString::fromStdString(value)});
            },
            "What is known of the bucket hangs on it, of one that was there before [default: NAME]")
        ->type_name("ID");
    for (const char *flag : {"--url", "--bucket"})
        backup.get_subcommand("add")->get_option(flag)->required();
    const auto editing = addChange(backup, family, What::Edit, "edit",
                                   "Change a backup; what is known of its bucket stays known");
    CLI::App *edit = backup.get_subcommand("edit");
    edit->add_option_function<std::string>(
            "--name",
            [editing](const std::string &value) {
                editing->values.append({QStringLiteral("name"), QString::fromStdString(value)});
            },
            "What it is called from now on")
        ->type_name("NAME");
    edit->parse_complete_callback([editing] {
        if (editing->values.isEmpty() && !editing->secretStdin)
            throw CLI::ValidationError("edit", "say what to change; `cring backup edit --help` has the list");
    });
    (void)addChange(backup, family, What::Remove, "remove",
                    "Store nothing more in a bucket; what is in it stays");
}

/// `check` of a configured bucket is the service's; of one that nobody has configured yet, this process's.
struct CheckOptions
{
    BackupCheckCommand::Options configured;
    BucketTrialCommand::Options trial;
    bool isTrial = false;
};

void take(CheckOptions &options, const char *field, const QString &value)
{
    for (const auto &row : config::backupSettings()) {
        if (qstrcmp(row.name, field) != 0)
            continue;
        if (const Status status = row.writeText(options.trial.backup, value); !status)
            throw CLI::ValidationError(field, status.error().detail.toStdString());
    }
    options.isTrial = options.isTrial || qstrcmp(field, "url") == 0;
}

void addCheck(CLI::App &backup, const CommandFamilyPtr &family)
{
    CLI::App *check =
        addCommand(backup, family, "check",
                   "Look at the bucket step by step: access, versions, rules that delete, locks");
    const auto options = std::make_shared<CheckOptions>();
    check
        ->add_option_function<std::string>(
            "NAME,--backup",
            [options](const std::string &value) { options->configured.name = QString::fromStdString(value); },
            "Which one; may be left out where there is only one")
        ->type_name("NAME");
    check->add_flag("--enable-versioning", options->configured.enableVersioning,
                    "Switch the bucket's versioning on where it is off");
    const auto addDays = [check](const char *name, int &days, const char *help) {
        check->add_option(name, days, help)
            ->type_name("DAYS")
            ->check(CLI::Range(1, backup::BucketWishes::kMostDays));
    };
    addDays("--keep-versions", options->configured.keepDays,
            "Set a rule of the bucket: versions go when they have been old for so many days");
    addDays("--lock", options->configured.lockDays,
            "Set or extend the bucket's lock: what is stored cannot be deleted for so many days");
    check->add_flag("-y,--yes", options->configured.yes, "Do not ask");
    addPlaceFlags(check,
                  [options](const char *field, const QString &value) { take(*options, field, value); });
    for (const char *flag : {"--enable-versioning", "--keep-versions", "--lock"})
        check->get_option("--url")->excludes(flag);
    check->get_option("--url")->needs("--bucket");
    check->add_flag("--secret-stdin", options->trial.secretStdin,
                    "With --url: the keys come on standard input, a line each, and are stored nowhere");
    check->footer("With --url it looks at a bucket that is not configured yet, and needs no service.\n"
                  "Exit codes: 6 when a step failed, or found a danger.");
    for (const char *flag : {"--bucket", "--region", "--addressing", "--ca-file", "--access-key",
                             "--secret-key", "--secret-stdin"})
        check->get_option(flag)->needs("--url");
    check->callback([family, options] {
        family->run = [family, options] {
            if (!options->isTrial)
                return BackupCheckCommand(family->context(), options->configured).run();
            config::Backup &tried = options->trial.backup;
            tried.name = tried.id =
                options->configured.name.isEmpty() ? tried.bucket : options->configured.name;
            // Its keys may be where those of one that is there already are.
            for (const config::Backup &there : family->options().config.backups)
                tried.id = there.name == tried.name ? there.id : tried.id;
            return BucketTrialCommand(family->context(), options->trial).run();
        };
    });
}

} // namespace

void addBackupPlaceCommands(CLI::App &backup, const CommandFamilyPtr &family)
{
    addChanges(backup, family);
    addCheck(backup, family);
}

} // namespace cring::app
