// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QHash>
#include <QString>

namespace cring::accounts {

/// With what a new Charm server is to run. What is empty or 0 stays as `charm serve` has it.
struct ReplicaPlan
{
    /// The issuer of the other servers, which this one has to share: CHARM_SERVER_PUBLIC_URL.
    QByteArray issuer;
    QString address; ///< CHARM_SERVER_BIND_ADDRESS.
    quint16 sshPort = 35353;
    quint16 httpPort = 35354;
    quint16 statsPort = 35355;
    quint16 healthPort = 35356;
    qint64 userMaxStorage = 0; ///< Bytes an account may hold; 0 = no limit.

    QString dataDir; ///< Absolute, as that machine has it. Filled in by ReplicaInit, like what follows.
    QString user;    ///< Under whom the server is to run; "" = root.
    QString program; ///< The charm program there.
};

/// ConfigBadValue: no issuer, two ports that are the same, a word with a line break in it.
Status checkPlan(const ReplicaPlan &plan);

/// A file for systemd's EnvironmentFile= and for a shell's `set -a; . FILE` alike.
QByteArray environmentText(const ReplicaPlan &plan);

/// What such a file of an existing server says, by names without CHARM_SERVER_. What a person has added in a
/// shell's other ways of writing is passed over.
QHash<QByteArray, QString> readEnvironment(const QByteArray &text);

/// A systemd unit that reads `environmentFile`.
QByteArray unitText(const ReplicaPlan &plan, const QString &environmentFile);

} // namespace cring::accounts
