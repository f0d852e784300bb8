// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QProcess>

namespace cring::test {

/// A message bus of a test's own, with nothing on it. It serves as a session's and as the system's. Ends with
/// this.
class SessionBus
{
public:
    ~SessionBus() { stop(); }

    /// `folder` gets its socket; `services` has files of what is started by being asked for, "" = nothing is.
    /// NotFound when the program is missing, and what to install.
    Status start(const QString &folder, const QString &services = {});
    void stop();
    /// Empty when it does not run.
    QString address() const { return m_address; }

private:
    QString m_address;
    QProcess m_process;
};

/// Fails with what to install when the program is not there.
Status wantProgram(const QString &program, const QString &package);

} // namespace cring::test
