// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/hashedask.h"
#include "core/backup/restoretally.h"
#include "core/backup/restoretask.h"
#include "core/backup/target.h"
#include "core/jobs/job.h"

#include <QJsonArray>

#include <set>

namespace cring::backup {

/// Brings files back from a bucket, as they were at a moment or are there now, some at a time. One that
/// cannot be brought is named, and the others go on; one whose line breaks is tried again, with pauses. It
/// goes on where it was after a restart, and leaves alone what clients have written since it began.
///
/// One thread; the target outlives it.
class RestoreJob final : public jobs::Job
{
    Q_OBJECT

public:
    static constexpr const char *kKind = "backup-restore";

    struct Request
    {
        QList<replica::ObjectKey> tops; ///< Files, and folders with what is in them; none: everything.
        std::optional<std::chrono::milliseconds> at; ///< Since 1970, UTC; none: now.
        bool dryRun = false;                         ///< Only count.
    };

    RestoreJob(Target &target, Request request, std::unique_ptr<IRestoreDestination> destination);
    ~RestoreJob() override;

    void start(const QByteArray &cursor) override;
    void setPaused(bool paused) override;
    void cancel() override;
    jobs::JobProgress progress() const override;

private:
    void takeUnfinished();
    void askWhetherItCan();
    void begin();
    QByteArray cursor() const;
    /// One of the page is back, or will not be.
    void close(const QByteArray &key, const RestoreTally &tally);
    RestoreTally sum() const;
    void readCursor(const QByteArray &cursor);
    void proceed();
    void nextPage();
    void sort(const QList<MomentWalk::Held> &page);
    void askSome();
    void handleAnswer(HashedAsk &ask, const MomentWalk::Held &held, const S3Result<QByteArray> &path);
    void nameFailure(const QString &what);
    bool isWanted(const replica::ObjectKey &key);
    void add(RestoreItem item);
    void beginSome();
    void handleFinished(RestoreTask *task, const RestoreItem &item, const Result<Restored> &outcome);
    bool triesAgain(const RestoreItem &item, const Error &error);
    void fail(const Error &error);
    void end();

    Target &m_target;
    const Request m_request;
    const std::unique_ptr<IRestoreDestination> m_destination;
    quint64 m_since = 0;          ///< What the destination said when it began.
    QList<QByteArray> m_prefixes; ///< To be walked; "" is everything.
    qsizetype m_walked = 0;       ///< Of them, with the one that is under way.
    QByteArray m_place;           ///< Of that one: up to this key everything has come back.
    QByteArray m_before;          ///< The place at which the page begins.
    std::set<QByteArray> m_page;  ///< Keys of the page.
    std::set<QByteArray> m_open;  ///< Those that have not come back yet.
    std::unique_ptr<MomentWalk> m_walk;
    std::deque<RestoreItem> m_items; ///< Of the page.
    std::map<RestoreTask *, std::unique_ptr<RestoreTask>> m_tasks;
    QHash<QByteArray, int> m_tries;         ///< Of objects of the page whose line has broken.
    int m_resting = 0;                      ///< Of the page, until they are tried again.
    QSet<replica::ObjectKey> m_missing;     ///< Of the tops: of these nothing was seen yet.
    std::deque<MomentWalk::Held> m_unasked; ///< Of the page: their paths and modes are in the objects.
    std::map<HashedAsk *, std::unique_ptr<HashedAsk>> m_asks;
    bool m_listing = false;
    bool m_started = false; ///< Jobs says whether it is paused before that.
    bool m_paused = false;
    bool m_cancelled = false;
    bool m_ended = false;
    RestoreTally m_tally;                        ///< Up to the place.
    std::map<QByteArray, RestoreTally> m_beyond; ///< Of the page, behind the place: a restart meets it again.
    QJsonArray m_failures;
};

} // namespace cring::backup
