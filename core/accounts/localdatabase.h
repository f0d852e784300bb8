// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/merge.h"
#include "core/accounts/sqlrunner.h"

#include <QString>

#include <chrono>
#include <memory>

namespace cring::accounts {

/// The accounts of a server whose data directory is a folder of this machine. That may be another machine's
/// disk, and whoever works with it hang in the kernel for as long as that is gone. So each call has a thread
/// of its own, and nobody waits for it longer than its patience; a thread that hangs is left behind. Until it
/// has come back, all other calls fail at once. What it had not begun to commit is rolled back then.
///
/// Blocks: one call at a time, on a worker's thread.
class LocalDatabase final : public ISqlRunner
{
public:
    /// How long nothing may happen, be it a row or the end. A slow disk takes a second for a commit.
    static constexpr std::chrono::milliseconds kPatience{10'000};
    /// How long a call is waited for that was called off.
    static constexpr std::chrono::milliseconds kGrace{500};

    /// `file`: as LocalSql's.
    explicit LocalDatabase(QString file, std::chrono::milliseconds patience = kPatience);
    ~LocalDatabase() override;
    Q_DISABLE_COPY_MOVE(LocalDatabase)

    Cells cells() const override { return Cells::Raw; }

    /// Errors: as LocalSql's; AccountsFile when it was waited for in vain.
    Result<Ran> run(const QByteArray &text, const std::function<bool(SqlRow)> &row,
                    const std::stop_token &stop) override;

    /// filesBeside() it; what does not answer counts as yes. Does not need this object to live.
    FileProbe files() const;

private:
    class Calls;

    const QString m_file;
    const std::shared_ptr<Calls> m_calls; ///< With those that hang.
};

} // namespace cring::accounts
