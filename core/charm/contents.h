// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

#include <QByteArray>
#include <QByteArrayView>

#include <memory>
#include <optional>
#include <vector>

namespace cring::charm {

/// An account's encrypt keys, the first one first, as the client has them: the base64 text itself
/// (openSealed() gives it). Shared by all that is opened and sealed with them.
using EncryptKeys = std::shared_ptr<const std::vector<Secret>>;

/// Opens a file as the charm client has sealed it (crypt/crypt.go, NewEncryptedWriter; muesli/sasquatch and
/// its stream/): an encrypt key as an scrypt passphrase, pieces of 64 KiB. Holds one piece, whatever the
/// size. The beginning costs a millisecond a key, a piece some 50 µs; no thread of its own.
///
/// What comes out is what the owner of a key has written, and in this order; that all of it came is known
/// when finish() gave something. After nothing, problem() says why, and nothing more can be done with it.
class ContentsOpener final
{
public:
    /// Higher work factors than the client's 8 are another program's; memory is 1 KiB << factor.
    static constexpr int kMostWork = 16;

    explicit ContentsOpener(EncryptKeys keys);

    /// The next sealed bytes, in pieces of any size; what can be read by now.
    std::optional<QByteArray> add(QByteArrayView sealed);
    /// No more comes: the rest.
    std::optional<QByteArray> finish();
    /// Follows the file's name: "was cut off".
    const QString &problem() const { return m_problem; }

private:
    bool fail(const char *why);
    bool open();
    bool openPiece(QByteArrayView box, bool last, QByteArray &plain);

    EncryptKeys m_keys;
    QByteArray m_buffer;
    Secret m_stream; ///< The payload's key, once the header has come.
    quint64 m_piece = 0;
    QString m_problem;
};

/// Seals a file in that form, with the first key.
class ContentsSealer final
{
public:
    explicit ContentsSealer(const EncryptKeys &keys);

    /// The header. KeyUnusable when there is no key, or OpenSSL fails.
    Result<QByteArray> begin();
    /// The next bytes of the file; what can be sent by now.
    QByteArray add(QByteArrayView plain);
    /// The rest.
    QByteArray finish();

    /// What becomes of so many bytes, for Content-Length.
    static qint64 sealedSize(qint64 plain);
    /// The other way round; nothing for what the client does not make.
    static std::optional<qint64> plainSize(qint64 sealed);

private:
    QByteArray sealPiece(QByteArrayView plain, bool last);

    EncryptKeys m_keys;
    QByteArray m_buffer;
    Secret m_stream;
    quint64 m_piece = 0;
};

} // namespace cring::charm
