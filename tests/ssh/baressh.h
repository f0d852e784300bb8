// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/uniquefd.h"

#include <QByteArray>

#include <memory>
#include <optional>

typedef struct evp_pkey_st EVP_PKEY; // As <openssl/types.h> has it.

namespace cring::test {

/// The fields of SSH's packets (RFC 4251, section 5), one behind the other.
class SshPayload
{
public:
    explicit SshPayload(quint8 type) { byte(type); }

    SshPayload &byte(quint8 value);
    SshPayload &number(quint32 value);
    SshPayload &string(const QByteArray &bytes);

    operator const QByteArray &() const { return m_bytes; }
    const QByteArray &bytes() const { return m_bytes; }

private:
    QByteArray m_bytes;
};

/// An Ed25519 key pair of SSH's.
class SshKey
{
public:
    SshKey();

    QByteArray blob() const;                        ///< RFC 8709, section 4.
    QByteArray text() const;                        ///< As in authorized_keys.
    QByteArray sign(const QByteArray &bytes) const; ///< RFC 8709, section 6.

private:
    std::shared_ptr<EVP_PKEY> m_key;
};

/// A client's side of SSH of which every packet can be chosen: for what no library would ever send. Speaks
/// curve25519-sha256, aes128-ctr and hmac-sha2-256, looks at no host key, and blocks, with a limit.
class BareSsh
{
public:
    static constexpr int kLimit = 10'000;

    /// The socket is connected; it is made a blocking one.
    explicit BareSsh(ssh::UniqueFd socket);
    ~BareSsh();
    Q_DISABLE_COPY_MOVE(BareSsh)

    // What a client says, in its order.
    static QByteArray banner() { return "SSH-2.0-Go\r\n"; }
    static QByteArray keyExchangeInit();
    static QByteArray serviceRequest(const QByteArray &service = "ssh-userauth");
    /// Whether the key may be used.
    static QByteArray askForKey(const SshKey &key);
    /// The proof, for this conversation.
    QByteArray proveKey(const SshKey &key) const;
    static QByteArray openSession(quint32 ourChannel = 0);
    static QByteArray execute(const QByteArray &command, quint32 theirChannel);

    /// A packet as it is before the key exchange has been done.
    static QByteArray plain(const QByteArray &payload);

    /// Identification lines and key exchange; packets are encrypted from then on.
    bool shakeHands();
    /// The same as single steps.
    bool greet();
    bool exchangeKeys();

    /// False when the other side has gone.
    bool sendRaw(const QByteArray &bytes);
    bool sendPacket(const QByteArray &payload);
    /// Nothing: the end came, nonsense, or the limit.
    std::optional<QByteArray> readPacket(int limit = kLimit);
    /// Reads on until a packet of that type, or the end.
    std::optional<QByteArray> readUntil(quint8 type, int limit = kLimit);
    /// The server's number of a new session channel.
    std::optional<quint32> openChannel(quint32 ourChannel = 0);
    /// Reads on to the end: true when it came in time.
    bool waitForEnd(int limit = kLimit);
    /// The words of the server's SSH_MSG_DISCONNECT, which readPacket() has met; "" without.
    QByteArray farewell() const { return m_farewell; }

private:
    struct Direction;

    static QByteArray padded(const QByteArray &payload, int block);
    QByteArray framed(const QByteArray &payload);
    std::optional<QByteArray> take(qsizetype size, int limit);
    bool deriveKeys(const QByteArray &shared);

    ssh::UniqueFd m_socket;
    QByteArray m_serverBanner;
    QByteArray m_ourInit;
    QByteArray m_serverInit;
    QByteArray m_hash; ///< The session's id.
    QByteArray m_farewell;
    std::unique_ptr<Direction> m_out;
    std::unique_ptr<Direction> m_in;
    quint32 m_sent = 0;
    quint32 m_received = 0;
};

} // namespace cring::test
