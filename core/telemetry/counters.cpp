// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/telemetry/counters.h"

namespace cring::telemetry {

QString kindName(Kind kind)
{
    static constexpr std::array<const char *, kindCount> names{
        "upload", "download", "listing", "delete", "sequence", "account", "ssh session", "other"};
    return QString::fromLatin1(names.at(static_cast<size_t>(kind)));
}

QString outcomeName(Outcome outcome)
{
    static constexpr std::array<const char *, outcomeCount> names{"done", "refused", "failed", "abandoned"};
    return QString::fromLatin1(names.at(static_cast<size_t>(outcome)));
}

int Counters::inFlight() const
{
    int sum = 0;
    for (const KindCounters &kind : kinds)
        sum += kind.inFlight;
    return sum;
}

} // namespace cring::telemetry
