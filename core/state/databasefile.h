// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/state/directorylock.h"
#include "core/state/session.h"

namespace cring::state {

/// `state.db` with its write-ahead log, from being found to being ready: checked as far as its past asks for,
/// set aside when it is damaged, made when it is not there, brought up to date.
class DatabaseFile
{
public:
    DatabaseFile(const QString &directory, const IClock &clock);

    /// How much is looked at before it is trusted.
    enum class Check {
        Quick,    ///< That it is a database of its full length, with a sound log: the process was killed, at
                  ///< most.
        Pages,    ///< Every page (quick_check): the power went, and disks lie about what is on them.
        Thorough, ///< Indexes as well (integrity_check): damage was met.
    };
    static Check checkAfter(const DirectoryLock::Before &before);

    /// A session of the caller's thread on a database that is up to date.
    Result<std::unique_ptr<Session>> open(const DirectoryLock::Before &before);

    QString path() const { return m_path; }
    bool created() const { return m_created; }
    /// Where a damaged one went, and why; empty when there was none.
    QString setAside() const { return m_setAside; }
    QString damage() const { return m_damage; }

private:
    Status make();
    Result<std::unique_ptr<Session>> tryOpen(const DirectoryLock::Before &before);
    Status check(Session &session, Check how) const;
    Status moveAside();

    const QString m_path;
    const IClock &m_clock;
    bool m_created = false;
    QString m_setAside;
    QString m_damage;
};

} // namespace cring::state
