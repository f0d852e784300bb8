// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/copylook.h"

namespace cring::repair {

/// Takes a copy away from a server that need not have it: a handoff that has been given back, what a server
/// held before a rebalance, an old version on a server that is no owner. A copy that is right goes only after
/// every owner has been read and holds the recorded bytes.
class ExtraRemoval final : public QObject
{
    Q_OBJECT

public:
    ExtraRemoval(replica::Environment &environment, health::Backend &target, const replica::ObjectKey &key,
                 const replica::Credentials &credentials, QObject *parent);
    ~ExtraRemoval() override;

    void start();

Q_SIGNALS:
    /// Once, from the event loop. `problem` is empty when the copy is gone.
    void finished(const QString &problem);

private:
    void handleLooked();
    bool holdsStill() const;
    void remove();
    void end(const QString &problem);

    replica::Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    health::Backend &m_target;
    replica::ObjectKey m_key;
    replica::Credentials m_credentials;
    std::optional<replica::Record> m_record;
    bool m_right = false; ///< The copy is what was recorded.
    replica::PathLocks::Lease m_lease;
    std::vector<std::unique_ptr<replica::CopyLook>> m_looks;
    int m_waiting = 0;
    bool m_ended = false;
};

} // namespace cring::repair
