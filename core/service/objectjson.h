// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/objectkey.h"
#include "core/state/record.h"

#include <QJsonObject>

namespace cring::service {

/// {"account", "path"} of a key; no "path" when the key is an account alone.
QJsonObject objectJson(const state::ObjectKey &key);
/// {"folder", "deleted", "size", "mode", "changedMs", "version", "digest"}; what is not known is absent. The
/// digest is its beginning: enough to tell versions apart, and of no use to anyone without the
/// installation's seed.
QJsonObject recordJson(const state::Record &record);
/// The first 16 hexadecimal digits.
QString digestText(const QByteArray &digest);

} // namespace cring::service
