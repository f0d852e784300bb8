// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/snapshot.h"

#include <QString>

namespace cring::models {

/// What the service says, in the window's language: the service speaks English to everybody (logs and the
/// command line are read by people who search for its words), and its sentences are found again by their
/// form, servicePhrases(). What is none of them, or only in part, stays as it is in that part, as names and
/// what a server has sent do, unless they are one of the phrases themselves. Bounded in time by the length of
/// the text. Of the thread of the window alone.
QString serviceSentence(const QString &text);

/// The same, as the beginning of a sentence of its own.
QString serviceSentenceAlone(const QString &text);

/// With every sentence of it in the window's language.
control::Snapshot inWindowsLanguage(control::Snapshot snapshot);

} // namespace cring::models
