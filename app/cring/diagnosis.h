// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/textarchive.h"
#include "core/config/load.h"

#include <QProcessEnvironment>

namespace cring::app {

/// What can be told of this machine and this program for a bug report without the service: of the program and
/// its libraries, the configuration and what is wrong with it, the environment, the state directory, the log
/// of a service that the window has started. As it is, nothing is redacted. Blocking, but reads no database.
QList<TextFile> localDiagnosis(const config::Loaded &loaded, const QProcessEnvironment &environment,
                               const QString &stateDirectory);

} // namespace cring::app
