// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/objectjson.h"

namespace cring::service {

namespace {

constexpr qsizetype kShownDigestBytes = 8;

} // namespace

QJsonObject objectJson(const state::ObjectKey &key)
{
    const qsizetype slash = key.indexOf('/');
    QJsonObject object{{QStringLiteral("account"), QString::fromUtf8(slash < 0 ? key : key.left(slash))}};
    if (slash >= 0)
        object.insert(QStringLiteral("path"), QString::fromUtf8(key.mid(slash + 1)));
    return object;
}

QString digestText(const QByteArray &digest)
{
    return QString::fromLatin1(digest.left(kShownDigestBytes).toHex());
}

QJsonObject recordJson(const state::Record &record)
{
    QJsonObject object{{QStringLiteral("folder"), record.folder},
                       {QStringLiteral("deleted"), record.deleted},
                       {QStringLiteral("changedMs"), record.changed},
                       {QStringLiteral("version"), static_cast<qint64>(record.version)}};
    if (record.deleted)
        return object;
    object.insert(QStringLiteral("mode"), static_cast<qint64>(record.mode));
    if (record.folder)
        return object;
    if (record.size >= 0)
        object.insert(QStringLiteral("size"), record.size);
    if (!record.digest.isEmpty())
        object.insert(QStringLiteral("digest"), digestText(record.digest));
    return object;
}

} // namespace cring::service
