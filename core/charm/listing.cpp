// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/charm/listing.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <map>
namespace cring::charm {
Result<Listing> parseListing(QByteArrayView json)
{
    const QJsonObject o = QJsonDocument::fromJson(json.toByteArray()).object();
    if (o.isEmpty()) return Error{Code::ListingMalformed, QStringLiteral("sent a listing that cannot be read")};
    Listing l; l.head = o;
    for (const auto &v : o.value(QStringLiteral("files")).toArray()) l.entries.push_back({v.toObject().value(QStringLiteral("name")).toString().toUtf8(), v.toObject()});
    return l;
}
Listing merge(std::span<const Listing> all)
{
    Listing l = all.front(); std::map<QByteArray, Entry> m;
    for (const auto &x : all) for (const auto &e : x.entries) m.emplace(e.name, e);
    l.entries.clear(); for (auto &[k, e] : m) l.entries.push_back(e);
    return l;
}
QByteArray serialise(const Listing &l)
{
    QJsonObject o = l.head; QJsonArray a; for (const auto &e : l.entries) a.append(e.raw);
    if (a.isEmpty()) o.remove(QStringLiteral("files")); else o.insert(QStringLiteral("files"), a);
    return QJsonDocument(o).toJson(QJsonDocument::Compact) + '\n';
}
}
