// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/accountkeeper.h"

#include <QJsonObject>

namespace cring::service {

/// As accounts.list has it: fingerprints, and how many sequences.
QJsonObject accountLine(const accounts::Account &account);
/// The same of one that was disabled, which `gone` has: what it was called is not kept.
QJsonObject disabledLine(const QByteArray &charmId, const accounts::Gone &gone);
/// As accounts.show has it: keys with their encrypt keys' ids, and the sequences. Nothing that is sealed.
QJsonObject accountCard(const accounts::Account &account);
/// What the last round has come to: who took part, who cannot (`without`: no `data`), and what a person has
/// to decide. Empty before the first.
QJsonObject roundJson(const accounts::AccountKeeper &keeper);

} // namespace cring::service
