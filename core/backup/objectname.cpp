// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/objectname.h"

#include <QCryptographicHash>
#include <QStringDecoder>

#include <algorithm>

namespace cring::backup {

namespace {

constexpr qsizetype kMaxId = 64;
constexpr qsizetype kMaxComponent = 255;
constexpr qsizetype kMaxPath = 4096;
constexpr qsizetype kHashLength = 64;
constexpr QByteArrayView kHashedMark = ".long/";
constexpr QByteArrayView kFoldersMark = ".folders/";
constexpr QByteArrayView kNameMark = ".name";

Error invalid(const char *words)
{
    return {Code::PathInvalid, QString::fromLatin1(words)};
}

bool isAlnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isCharmId(QByteArrayView id)
{
    return !id.isEmpty() && id.size() <= kMaxId &&
           std::all_of(id.begin(), id.end(), [](char c) { return isAlnum(c) || c == '-' || c == '_'; });
}

bool isHash(QByteArrayView text)
{
    return text.size() == kHashLength && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// What every server takes as a key, and every XML parser gives back.
bool isPrintableUtf8(QByteArrayView text)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder(text);
    return !decoder.hasError() && std::all_of(decoded.begin(), decoded.end(), [](QChar c) {
        return c.unicode() >= 0x20 && c.category() != QChar::Other_Control && c.unicode() < 0xfffe;
    });
}

/// Empty when the path may be stored.
const char *faultOf(QByteArrayView path)
{
    if (path.size() > kMaxPath)
        return "The path is too long.";
    for (qsizetype start = 0; start <= path.size();) {
        qsizetype end = path.indexOf('/', start);
        if (end < 0)
            end = path.size();
        const QByteArrayView part = path.sliced(start, end - start);
        start = end + 1;
        if (part.isEmpty())
            return "The path has an empty component.";
        if (part == "." || part == "..")
            return "The path climbs out of its folder.";
        if (part.size() > kMaxComponent)
            return "A component of the path is too long.";
        if (part.contains('\0'))
            return "The path holds a NUL.";
    }
    return nullptr;
}

QByteArray hashOf(QByteArrayView path)
{
    return QCryptographicHash::hash(path, QCryptographicHash::Sha256).toHex();
}

ParsedKey parseHashed(QByteArrayView id, QByteArrayView rest, ObjectKind kind)
{
    ParsedKey out;
    out.kind = kind;
    out.form = ParsedKey::Form::Hashed;
    if (kind == ObjectKind::File && rest.endsWith(kNameMark)) {
        rest.chop(kNameMark.size());
        out.form = ParsedKey::Form::Name;
    }
    if (!isHash(rest))
        return {};
    out.charmId = id.toByteArray();
    out.hash = rest.toByteArray();
    return out;
}

ParsedKey parsePlain(QByteArrayView id, QByteArrayView path, QByteArrayView key)
{
    ParsedKey out;
    out.form = ParsedKey::Form::Plain;
    out.charmId = id.toByteArray();
    out.path = path.toByteArray();
    const Result<ObjectName> name = makeObjectName(id, path, ObjectKind::File);
    return name.ok() && name->key == key ? out : ParsedKey();
}

} // namespace

Result<ObjectName> makeObjectName(QByteArrayView charmId, QByteArrayView path, ObjectKind kind)
{
    if (!isCharmId(charmId))
        return invalid("The account's id is no charm id.");
    const bool root = path.isEmpty() && kind == ObjectKind::Folder;
    if (const char *fault = root ? nullptr : faultOf(path))
        return invalid(fault);

    const QByteArray id = charmId.toByteArray();
    ObjectName out;
    if (kind == ObjectKind::Folder) {
        out.key = id + kFoldersMark.toByteArray() + hashOf(path);
        out.body = path.toByteArray();
        if (!root && path.size() <= kMaxMetadataPath)
            out.pathField = out.body.toBase64();
        return out;
    }
    out.key = id + '/' + path.toByteArray();
    if (out.key.size() <= kMaxKey && isPrintableUtf8(path))
        return out;

    out.key = id + kHashedMark.toByteArray() + hashOf(path);
    if (path.size() <= kMaxMetadataPath) {
        out.pathField = path.toByteArray().toBase64();
    } else {
        out.nameKey = out.key + kNameMark.toByteArray();
        out.nameBody = path.toByteArray();
    }
    return out;
}

ParsedKey parseKey(QByteArrayView key)
{
    ParsedKey own;
    own.form = ParsedKey::Form::Own;
    if (key.startsWith(QByteArrayView(kOwnPrefix)))
        return own;
    const qsizetype slash = key.indexOf('/');
    if (slash < 0)
        return {};
    for (const auto &[mark, kind] :
         {std::pair(kHashedMark, ObjectKind::File), std::pair(kFoldersMark, ObjectKind::Folder)}) {
        const QByteArrayView stem = key.first(slash + 1);
        if (!stem.endsWith(mark))
            continue;
        const QByteArrayView id = stem.chopped(mark.size());
        return isCharmId(id) ? parseHashed(id, key.sliced(slash + 1), kind) : ParsedKey();
    }
    return parsePlain(key.first(slash), key.sliced(slash + 1), key);
}

std::optional<QByteArray> pathOf(const ParsedKey &hashed, QByteArrayView value, bool isBody)
{
    QByteArray path = value.toByteArray();
    if (!isBody) {
        const auto decoded = QByteArray::fromBase64Encoding(path, QByteArray::AbortOnBase64DecodingErrors);
        if (!decoded)
            return std::nullopt;
        path = *decoded;
    }
    // The bucket's word is not taken for it: a path that does not belong to its key could be anybody's.
    const bool root = path.isEmpty() && hashed.kind == ObjectKind::Folder;
    if ((!root && faultOf(path)) || hashOf(path) != hashed.hash)
        return std::nullopt;
    return path;
}

Result<QByteArray> plainPrefix(QByteArrayView charmId)
{
    if (!isCharmId(charmId))
        return invalid("The account's id is no charm id.");
    return charmId.toByteArray() + '/';
}

Result<QByteArray> hashedPrefix(QByteArrayView charmId)
{
    if (!isCharmId(charmId))
        return invalid("The account's id is no charm id.");
    return charmId.toByteArray() + kHashedMark.toByteArray();
}

Result<QByteArray> foldersPrefix(QByteArrayView charmId)
{
    if (!isCharmId(charmId))
        return invalid("The account's id is no charm id.");
    return charmId.toByteArray() + kFoldersMark.toByteArray();
}

} // namespace cring::backup
