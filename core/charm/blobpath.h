// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

namespace cring::charm {

/// Go's fs.ModeDir: a POST whose mode carries it makes a directory.
inline constexpr quint32 kDirBit = 1u << 31;

/// Longest name of one file or folder on the servers' disks, in bytes of the escaped form (NAME_MAX).
inline constexpr qsizetype kMaxComponent = 255;
/// Longest cleaned and escaped path, in bytes (PATH_MAX).
inline constexpr qsizetype kMaxPath = 4096;

/// What a request target names. Says nothing about the method: /v1/bio is asked with POST, /v1/bio/NAME with
/// GET.
struct Route
{
    enum class Kind {
        File,       ///< /v1/fs/…: a file or folder of the account that asks.
        Seq,        ///< /v1/seq/NAME
        Bio,        ///< /v1/bio (name is empty) or /v1/bio/NAME
        EncryptKey, ///< /v1/encrypt-key
        Id,         ///< /v1/id/ID
        News,       ///< /v1/news (name is empty) or /v1/news/ID
        Public,     ///< The key set and the OpenID document: the only two that need no token.
        Unknown,    ///< Charm has nothing there: its answer is 404.
    };

    Kind kind = Kind::Unknown;
    /// File: cleaned, escaped as Charm stores it, without the leading slash. "" is the account's root.
    QByteArray path;
    /// Seq, Bio, Id, News: the name in one canonical escape, so that two spellings of a name compare equal
    /// (the servers decode it: a%41 and aA are one sequence, but two files). Fits into a target as it is.
    QByteArray name;
    /// What follows the first '?', as sent.
    QByteArray query;
};

/// Reads a request target in origin form as a Charm v0.12.6 server does: Go's URL.EscapedPath(), goji's
/// patterns on it, filepath.Clean (server/http.go, goji.io/pat). The servers get the target as it was sent;
/// this is what they will make of it.
///
/// Refused with PathInvalid although a server might take it: another form than "/…", a fragment, control
/// characters and spaces raw or escaped, a "." or ".." that hides behind escapes however deep, a ".." above
/// the account's root, a name longer than kMaxComponent, a path longer than kMaxPath.
Result<Route> parseTarget(QByteArrayView rawTarget);

/// The file mode of an upload: the first `mode` of the query, decimal, 32 bits, as strconv.ParseUint reads
/// it. A query with a pair that Go cannot parse is refused whole: Charm would answer 500 once it had read the
/// body.
Result<quint32> parseMode(QByteArrayView query);

/// The folders above a cleaned path, from the top: "a/b/c" gives "a" and "a/b"; the root is not among them.
/// The views point into path.
QList<QByteArrayView> ancestors(QByteArrayView path);

/// The folder that holds a cleaned path; "" (the root) for a name at the top and for the root itself.
QByteArrayView parentOf(QByteArrayView path);

} // namespace cring::charm
