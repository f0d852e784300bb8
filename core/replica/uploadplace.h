// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/answers.h"
#include "core/replica/existenceprobe.h"
#include "core/replica/ownerset.h"

namespace cring::replica {

/// What stands at an upload's path before it: that decides what a roll-back must put back, and whether a file
/// can go there at all. The catalogue knows it for recorded paths; otherwise servers are asked beside the
/// body, so that it costs no time (docs/adr/0007). One thread.
class UploadPlace final : public QObject
{
    Q_OBJECT

public:
    UploadPlace(Environment &environment, const Credentials &credentials, const QByteArray &path);

    /// found() may come before this returns.
    void find(const OwnerSet &owners);
    /// No answer is waited for any more.
    void stop() { m_probe.stop(); }
    /// existed() is as good as it gets.
    bool isKnown() const { return m_known; }
    /// Whether something was there; nothing: not known.
    std::optional<bool> existed() const { return m_existed; }
    /// Why no file can go there.
    const std::optional<Outcome> &refused() const { return m_refused; }
    /// With the path locked: another write may have been acknowledged meanwhile. `onlyOver` as in
    /// Upload::Spec.
    void findAgain(const std::optional<quint64> &onlyOver);

Q_SIGNALS:
    /// isKnown(), or refused().
    void found();

private:
    void handleProbed();
    void refuseForFolder();
    void refuseBelowFile();

    Environment &m_environment;
    ObjectKey m_key;
    ExistenceProbe m_probe;
    std::optional<bool> m_existed;
    std::optional<Outcome> m_refused;
    bool m_known = false;
};

} // namespace cring::replica
