// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include <span>
#include <vector>
#include <QJsonObject>
namespace cring::charm {
struct Entry { QByteArray name; QJsonObject raw; };
struct Listing { QJsonObject head; std::vector<Entry> entries; };
Result<Listing> parseListing(QByteArrayView json);
Listing merge(std::span<const Listing> all);
QByteArray serialise(const Listing &l);
}
