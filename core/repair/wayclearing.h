// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/exchange.h"
#include "core/replica/environment.h"

namespace cring::repair {

/// Makes room at one server for a folder or a file that the catalogue has, where something of the other kind
/// stands. What is older than the path's last delete goes. A file where a folder belongs is kept aside first;
/// a folder where a file belongs goes only when nothing has stayed in it that nobody has deleted.
///
/// One run; then finished(). The caller must not hold the path's lock.
class WayClearing final : public QObject
{
    Q_OBJECT

public:
    enum class Wanted { File, Folder };

    WayClearing(replica::Environment &environment, health::Backend &target, const replica::ObjectKey &key,
                const replica::Credentials &credentials, Wanted wanted, QObject *parent);

    void start();
    /// Something else than a folder stands above the path.
    bool isBlockedAbove() const { return m_blockedAbove; }

Q_SIGNALS:
    /// Once, from the event loop. `problem` is empty when the way is free.
    void finished(const QString &problem);

private:
    bool mayRemove() const;
    void removeDeleted();
    void look();
    void handleLooked(const Result<http::Response> &result);
    void keepAside();
    void removeFile();
    void end(const QString &problem);

    replica::Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    health::Backend &m_target;
    const replica::ObjectKey m_key;
    const QByteArray m_path;
    const replica::Credentials m_credentials;
    const Wanted m_wanted;
    const quint64 m_version; ///< Of the record, at the beginning.
    replica::PathLocks::Lease m_lease;
    bool m_removed = false; ///< What was deleted has gone already.
    bool m_blockedAbove = false;
};

} // namespace cring::repair
