// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/accountdirectory.h"

namespace cring::ssh {

/// Stands where no accounts are synchronised: knows nobody.
class EmptyDirectory final : public IAccountDirectory
{
public:
    std::shared_ptr<const DirectoryAccount> find(const QByteArray &) const override { return nullptr; }

    std::optional<std::chrono::milliseconds> synchronisedAt() const override { return std::nullopt; }

    void unlink(const QByteArray &, const QByteArray &, QObject *, Done done) override
    {
        done(Error{Code::AccountMissing, QStringLiteral("no accounts are known here")});
    }
};

} // namespace cring::ssh
