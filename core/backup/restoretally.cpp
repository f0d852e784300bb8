// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/restoretally.h"

namespace cring::backup {

namespace {

struct Field
{
    QLatin1String name;
    qint64 RestoreTally::*number;
};

constexpr Field kFields[] = {
    {QLatin1String("files"), &RestoreTally::files},
    {QLatin1String("folders"), &RestoreTally::folders},
    {QLatin1String("bytes"), &RestoreTally::bytes},
    {QLatin1String("brought"), &RestoreTally::brought},
    {QLatin1String("broughtBytes"), &RestoreTally::broughtBytes},
    {QLatin1String("same"), &RestoreTally::same},
    {QLatin1String("failed"), &RestoreTally::failed},
};

} // namespace

RestoreTally &RestoreTally::operator+=(const RestoreTally &other)
{
    for (const Field &field : kFields)
        this->*field.number += other.*field.number;
    return *this;
}

QJsonObject RestoreTally::toJson() const
{
    QJsonObject object;
    for (const Field &field : kFields)
        object.insert(field.name, this->*field.number);
    return object;
}

RestoreTally RestoreTally::fromJson(const QJsonObject &object)
{
    RestoreTally tally;
    for (const Field &field : kFields)
        tally.*field.number = object.value(field.name).toInteger();
    return tally;
}

} // namespace cring::backup
