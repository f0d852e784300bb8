// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QList>
#include <QObject>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace cring::ssh {

/// One account as the standby server answers for it. Times are the text of the servers' databases ("" where
/// there is none): see answers::jsonTime().
struct DirectoryAccount
{
    struct EncryptKey
    {
        QByteArray globalId;
        QByteArray sealed; ///< To the public key that it stands with.
        QByteArray createdAt;
    };
    struct Key
    {
        QByteArray text; ///< "ssh-ed25519 AAAA…", as Charm stores it (server/ssh.go:157).
        QByteArray createdAt;
        QList<EncryptKey> encryptKeys;
    };

    QByteArray charmId;
    QByteArray name; ///< "": has none.
    QList<Key> keys; ///< By text, as the servers' index has them.
};

/// What the standby server asks about accounts: as they were when the servers were last synchronised. The
/// implementation lives above core/ssh; it outlives the standby server.
class IAccountDirectory
{
public:
    using Done = std::function<void(const Status &)>;

    virtual ~IAccountDirectory() = default;

    /// Any thread, at any time, without waiting for anything but a short lock: the account that has this key,
    /// or null. What is handed out never changes; later knowledge comes as another object.
    virtual std::shared_ptr<const DirectoryAccount> find(const QByteArray &keyText) const = 0;

    /// On the event loop's thread. When that knowledge was complete, since 1970; nothing: never yet, and then
    /// nobody can be answered for.
    virtual std::optional<std::chrono::milliseconds> synchronisedAt() const = 0;

    /// On the event loop's thread. Takes a key away from an account, as a Charm server does
    /// (server/link.go:326): written down durably as owed to all servers, and no longer found, before `done`
    /// is called with success. An error is a sentence for the person and nothing has happened: the last key
    /// of an account, say, or a directory that cannot be written. A key that is not the account's is a
    /// success that changes nothing. `done` is called once, in any turn of the loop, unless `context` has
    /// died.
    virtual void unlink(const QByteArray &charmId, const QByteArray &keyText, QObject *context,
                        Done done) = 0;
};

} // namespace cring::ssh
