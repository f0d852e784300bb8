// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/errorexit.h"

#include <QRegularExpression>

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
    case Code::RecoveryKitInvalid:
        return BadCredentials;
    default:
        return Failed;
    }
}

QString withCode(const Error &error)
{
    static const QRegularExpression code(QStringLiteral("\\bCR-[0-9]{4}\\b"));
    return code.match(error.detail).hasMatch()
               ? error.detail
               : QStringLiteral("%1 (%2)").arg(error.detail, codeName(error.code));
}

} // namespace cring::app
