// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/session.h"

/// What lies in the database. docs/state.md says what each table is for.
namespace cring::state::schema {

/// The version that this program reads and writes.
int currentVersion();

/// The version of the database; 0 for an empty one. Reads the schema as well, so that a file that is no
/// database, or shorter than it should be, is met here.
Result<int> version(Session &session);

/// Brings the database up to `target`, one numbered migration after the other, each in a transaction of its
/// own: a program that dies on the way leaves a database of some version, never one in between.
/// StateNewer when a later release has written it.
Status migrate(Session &session, int target = currentVersion());

} // namespace cring::state::schema
