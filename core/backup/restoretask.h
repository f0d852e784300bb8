// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/momentwalk.h"
#include "core/backup/objectdownload.h"
#include "core/backup/objectname.h"
#include "core/state/objectkey.h"

namespace cring::backup {

/// One file or folder that is to be brought back.
struct RestoreItem
{
    state::ObjectKey key;
    bool folder = false;
    MomentWalk::Held object;
    quint32 mode = 0; ///< Of a folder; a file's comes with its bytes.
};

enum class Restored {
    Brought, ///< It is as it was.
    Same,    ///< It was already.
};

/// Brings one of them to where it belongs; finished() once, from the event loop. Destroyed before: called
/// off, and what is there is what was there before, or all of it.
class RestoreTask : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    virtual void start() = 0;

Q_SIGNALS:
    void finished(const cring::Result<cring::backup::Restored> &outcome);
};

/// Where to. Makes the task for an item.
class IRestoreDestination
{
public:
    IRestoreDestination() = default;
    virtual ~IRestoreDestination() = default;
    Q_DISABLE_COPY_MOVE(IRestoreDestination)

    /// A restore begins, and has not been begun before. What the destination will know it by: changes with a
    /// later version are somebody else's.
    virtual quint64 begin() { return 0; }
    /// `since`: what begin() said.
    virtual std::unique_ptr<RestoreTask> task(const RestoreItem &item, quint64 since) = 0;
    /// What a service that was killed has not brought to its place, though the bucket may not have it any
    /// more: no walk through the bucket meets it again.
    virtual QList<RestoreItem> unfinished() { return {}; }
};

} // namespace cring::backup
