// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "core/http/message.h"

#include <functional>
#include <variant>

namespace cring::backup {

/// Why an S3 server did not do what it was asked, for code that has to decide what follows.
struct [[nodiscard]] S3Error
{
    enum class Kind {
        Unreachable,   ///< No connection, a lost one, or no answer in time. Tried again.
        Tls,           ///< Its certificate is not trusted, or the handshake failed.
        Credentials,   ///< The access key is unknown, or the secret key is not its own.
        TokenExpired,  ///< Temporary keys have run out.
        Denied,        ///< These keys may not do that.
        Clock,         ///< This machine's clock is wrong, and the server's did not help.
        BucketMissing, ///< There is no such bucket.
        ObjectMissing, ///< No such key or version.
        UploadMissing, ///< The multipart upload is over, or never was.
        NothingSet,    ///< The bucket has no such configuration. Not a failure as such.
        Region,        ///< The bucket is elsewhere, and the way there could not be told or trusted.
        Busy,          ///< SlowDown and the like, in spite of waiting.
        Server,        ///< 5xx, in spite of trying again.
        Protocol,      ///< The answer makes no sense: no XML, too large, a listing that goes in a circle.
        Digest,        ///< The bytes are not those that were meant.
        Precondition,  ///< If-Match and the like did not hold.
        NotModified,   ///< 304.
        Unsupported,   ///< The server does not have this operation.
        Full,          ///< No room, or above the server's limits.
        Source,        ///< The local side: the file that was to be sent cannot be read, or has changed.
        Refused,       ///< Anything else.
    };

    Kind kind = Kind::Refused;
    int status = 0;       ///< HTTP; 0 when there was no answer.
    QByteArray code;      ///< The server's word, "NoSuchKey"; empty where it said none.
    QString message;      ///< The server's sentence, or what the connection met; one line, without secrets.
    QByteArray requestId; ///< For the provider's support.
    QString operation;    ///< "PutObject"
    QString host;
    QString bucket;
    QByteArray region;   ///< Where the server says the bucket is.
    QString endpoint;    ///< Host (and port) that the server sends to instead.
    int retryAfter = -1; ///< Seconds that the server asks for; -1: it said nothing.

    /// May the same request succeed a little later?
    bool transient() const { return kind == Kind::Unreachable || kind == Kind::Busy || kind == Kind::Server; }

    /// What, where, why, and what to do next: no secret in it, and no key of an object.
    QString words() const;
    Error toError() const;
};

/// Reads an answer that is not good. `body` may be empty (HEAD), cut, or no XML at all.
S3Error readS3Error(int status, const http::Headers &headers, const QByteArray &body);

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] S3Result
{
public:
    S3Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }

    S3Result(S3Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    bool ok() const { return m_state.index() == 0; }

    explicit operator bool() const { return ok(); }

    T &value()
    {
        Q_ASSERT(ok());
        return *std::get_if<0>(&m_state);
    }

    const T &value() const
    {
        Q_ASSERT(ok());
        return *std::get_if<0>(&m_state);
    }

    const S3Error &error() const
    {
        Q_ASSERT(!ok());
        return *std::get_if<1>(&m_state);
    }

    T *operator->() { return &value(); }

    const T *operator->() const { return &value(); }

    T &operator*() { return value(); }

    const T &operator*() const { return value(); }

private:
    std::variant<T, S3Error> m_state;
};

/// For operations that give nothing.
struct Nothing
{
};

template <typename T>
using Done = std::function<void(S3Result<T>)>;

} // namespace cring::backup
