// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/error.h"
#include "core/config/config.h"

#include <QProcessEnvironment>
#include <QStringList>

namespace cring::ssh {

/// Where this machine keeps private keys.
struct KeyPlaces
{
    /// Folders named by CHARM_HOST are in here. "" when nobody can tell.
    QString charmData;
    QString credentials; ///< What systemd hands to the service; "" for none.

    /// As the charm client finds them (client/client.go, DataPath; go-app-paths, paths_unix.go):
    /// CHARM_DATA_DIR, else charm/ in XDG_DATA_HOME or ~/.local/share; and $CREDENTIALS_DIRECTORY.
    static KeyPlaces of(const QProcessEnvironment &environment);
};

/// One of the person's Charm keys.
struct Identity
{
    QString place; ///< As config::readSecret() takes it.
    /// Names under which the charm client uses it; empty when the configuration names it.
    QStringList hosts;
    QByteArray digest; ///< SHA-256 of the file: one key under several names is one identity.
};

struct FoundIdentities
{
    QList<Identity> identities;
    QList<Error>
        problems; ///< Files that are there and cannot be used, and those that were named and are not.
};

/// The names under which clients reach this ring: what it listens at, and the hosts of the issuers, which are
/// what its servers call themselves.
QStringList ringHosts(const config::Config &config, const QList<QByteArray> &issuers);

/// The key that the configuration names, or with "auto" those that the charm client has made for one of the
/// hosts (charm_ed25519 in the host's folder), at most kMostIdentities. No other key may be used: a Charm
/// server makes an account for each that it does not know. Blocks for a few small files.
FoundIdentities findIdentities(const QString &setting, const KeyPlaces &places, const QStringList &hosts);

inline constexpr qsizetype kMostIdentities = 8;

/// The only kind that the client makes unless CHARM_KEY_TYPE says otherwise (client/client.go:32).
inline constexpr QLatin1String kClientKeyName("charm_ed25519");

/// A host's name becomes a folder's.
bool isFolderName(const QString &host);

} // namespace cring::ssh
