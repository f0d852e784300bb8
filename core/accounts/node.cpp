// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/node.h"

#include "core/config/secretfile.h"

#include <algorithm>

namespace cring::accounts {

namespace {

const QLatin1String kPart(".cring-part-");

} // namespace

QString INode::fullPath(const QString &path) const
{
    const QString &root = place().path;
    return path.isEmpty() ? root : root + QLatin1Char('/') + path;
}

QString INode::shown(const QString &path) const
{
    const QString root = place().toString();
    return path.isEmpty() ? root : root + QLatin1Char('/') + path;
}

QString INode::partName(const QString &path)
{
    const qsizetype slash = path.lastIndexOf(QLatin1Char('/'));
    return path.left(slash + 1) + kPart + path.mid(slash + 1);
}

Status INode::checkPath(const QString &path) const
{
    const auto isBad = [](const QString &part) {
        return part.isEmpty() || part == QLatin1String(".") || part == QLatin1String("..");
    };
    const auto isControl = [](QChar c) {
        return c.unicode() < 0x20 || c.unicode() == 0x7f;
    };
    if (path.isEmpty())
        return {};
    if (std::ranges::any_of(path.split(QLatin1Char('/')), isBad) || std::ranges::any_of(path, isControl))
        return Error{Code::NodeFile,
                     QStringLiteral("no path below %1 that could be used").arg(place().toString())};
    return {};
}

Result<QByteArray> readAll(INode &node, const QString &path, qint64 most)
{
    QByteArray all;
    const Status status = node.read(path, most, [&](QByteArrayView piece) {
        all.append(piece.data(), piece.size());
        return Status();
    });
    return status ? Result<QByteArray>(std::move(all)) : Result<QByteArray>(status.error());
}

Result<Secret> readSecret(INode &node, const QString &path)
{
    // One piece of memory from the beginning: growing would leave copies behind.
    Secret secret(config::kLongestSecret);
    qsizetype size = 0;
    const Status status = node.read(path, config::kLongestSecret, [&](QByteArrayView piece) {
        std::ranges::copy(piece, secret.data() + size);
        size += piece.size();
        return Status();
    });
    if (!status)
        return status.error();
    secret.truncate(size);
    return secret;
}

Status writeAll(INode &node, const QString &path, QByteArrayView bytes, quint32 mode)
{
    qsizetype given = 0;
    const auto next = [&]() -> Result<QByteArray> {
        const QByteArrayView piece = bytes.sliced(given, std::min<qsizetype>(bytes.size() - given, 32'768));
        given += piece.size();
        // Not copied: the caller has the bytes until the end.
        return QByteArray::fromRawData(piece.data(), piece.size());
    };
    return node.write(path, next, mode);
}

} // namespace cring::accounts
