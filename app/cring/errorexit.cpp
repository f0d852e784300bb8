// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/errorexit.h"

namespace cring::app {

ExitCode exitCodeFor(Code code)
{
    switch (code) {
    case Code::ControlUnavailable:
    case Code::ControlTimeout:
    case Code::ControlForbidden:
    case Code::ControlBusy:
        return NoService;
    case Code::ControlBadParams:
        return Usage;
    case Code::NotFound:
        return NotFound;
    case Code::NoQuorum:
        return NoQuorum;
    case Code::ConfigSyntax:
    case Code::ConfigUnknownKey:
    case Code::ConfigBadValue:
    case Code::ConfigIncomplete:
    case Code::ConfigFile:
    case Code::TlsFiles:
        return BadConfiguration;
    case Code::SecretMissing:
    case Code::SecretUnreadable:
    case Code::SecretTooOpen:
    case Code::SecretPlaceReadOnly:
    case Code::KeyUnusable:
    case Code::KeychainUnavailable:
    case Code::KeychainLocked:
        return BadCredentials;
    default:
        return Failed;
    }
}

} // namespace cring::app
