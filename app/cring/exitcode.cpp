// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/exitcode.h"

namespace cring::app {

ExitCode exitCodeFor(Code code)
{
    switch (code) {
    case Code::ControlUnavailable:
    case Code::ControlTimeout:
    case Code::ControlForbidden:
    case Code::ControlBusy:
        return ExitNoService;
    case Code::ControlBadParams:
        return ExitUsage;
    case Code::NotFound:
        return ExitNotFound;
    case Code::NoQuorum:
        return ExitNoQuorum;
    case Code::ConfigSyntax:
    case Code::ConfigUnknownKey:
    case Code::ConfigBadValue:
    case Code::ConfigIncomplete:
    case Code::ConfigFile:
    case Code::TlsFiles:
        return ExitBadConfig;
    default:
        return ExitFailed;
    }
}

} // namespace cring::app
