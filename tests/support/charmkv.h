// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/charmclient.h"

namespace cring::test {

/// `charm kv set KEY VALUE`, until the servers have it. The client commits without waiting (kv/kv.go:147,
/// badger's CommitWith) and uploads what it reads back meanwhile, so that on a busy machine it now and then
/// uploads a commit without its value, and succeeds. NotFound, with what it said, when it never comes.
Status storeValue(playground::CharmClient &client, const QString &key, const QString &value);

} // namespace cring::test
