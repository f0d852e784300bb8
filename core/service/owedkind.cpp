// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/owedkind.h"

namespace cring::service {

QString owedKind(const std::optional<state::Record> &record, state::Debt debt)
{
    if (debt == state::Debt::Differs)
        return QStringLiteral("conflict");
    // Without a record, what the servers say decides: somebody has to look.
    if (!record || debt == state::Debt::Suspect)
        return QStringLiteral("check");
    if (debt == state::Debt::Extra)
        return QStringLiteral("extra");
    if (record->deleted)
        return QStringLiteral("delete");
    return record->folder ? QStringLiteral("folder") : QStringLiteral("copy");
}

QString accountWorkKind(const QByteArray &target)
{
    if (target.startsWith("/v1/bio"))
        return QStringLiteral("name");
    return target.startsWith("/v1/seq") ? QStringLiteral("number") : QStringLiteral("key");
}

} // namespace cring::service
