// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/config/secretstore.h"

#include <QObject>

namespace cring::config {

/// The person's keychain: what answers to org.freedesktop.secrets on the session bus (GNOME's keyring,
/// KWallet, KeePassXC), by QtKeychain. An entry is that of the service "charmedring" and the setting's name.
///
/// Looks first whether there is a keychain and whether it is locked: the library would ask the person to
/// unlock it and wait for as long as that takes. What QtKeychain, the bus and the keychain's own program hold
/// of a secret on its way is not ours to wipe. Main thread.
class Keychain final : public ISecretStore
{
public:
    /// For one answer of the bus; it may have to start the keychain's program.
    static constexpr int kAnswerMs = 5'000;
    /// For all of it. Storing the first secret ever may ask a person for a new password.
    static constexpr int kReadMs = 10'000;
    static constexpr int kWriteMs = 60'000;

    Keychain();
    ~Keychain() override;

    void read(const SecretPlace &place, QObject *context, Read done) override;
    void write(const SecretPlace &place, Secret secret, QObject *context, Done done) override;
    void remove(const SecretPlace &place, QObject *context, Done done) override;
};

} // namespace cring::config
