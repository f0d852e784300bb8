// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/serve.h"

#include "app/cring/exitcode.h"
#include "core/base/log.h"
#include "core/service/service.h"
#include "core/service/signals.h"
#include "core/service/statedirectory.h"

#include <QCoreApplication>

#include <sys/resource.h>

#include <cstdio>

namespace cring::app {

namespace {

log::Level levelOf(const QString &name)
{
    return name == QLatin1String("debug")     ? log::Level::Debug
           : name == QLatin1String("warning") ? log::Level::Warning
           : name == QLatin1String("error")   ? log::Level::Error
                                              : log::Level::Info;
}

void say(const QString &text)
{
    std::fprintf(stderr, "%s\n", qUtf8Printable(text));
}

/// A client's connection and its way to three servers take four descriptors; the usual soft limit is 1024.
void raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace

int runServe(const config::Sources &sources, bool check)
{
    const config::Loaded loaded = config::load(sources);
    for (const QString &warning : loaded.warnings)
        say(QStringLiteral("warning: ") + warning);
    if (!loaded.ok()) {
        say(loaded.problemText());
        return BadConfiguration;
    }
    if (check) {
        say(QStringLiteral("The configuration is good."));
        return Ok;
    }
    log::install(levelOf(loaded.config.logLevel));
    service::UnixSignals signals;
    raiseDescriptorLimit();
    const Result<QString> state = service::stateDirectory();
    if (!state) {
        say(state.error().toString());
        return Failed;
    }
    service::Service::Setup setup;
    setup.config = loaded.config;
    setup.warnings = loaded.warnings;
    setup.version = QStringLiteral(CRING_VERSION);
    setup.stateDirectory = *state;
    setup.reread = [sources]() -> Result<config::Config> {
        const config::Loaded again = config::load(sources);
        if (!again.ok())
            return Error{Code::ConfigBadValue, again.problemText()};
        log::install(levelOf(again.config.logLevel));
        return again.config;
    };
    service::Service service(std::move(setup));
    QObject::connect(&signals, &service::UnixSignals::terminated, &service, &service::Service::drain);
    QObject::connect(&signals, &service::UnixSignals::hungUp, &service, [&service] { (void)service.reload(); });
    QObject::connect(&service, &service::Service::ended, QCoreApplication::instance(), &QCoreApplication::quit);
    if (const Status started = service.start(); !started) {
        say(started.error().toString());
        return Failed;
    }
    return QCoreApplication::exec();
}

} // namespace cring::app
