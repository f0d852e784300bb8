// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/servicelink.h"

namespace cring::models {

/// What a shell on this machine is told so that its charm client uses the ring; empty while nobody listens.
QString clientSettings(const control::Snapshot &snapshot);

/// What stops being protected when the service ends, in sentences.
QString stopWords(const SnapshotPtr &snapshot);

} // namespace cring::models
