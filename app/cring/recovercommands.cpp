// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/commandfamily.h"
#include "app/cring/recovercommand.h"

#include <QFileInfo>

namespace cring::app {

void addRecoverCommand(CLI::App &backup, const CommandFamilyPtr &family)
{
    CLI::App *recover =
        backup.add_subcommand("recover", "When all is lost: begin anew with the bucket and the recovery kit");
    const auto options = std::make_shared<RecoverCommand::Options>();
    const auto text = [&](const char *flag, const char *type, const char *help, QString &into) {
        return recover
            ->add_option_function<std::string>(
                flag, [&into, options](const std::string &value) { into = QString::fromStdString(value); },
                help)
            ->type_name(type);
    };
    text("--kit", "FILE", "The recovery kit, or - for what is typed", options->kit)->required();
    text("--url", "URL", "The S3 endpoint", options->backup.url)->required();
    text("--bucket", "NAME", "The bucket", options->backup.bucket)->required();
    text("--region", "NAME", "Its region [default: us-east-1]", options->backup.region);
    text("--addressing", "HOW",
         "Where the bucket's name goes: path | virtual (into the host's) | auto [default: auto]",
         options->backup.addressing)
        ->check(CLI::IsMember({"auto", "path", "virtual"}));
    text("--ca-file", "FILE", "PEM file of the authorities that the endpoint's certificate is signed by",
         options->backup.caFile);
    recover->add_flag(
        "--secret-stdin", options->secretStdin,
        "Take the bucket's keys from standard input, a line each, and not from AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY");
    CLI::Option *out = text(
        "--out", "DIR", "The new state directory [default: the one that `cring serve` uses]", options->out);
    recover
        ->add_option_function<std::vector<std::string>>(
            "--server-data",
            [options](const std::vector<std::string> &paths) {
                for (const std::string &path : paths)
                    options->serverData << QFileInfo(QString::fromStdString(path)).absoluteFilePath();
            },
            "Make the data directory of a new Charm server instead; may be given several times")
        ->type_name("DIR")
        ->excludes(out);
    recover->add_flag("--write-config", options->writeConfig,
                      "Write the configuration for it, too, where there is none yet");
    recover->footer(
        "Nothing is put over what is there already. Snapshots that are damaged, or that another kit opens, "
        "are passed over and named.\nThe whole way: docs/recovery.md.");
    recover->callback([options, family] {
        family->run = [options, family] {
            options->configFile = family->options().configFile;
            return RecoverCommand(family->context(), *options).run();
        };
    });
}

} // namespace cring::app
