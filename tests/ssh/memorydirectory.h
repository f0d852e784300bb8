// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/accountdirectory.h"

#include <QPair>

#include <mutex>

namespace cring::test {

/// Accounts that a test made up, or took from a real server's database.
class MemoryDirectory final : public ssh::IAccountDirectory
{
public:
    void add(const ssh::DirectoryAccount &account);
    /// Everything in the data directory of a Charm server. The error says why it cannot be read.
    Status addFrom(const QString &dataDir);
    void clear();

    std::shared_ptr<const ssh::DirectoryAccount> find(const QByteArray &keyText) const override;
    std::optional<std::chrono::milliseconds> synchronisedAt() const override { return m_synchronisedAt; }
    void unlink(const QByteArray &charmId, const QByteArray &keyText, QObject *context, Done done) override;

    void setSynchronisedAt(std::optional<std::chrono::milliseconds> at) { m_synchronisedAt = at; }
    /// From now on nothing is unlinked; "" ends it.
    void setProblem(const QString &problem) { m_problem = problem; }
    /// Account and key, in order.
    const QList<QPair<QByteArray, QByteArray>> &unlinked() const { return m_unlinked; }

private:
    mutable std::mutex m_mutex;
    QList<std::shared_ptr<const ssh::DirectoryAccount>> m_accounts;
    std::optional<std::chrono::milliseconds> m_synchronisedAt = std::chrono::milliseconds(0);
    QString m_problem;
    QList<QPair<QByteArray, QByteArray>> m_unlinked;
};

} // namespace cring::test
