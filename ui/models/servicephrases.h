// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>

namespace cring::models {

/// What the service says in English and a person reads in the window: events, reasons of servers and
/// backups, phases of jobs, steps of tests, errors, and what the less used settings are for. As they stand in
/// the service, with %1 to %9 for what differs; sources of the context cring::models::ServiceSentences.
std::span<const char *const> servicePhrases();

} // namespace cring::models
