// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/charmcluster.h"

namespace cring::test {

/// What ssh(1) gets there with the client's key; its own complaints when that is nothing.
QByteArray openSsh(const CharmClient &client, const QString &host, quint16 port, const QByteArray &command,
                   const QByteArray &input = {});

} // namespace cring::test
