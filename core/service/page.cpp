// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/page.h"

#include <QJsonDocument>

namespace cring::service {

void Page::add(const QJsonObject &entry)
{
    m_bytes += QJsonDocument(entry).toJson(QJsonDocument::Compact).size();
    m_entries.append(entry);
}

QJsonObject Page::answer(const QString &name, const QByteArray &next) const
{
    QJsonObject object{{name, m_entries}};
    if (!next.isEmpty()) {
        const QByteArray text = next.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
        object.insert(QStringLiteral("next"), QString::fromLatin1(text));
    }
    return object;
}

} // namespace cring::service
