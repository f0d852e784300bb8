// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"

#include <algorithm>
#include <array>

namespace cring::app {

namespace {

constexpr auto kCommands = std::to_array<AddCommand>({
    addServe,
    addService,
    addConfig,
    addRing,
    addReplicas,
    addDemo,
    addDiagnose,
    addCompletion,
    addVersion,
});

} // namespace

std::span<const AddCommand> commands()
{
    return kCommands;
}

Output Context::output() const
{
    // https://no-color.org: set and not empty.
    return Output(json, quiet, !noColour && qgetenv("NO_COLOR").isEmpty());
}

config::Sources Context::sources() const
{
    config::Sources sources;
    sources.environment = QProcessEnvironment::systemEnvironment();
    sources.file = QString::fromStdString(configFile);
    return sources;
}

QString Context::configPath() const
{
    return configFile.empty() ? config::defaultFile(QProcessEnvironment::systemEnvironment())
                              : QString::fromStdString(configFile);
}

void report(const config::Loaded &loaded, const Output &out)
{
    for (const config::Problem &problem : loaded.problems)
        out.error(problem.toString());
    for (const QString &warning : loaded.warnings)
        out.warning(warning);
}

bool isReadable(const config::Loaded &loaded)
{
    return std::ranges::all_of(loaded.problems,
                               [](const config::Problem &p) { return p.code == Code::ConfigIncomplete; });
}

} // namespace cring::app
