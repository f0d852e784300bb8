// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/commandfamily.h"
#include "app/cring/recoverykitcommand.h"

namespace cring::app {

namespace {

std::shared_ptr<QString> addPlace(CLI::App *command, const char *flag, const char *help)
{
    const auto place = std::make_shared<QString>();
    command
        ->add_option_function<std::string>(
            flag, [place](const std::string &text) { *place = QString::fromStdString(text); }, help)
        ->type_name("FILE");
    return place;
}

} // namespace

void addRecoveryKitCommands(CLI::App &identity, const CommandFamilyPtr &family)
{
    CLI::App *kit = identity.add_subcommand(
        "recovery-kit", "The key on paper that opens the accounts in the backup when all else is lost");
    kit->require_subcommand(1);

    CLI::App *create =
        addCommand(*kit, family, "create", "Make a kit: a page with a key, and the same as a picture");
    const auto file = addPlace(create, "--out", "Into this new file and FILE.svg, for you alone (0600)");
    const auto yes = std::make_shared<bool>(false);
    create->add_flag("-y,--yes", *yes, "Do not ask, though there is a kit already");
    create->footer(
        "The key is on that page alone; the service keeps only what it seals with. Snapshots that were made "
        "until now are opened by the kit of that time.");
    runs(create, family, [file, yes, family](const ServiceCommandContext &context) {
        return std::make_unique<RecoveryKitCreateCommand>(context, family->options().config, *file, *yes);
    });

    CLI::App *check =
        addCommand(*kit, family, "check", "See whether a kit can be read and is the one in use");
    const auto place = addPlace(check, "FILE", "The page, or - for what is typed");
    check->get_option("FILE")->required();
    check->footer("Small letters, blanks, O for 0 and I or L for 1 are all right. A wrong letter is told "
                  "with its line.");
    runs(check, family, [place, family](const ServiceCommandContext &context) {
        return std::make_unique<RecoveryKitCheckCommand>(context, family->options().config, *place);
    });

    CLI::App *show =
        addCommand(*kit, family, "show-status", "Which kit is in use, and whether it was checked");
    show->footer("Exit codes: 6 when there is none, or it was never checked.");
    runs(show, family, [family](const ServiceCommandContext &context) {
        return std::make_unique<RecoveryKitStatusCommand>(context, family->options().config);
    });
}

} // namespace cring::app
