// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace cring::backup {

/// The keys of a bucket: which object is which file. Pure functions, any thread.
///
///     <charm id>/<path>              a file; path as the servers store it, escaped
///     <charm id>.long/<sha256>       a file whose key would be above 1,024 bytes or no printable UTF-8;
///     <charm id>.long/<sha256>.name  holds the path as its body, where it is too long for metadata
///     <charm id>.folders/<sha256>    a folder: the path is its body, and in the metadata where it fits
///     .charmedring/…                 what is nobody's file: account snapshots and the like
///
/// <sha256> is that of the path, in hexadecimal. A folder is no "<path>/": servers that keep objects as files
/// make directories of these, and keep neither their metadata nor their versions (docs/adr/0014).
///
/// A charm id has no dot and no slash, so that no file can end up under a name of another kind, or of
/// another account; and a key that any function here returns has no component "." or "..".

/// S3's limit, in bytes.
inline constexpr qsizetype kMaxKey = 1024;
/// Amazon gives all metadata of an object 2 KiB: a path of so many bytes still fits beside the rest.
inline constexpr qsizetype kMaxMetadataPath = 1200;
/// In front of what is nobody's file.
inline constexpr const char *kOwnPrefix = ".charmedring/";

/// Names in x-amz-meta-…
inline constexpr const char *kModeField = "mode";       ///< Go's file mode, decimal.
inline constexpr const char *kUsualMode = "420";        ///< 0644, of a file whose object has none.
inline constexpr const char *kSha256Field = "sha256";   ///< Of the whole body, hexadecimal.
inline constexpr const char *kChangedField = "changed"; ///< When it was acknowledged: ms since 1970, UTC.
inline constexpr const char *kPathField = "path";       ///< Base64; only where the key does not say it.

enum class ObjectKind { File, Folder };

struct ObjectName
{
    QByteArray key;
    QByteArray body = {}; ///< Of a folder.
    QByteArray pathField; ///< Value of the metadata field kPathField; empty: there is none.
    QByteArray nameKey;   ///< An object with the path as its body has to be there first; empty: none.
    QByteArray nameBody;  ///< That path.
};

/// PathInvalid: an id that is none; an empty path of a file; a path with an empty component, "." or "..", a
/// NUL, a component above 255 bytes, or 4,096 bytes in all. The folder "" is the account's root.
Result<ObjectName> makeObjectName(QByteArrayView charmId, QByteArrayView path, ObjectKind kind);

/// What a key of the bucket stands for.
struct ParsedKey
{
    enum class Form {
        Plain,  ///< `path` is there.
        Hashed, ///< `hash` is there; see pathOf(). Every folder is.
        Name,   ///< The object that holds the path of `hash`.
        Own,    ///< Below kOwnPrefix.
        Foreign ///< Nothing that makeObjectName() would make: somebody else's.
    };

    Form form = Form::Foreign;
    ObjectKind kind = ObjectKind::File;
    QByteArray charmId;
    QByteArray path;
    QByteArray hash; ///< Hexadecimal.
};

ParsedKey parseKey(QByteArrayView key);

/// The path of a hashed object: from its metadata field, or the body of its name object where `isBody`.
/// Nothing when the two do not belong together.
std::optional<QByteArray> pathOf(const ParsedKey &hashed, QByteArrayView value, bool isBody);

/// What all keys of an account begin with, and no key of another one: the plain ones, the hashed ones,
/// folders.
Result<QByteArray> plainPrefix(QByteArrayView charmId);
Result<QByteArray> hashedPrefix(QByteArrayView charmId);
Result<QByteArray> foldersPrefix(QByteArrayView charmId);

} // namespace cring::backup
