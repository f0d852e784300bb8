// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QObject>
#include <QString>

namespace cring::jobs {

/// How far a job is. Numbers only rise while it runs.
struct JobProgress
{
    QString phase;     ///< "walking charm2", for people.
    qint64 done = 0;   ///< In what total counts: files, as a rule.
    qint64 total = -1; ///< −1: not known yet.
    qint64 bytes = 0;  ///< Read or moved so far.
};

/// A long piece of work over many files, in steps: it can be paused between two of them, cancelled, and gone
/// on with after a restart from its cursor. What it has to say about single files is in the catalogue and in
/// the findings; its result is a summary. Made and owned by Jobs, deleted after finished(). One thread; it
/// yields to the event loop, and to clients, after every step.
class Job : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Begins at a cursor that it gave earlier, or at the beginning ("").
    virtual void start(const QByteArray &cursor) = 0;
    /// No further step begins while it is paused.
    virtual void setPaused(bool paused) = 0;
    /// Ends soon, with finished(), paused or not; what is done stays done.
    virtual void cancel() = 0;
    virtual JobProgress progress() const = 0;

Q_SIGNALS:
    /// Not more often than once for each step; the cursor is where a restart would go on.
    void progressed(const QByteArray &cursor);
    /// Once, from the event loop. `summary` holds counts by name ("checked", "missing", …); findings > 0 is
    /// exit code 6.
    void finished(const cring::Result<QJsonObject> &summary);
};

} // namespace cring::jobs
