// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/accounts/sqlrunner.h"

#include <QString>

namespace cring::accounts {

/// A database file of this machine, while its server runs. Never makes the file. Each run() opens it anew, so
/// that a file that was put in its place is seen.
///
/// Nothing else in this process may open and close the file itself: POSIX takes all locks of the process away
/// with the first close (https://www.sqlite.org/howtocorrupt.html, 2.2).
class LocalSql final : public ISqlRunner
{
public:
    explicit LocalSql(QString path);

    Cells cells() const override { return Cells::Raw; }

    Result<Ran> run(const QByteArray &text, const std::function<bool(SqlRow)> &row,
                    const std::stop_token &stop) override;

private:
    QString m_path;
};

} // namespace cring::accounts
