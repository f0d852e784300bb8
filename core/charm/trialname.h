// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArrayView>

namespace cring::charm {

/// How the names begin of files that the ring itself puts at the top of an account's folder on one server,
/// for as long as a test of that server takes. Hex, as all of a client's names are: what is not makes the
/// whole `charm fs ls` fail.
inline constexpr QByteArrayView kTrialPrefix = "636861726d65642d72696e672d746573742d"; // "charmed-ring-test-"
/// What follows: a random number of 64 bits in hex.
inline constexpr qsizetype kTrialDigits = 16;

/// A name of that kind: nothing that belongs to a client, to be left where it is.
inline bool isTrialName(QByteArrayView name)
{
    return name.size() == kTrialPrefix.size() + kTrialDigits && name.startsWith(kTrialPrefix);
}

} // namespace cring::charm
