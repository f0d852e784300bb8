// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/serve.h"

#include "app/cring/command.h"
#include "app/cring/effectivetoml.h"
#include "app/cring/errorexit.h"
#include "core/base/log.h"
#include "core/service/service.h"
#include "core/service/signals.h"
#include "core/service/statedirectory.h"

#include <QCoreApplication>

#include <sys/resource.h>

namespace cring::app {

namespace {

/// A client's connection and its way to three servers take four descriptors; the usual soft limit is 1024.
void raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

service::ServersSource serversSource(const config::Loaded &loaded)
{
    return {loaded.file, originName(loaded.originOf(QStringLiteral("server")))};
}

service::Service::Configuration configurationOf(const config::Loaded &loaded)
{
    const bool metricsAddressIsSet =
        loaded.originOf(QStringLiteral("service.metrics_address")) != config::Origin::Default;
    return {loaded.config, loaded.warnings, metricsAddressIsSet, serversSource(loaded)};
}

Result<service::Service::Configuration> readAgain(const config::Sources &sources)
{
    const config::Loaded again = config::load(sources);
    if (!again.ok())
        return Error{again.problems.first().code, again.problemText()};
    return configurationOf(again);
}

} // namespace

int runServe(const config::Loaded &loaded, const config::Sources &sources, const Output &out)
{
    service::UnixSignals signals;
    raiseDescriptorLimit();
    const Result<QString> state = service::stateDirectory();
    if (!state) {
        out.error(state.error().toString());
        return exitCodeFor(state.error().code);
    }
    const SystemClock clock;
    SystemRandom random;
    Result<std::unique_ptr<service::Store>> store = service::Store::open(*state, clock, random);
    if (!store) {
        out.error(store.error().toString());
        return exitCodeFor(store.error().code);
    }
    service::Service::Setup setup;
    setup.store = std::move(store).value();
    setup.configuration = configurationOf(loaded);
    setup.version = QStringLiteral(CRING_VERSION);
    setup.stateDirectory = *state;
    setup.reread = [sources] {
        return readAgain(sources);
    };
    service::Service service(std::move(setup));
    QObject::connect(&signals, &service::UnixSignals::terminated, &service, &service::Service::terminate);
    QObject::connect(&signals, &service::UnixSignals::hungUp, &service,
                     [&service] { (void)service.reload(); });
    QObject::connect(&service, &service::Service::ended, QCoreApplication::instance(),
                     &QCoreApplication::quit);
    if (const Status started = service.start(); !started) {
        out.error(started.error().toString());
        return exitCodeFor(started.error().code);
    }
    return QCoreApplication::exec();
}

} // namespace cring::app
