// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ssh/baressh.h"

#include <QDeadlineTimer>
#include <QtEndian>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace cring::test {

namespace {

constexpr int kKeyBytes = 32;
constexpr int kBlock = 16;
constexpr int kMacBytes = 32;
constexpr qsizetype kLongestPacket = 256 * 1024;
constexpr const char *kEd25519 = "ssh-ed25519";

enum Message : quint8 {
    Disconnect = 1,
    ServiceRequest = 5,
    KexInit = 20,
    NewKeys = 21,
    EcdhInit = 30,
    EcdhReply = 31,
    UserAuthRequest = 50,
    ChannelOpen = 90,
    ChannelConfirmation = 91,
    ChannelRequest = 98,
};

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

unsigned char *raw(QByteArray &bytes)
{
    return reinterpret_cast<unsigned char *>(bytes.data());
}

const unsigned char *raw(const QByteArray &bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.constData());
}

EVP_PKEY *newKey(int type)
{
    EVP_PKEY *key = nullptr;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(type, nullptr);
    EVP_PKEY_keygen_init(context);
    EVP_PKEY_keygen(context, &key);
    EVP_PKEY_CTX_free(context);
    return key;
}

QByteArray publicHalf(EVP_PKEY *key)
{
    QByteArray bytes(kKeyBytes, '\0');
    size_t size = kKeyBytes;
    EVP_PKEY_get_raw_public_key(key, raw(bytes), &size);
    return bytes;
}

QByteArray agreed(EVP_PKEY *own, const QByteArray &theirs)
{
    const Key peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, raw(theirs), kKeyBytes),
                   EVP_PKEY_free);
    QByteArray secret(kKeyBytes, '\0');
    size_t size = kKeyBytes;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(own, nullptr);
    const bool good = peer && EVP_PKEY_derive_init(context) == 1 &&
                      EVP_PKEY_derive_set_peer(context, peer.get()) == 1 &&
                      EVP_PKEY_derive(context, raw(secret), &size) == 1;
    EVP_PKEY_CTX_free(context);
    return good ? secret : QByteArray();
}

QByteArray sha256(const QByteArray &bytes)
{
    QByteArray digest(kKeyBytes, '\0');
    EVP_Digest(bytes.constData(), static_cast<size_t>(bytes.size()), raw(digest), nullptr, EVP_sha256(),
               nullptr);
    return digest;
}

QByteArray lengthAnd(const QByteArray &bytes)
{
    QByteArray length(4, '\0');
    qToBigEndian(static_cast<quint32>(bytes.size()), length.data());
    return length + bytes;
}

/// RFC 4251, section 5: mpint.
QByteArray bigNumber(QByteArray bytes)
{
    while (bytes.startsWith('\0'))
        bytes.remove(0, 1);
    if (!bytes.isEmpty() && (static_cast<quint8>(bytes.front()) & 0x80) != 0)
        bytes.prepend('\0');
    return lengthAnd(bytes);
}

/// The string at `at`, which is put behind it.
QByteArray stringAt(const QByteArray &payload, qsizetype &at)
{
    if (at + 4 > payload.size())
        return {};
    const auto size = static_cast<qsizetype>(qFromBigEndian<quint32>(payload.constData() + at));
    const QByteArray bytes = payload.mid(at + 4, size);
    at += 4 + size;
    return bytes;
}

} // namespace

// ---- payloads and keys ----

SshPayload &SshPayload::byte(quint8 value)
{
    m_bytes.append(static_cast<char>(value));
    return *this;
}

SshPayload &SshPayload::number(quint32 value)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(value, bytes.data());
    m_bytes += bytes;
    return *this;
}

SshPayload &SshPayload::string(const QByteArray &bytes)
{
    m_bytes += lengthAnd(bytes);
    return *this;
}

SshKey::SshKey()
    : m_key(newKey(EVP_PKEY_ED25519), EVP_PKEY_free)
{
}

QByteArray SshKey::blob() const
{
    return lengthAnd(kEd25519) + lengthAnd(publicHalf(m_key.get()));
}

QByteArray SshKey::text() const
{
    return QByteArray(kEd25519) + ' ' + blob().toBase64();
}

QByteArray SshKey::sign(const QByteArray &bytes) const
{
    QByteArray signature(64, '\0');
    size_t size = 64;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, nullptr, nullptr, m_key.get());
    EVP_DigestSign(context, raw(signature), &size, raw(bytes), static_cast<size_t>(bytes.size()));
    EVP_MD_CTX_free(context);
    return lengthAnd(kEd25519) + lengthAnd(signature);
}

// ---- the conversation ----

/// Cipher and check sum of one direction.
struct BareSsh::Direction
{
    Direction(const QByteArray &iv, const QByteArray &key, const QByteArray &macKey_)
        : cipher(EVP_CIPHER_CTX_new())
        , macKey(macKey_)
    {
        // Counter mode: the same both ways.
        EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), nullptr, raw(key), raw(iv));
    }
    ~Direction() { EVP_CIPHER_CTX_free(cipher); }
    Q_DISABLE_COPY_MOVE(Direction)

    QByteArray crypt(const QByteArray &bytes) const
    {
        QByteArray out(bytes.size(), '\0');
        int size = 0;
        EVP_EncryptUpdate(cipher, raw(out), &size, raw(bytes), static_cast<int>(bytes.size()));
        return out;
    }
    QByteArray mac(quint32 sequence, const QByteArray &packet) const
    {
        const QByteArray bytes = SshPayload(0).number(sequence).bytes().mid(1) + packet;
        QByteArray out(kMacBytes, '\0');
        HMAC(EVP_sha256(), macKey.constData(), static_cast<int>(macKey.size()), raw(bytes),
             static_cast<size_t>(bytes.size()), raw(out), nullptr);
        return out;
    }

    EVP_CIPHER_CTX *cipher;
    QByteArray macKey;
};

BareSsh::BareSsh(ssh::UniqueFd socket)
    : m_socket(std::move(socket))
{
    (void)::fcntl(m_socket.get(), F_SETFL, ::fcntl(m_socket.get(), F_GETFL) & ~O_NONBLOCK);
}

BareSsh::~BareSsh() = default;

QByteArray BareSsh::keyExchangeInit()
{
    SshPayload init(KexInit);
    for (int i = 0; i < 16; ++i)
        init.byte(static_cast<quint8>(i));
    init.string("curve25519-sha256").string(kEd25519);
    for (const char *names :
         {"aes128-ctr", "aes128-ctr", "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", ""})
        init.string(names);
    return init.byte(0).number(0);
}

QByteArray BareSsh::serviceRequest(const QByteArray &service)
{
    return SshPayload(ServiceRequest).string(service);
}

QByteArray BareSsh::askForKey(const SshKey &key)
{
    return SshPayload(UserAuthRequest)
        .string("charm")
        .string("ssh-connection")
        .string("publickey")
        .byte(0)
        .string(kEd25519)
        .string(key.blob());
}

QByteArray BareSsh::proveKey(const SshKey &key) const
{
    SshPayload request(UserAuthRequest);
    request.string("charm").string("ssh-connection").string("publickey").byte(1);
    request.string(kEd25519).string(key.blob());
    return request.string(key.sign(lengthAnd(m_hash) + request.bytes()));
}

QByteArray BareSsh::openSession(quint32 ourChannel)
{
    return SshPayload(ChannelOpen).string("session").number(ourChannel).number(2'097'152).number(32'768);
}

QByteArray BareSsh::execute(const QByteArray &command, quint32 theirChannel)
{
    return SshPayload(ChannelRequest).number(theirChannel).string("exec").byte(1).string(command);
}

bool BareSsh::shakeHands()
{
    return greet() && exchangeKeys();
}

bool BareSsh::greet()
{
    if (!sendRaw(banner()))
        return false;
    while (!m_serverBanner.endsWith("\r\n")) {
        const auto byte = take(1, kLimit);
        if (!byte || m_serverBanner.size() > 1024)
            return false;
        m_serverBanner += *byte;
    }
    m_serverBanner.chop(2);
    return m_serverBanner.startsWith("SSH-2.0-");
}

bool BareSsh::exchangeKeys()
{
    m_ourInit = keyExchangeInit();
    const Key own(newKey(EVP_PKEY_X25519), EVP_PKEY_free);
    const QByteArray ours = publicHalf(own.get());
    if (!sendPacket(m_ourInit) || !sendPacket(SshPayload(EcdhInit).string(ours)))
        return false;
    const auto init = readUntil(KexInit);
    const auto reply = readUntil(EcdhReply);
    if (!init || !reply)
        return false;
    m_serverInit = *init;
    qsizetype at = 1;
    const QByteArray hostKey = stringAt(*reply, at);
    const QByteArray theirs = stringAt(*reply, at);
    const QByteArray secret = theirs.size() == kKeyBytes ? agreed(own.get(), theirs) : QByteArray();
    if (secret.isEmpty())
        return false;
    const QByteArray shared = bigNumber(secret);
    m_hash =
        sha256(lengthAnd("SSH-2.0-Go") + lengthAnd(m_serverBanner) + lengthAnd(m_ourInit) +
               lengthAnd(m_serverInit) + lengthAnd(hostKey) + lengthAnd(ours) + lengthAnd(theirs) + shared);
    return sendPacket(SshPayload(NewKeys)) && readUntil(NewKeys) && deriveKeys(shared);
}

/// RFC 4253, section 7.2.
bool BareSsh::deriveKeys(const QByteArray &shared)
{
    const auto key = [&](char letter) {
        return sha256(shared + m_hash + letter + m_hash);
    };
    m_out = std::make_unique<Direction>(key('A').first(kBlock), key('C').first(kBlock), key('E'));
    m_in = std::make_unique<Direction>(key('B').first(kBlock), key('D').first(kBlock), key('F'));
    return true;
}

QByteArray BareSsh::padded(const QByteArray &payload, int block)
{
    int padding = block - static_cast<int>((5 + payload.size()) % block);
    if (padding < 4)
        padding += block;
    const auto length = static_cast<quint32>(1 + payload.size() + padding);
    return SshPayload(0).number(length).bytes().mid(1) + static_cast<char>(padding) + payload +
           QByteArray(padding, '\0');
}

QByteArray BareSsh::plain(const QByteArray &payload)
{
    return padded(payload, 8);
}

QByteArray BareSsh::framed(const QByteArray &payload)
{
    const quint32 sequence = m_sent++;
    if (!m_out)
        return plain(payload);
    const QByteArray packet = padded(payload, kBlock);
    return m_out->crypt(packet) + m_out->mac(sequence, packet);
}

bool BareSsh::sendPacket(const QByteArray &payload)
{
    return sendRaw(framed(payload));
}

bool BareSsh::sendRaw(const QByteArray &bytes)
{
    qsizetype sent = 0;
    while (sent < bytes.size()) {
        const ssize_t put = ::send(m_socket.get(), bytes.constData() + sent,
                                   static_cast<size_t>(bytes.size() - sent), MSG_NOSIGNAL);
        if (put <= 0)
            return false;
        sent += put;
    }
    return true;
}

std::optional<QByteArray> BareSsh::take(qsizetype size, int limit)
{
    const QDeadlineTimer deadline(limit);
    QByteArray bytes;
    while (bytes.size() < size) {
        pollfd watch{m_socket.get(), POLLIN, 0};
        if (::poll(&watch, 1, static_cast<int>(deadline.remainingTime())) <= 0)
            return std::nullopt;
        QByteArray piece(size - bytes.size(), '\0');
        const ssize_t got = ::recv(m_socket.get(), piece.data(), static_cast<size_t>(piece.size()), 0);
        if (got <= 0)
            return std::nullopt;
        bytes += piece.first(got);
    }
    return bytes;
}

std::optional<QByteArray> BareSsh::readPacket(int limit)
{
    const auto first = take(m_in ? kBlock : 8, limit);
    if (!first)
        return std::nullopt;
    QByteArray packet = m_in ? m_in->crypt(*first) : *first;
    const auto length = static_cast<qsizetype>(qFromBigEndian<quint32>(packet.constData()));
    const qsizetype rest = 4 + length - packet.size();
    if (length < 2 || rest < 0 || length > kLongestPacket)
        return std::nullopt;
    const auto more = rest > 0 ? take(rest, limit) : QByteArray();
    if (!more)
        return std::nullopt;
    packet += m_in ? m_in->crypt(*more) : *more;
    const quint32 sequence = m_received++;
    if (m_in && take(kMacBytes, limit) != m_in->mac(sequence, packet))
        return std::nullopt;
    const auto padding = static_cast<quint8>(packet.at(4));
    QByteArray payload = packet.mid(5, length - 1 - padding);
    if (payload.startsWith(static_cast<char>(Disconnect))) {
        qsizetype at = 5;
        m_farewell = stringAt(payload, at);
    }
    return payload;
}

std::optional<QByteArray> BareSsh::readUntil(quint8 type, int limit)
{
    const QDeadlineTimer deadline(limit);
    for (;;) {
        auto packet = readPacket(static_cast<int>(deadline.remainingTime()));
        if (!packet || packet->startsWith(static_cast<char>(type)))
            return packet;
    }
}

std::optional<quint32> BareSsh::openChannel(quint32 ourChannel)
{
    const auto answer = sendPacket(openSession(ourChannel)) ? readUntil(ChannelConfirmation) : std::nullopt;
    if (!answer || answer->size() < 9)
        return std::nullopt;
    return qFromBigEndian<quint32>(answer->constData() + 5);
}

bool BareSsh::waitForEnd(int limit)
{
    const QDeadlineTimer deadline(limit);
    while (m_in && readPacket(static_cast<int>(deadline.remainingTime())))
        ;
    for (;;) {
        pollfd watch{m_socket.get(), POLLIN, 0};
        if (::poll(&watch, 1, static_cast<int>(deadline.remainingTime())) <= 0)
            return false;
        std::array<char, 4096> bytes{};
        if (::recv(m_socket.get(), bytes.data(), bytes.size(), 0) <= 0)
            return true;
    }
}

} // namespace cring::test
