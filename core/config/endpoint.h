// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QString>

namespace cring::config {

/// A place to listen at. host "" is every address of the machine; port 0 lets the system choose.
struct Endpoint
{
    QString host; ///< A name, an IPv4 address, or an IPv6 address without its brackets.
    quint16 port = 0;

    /// HOST:PORT, an IPv6 address in brackets.
    QString toString() const;
    bool operator==(const Endpoint &) const = default;
};

/// Reads "HOST:PORT", ":PORT" or "[IPV6]:PORT". Code::ConfigBadValue otherwise, with what was expected.
Result<Endpoint> parseEndpoint(const QString &text);

} // namespace cring::config
