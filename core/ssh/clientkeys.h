// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/ssh/identities.h"

#include <optional>

namespace cring::ssh {

/// A key that the charm client on this machine keeps for one CHARM_HOST (client/client.go, DataPath).
struct ClientKey
{
    QString host;
    QString file;
    QByteArray digest;   ///< SHA-256 of the file: one key under several names is the same person.
    QString fingerprint; ///< "SHA256:…"; "" when it cannot be used.
    std::optional<Error> problem;
};

/// All of them, in the order of their hosts. Blocks for a few small files.
QList<ClientKey> clientKeys(const KeyPlaces &places);

/// Where the client keeps its key for a host; "" for a name that is none.
QString clientKeyFile(const KeyPlaces &places, const QString &host);

/// What adopt() would do, or has done.
struct Adoption
{
    enum class State {
        Missing,   ///< No key under `to`: it gets one.
        Same,      ///< It is the same key already: nothing to do.
        Different, ///< Another key is there, and with it another account: only with `replace`.
    };

    QString from; ///< Hosts.
    QString to;
    QString fromFile;
    QString toFile;
    State state = State::Missing;
    QString backup; ///< Where the key is now that was there before; "" when there was none.
    /// The other account's key-value databases, which the client could not open any more; "" when there are
    /// none. They are a cache of what the servers have.
    QString kvFolder;
    QString kvBackup; ///< Where they are now.
};

/// What it would be to give the host `to` the key of the host `from`. NotFound when `from` has none,
/// ConfigBadValue for names that are none, and what is wrong with a file.
Result<Adoption> planAdoption(const KeyPlaces &places, const QString &from, const QString &to);

/// Gives the key to the other host as well: a copy of mode 0600 in a folder of 0700, on the disk when this
/// returns, whole or not at all. The key stays where it was. Another key that is there is never written over:
/// KeyExists; with `replace` it is kept beside it under another name. So are the key-value databases that the
/// client has there, with or without a key. Blocks; `now` makes those names.
Result<Adoption> adopt(const KeyPlaces &places, const QString &from, const QString &to, bool replace,
                       std::chrono::milliseconds now);

} // namespace cring::ssh
