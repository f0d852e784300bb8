// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/charmsession.h"
#include "app/cring/progressline.h"
#include "app/cring/ringcommand.h"
#include "core/charm/listing.h"

namespace cring::app {

/// What `cring export` and `cring import` share: the login, the walk step by step, what came of each file,
/// and the summary at the end.
class FilesCommand : public RingCommand
{
    Q_OBJECT

public:
    /// `host`: whose key; "" = as the configuration says. `verb`: "export" or "import".
    FilesCommand(ServiceCommandContext context, config::Config configured, QString host, const char *verb,
                 bool dryRun);

    /// Ends it where it is: what was not complete is not there.
    void interrupt();

protected:
    /// Logged in.
    virtual void begin() = 0;
    /// The next file or folder; comes after each goOn(), from the event loop.
    virtual void step() = 0;
    /// Lets go of the file that is under way.
    virtual void drop() = 0;

    void handleRing(const Ring &ring) final;

    CharmSession &session() { return *m_session; }
    const CharmSession &session() const { return *m_session; }

    void goOn();
    /// One folder of the ring; NotFound when it is not there.
    void list(const QByteArray &path, std::function<void(const Result<charm::Listing> &listing)> then);
    /// On a worker, then back here.
    void work(std::function<Status()> todo, std::function<void(const Status &status)> then);

    void noteDone(const QByteArrayList &names, qint64 bytes);
    void noteKept(const QByteArrayList &names);
    void countFolder() { ++m_folders; }
    void refuse(const QByteArrayList &names, const QString &why);
    /// Refused, and on with the next one, unless the ring or the disk has no more to give.
    void handleRefusal(const QByteArrayList &names, const Error &error, bool diskFull = false);
    /// The end, well or with what was refused.
    void conclude();
    void conclude(int exitCode);

    /// "a/b" of "/a//b/".
    static QByteArrayList partsOf(const QString &path);

private:
    void note(const QByteArrayList &names, const QString &outcome, const QString &why = {});
    void progress();

    const QString m_host;
    const QString m_verb;
    const bool m_dryRun;
    std::unique_ptr<CharmSession> m_session;
    const SystemClock m_clock;
    ProgressLine m_line;
    int m_failures = 0; ///< In a row, of the ring.
    bool m_ended = false;
    qint64 m_done = 0;
    qint64 m_bytes = 0;
    qint64 m_kept = 0;
    qint64 m_folders = 0;
    qint64 m_refused = 0;
};

} // namespace cring::app
