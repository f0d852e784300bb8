// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/ownerstream.h"

namespace cring::replica {

/// Ends a write that did not reach its quorum after tails had gone out, as one thing (P2): the old state
/// everywhere, or, only where no server has the old one intact any more, the new one everywhere. Runs under
/// the path's lock, which the caller holds. What cannot be put back at once is marked, so that no read goes
/// there, and given to the mending.
class Rollback final : public QObject
{
    Q_OBJECT

public:
    struct Copy
    {
        health::Backend *backend;
        OwnerStream::State state;
    };

    /// `existed`: whether something was at the path before; nothing when that could not be found out.
    /// `refused` is what the write would have stored.
    Rollback(Environment &environment, const Credentials &credentials, const QByteArray &path,
             std::optional<bool> existed, const Record &refused, const QList<Copy> &copies);

    /// It comes to the new one. Known before start(), which takes the decision into the catalogue.
    bool keepsNew() const { return m_end == End::New; }
    /// finished() comes from the event loop or before this returns.
    void start();

Q_SIGNALS:
    void finished();

private:
    enum class End { Nothing, Old, New };

    bool hasOld(const health::Backend &backend) const;
    bool isOldElsewhere() const;
    bool isInSpool() const;
    void removeNew();
    void restoreOld();
    void keepNew();
    void doubt(const Copy &copy);

    Environment &m_environment;
    Credentials m_credentials;
    QByteArray m_path;
    ObjectKey m_key;
    std::optional<bool> m_existed;
    Record m_refused;
    QList<Copy> m_intact; ///< Keep what they had.
    QList<Copy> m_stored; ///< Have the new one.
    QList<Copy> m_unsure; ///< May have either, half of one, or nothing.
    End m_end = End::New;
    int m_waiting = 0;
};

} // namespace cring::replica
