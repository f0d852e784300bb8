// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/jobsmodel.h"
#include "ui/models/servicelink.h"
#include "ui/models/versionsmodel.h"

namespace cring::models {

/// What is to be brought back from a bucket, as of when, and to where.
struct RestoreChoice
{
    QString backup;             ///< By name; "" while there is only one.
    QString path;               ///< "<charm id>/<path>", of a file or folder; "": everything.
    std::optional<qint64> atMs; ///< As it was then; nothing: as the bucket has it now.
    QString folder;             ///< Absolute; "": to the servers.

    bool operator==(const RestoreChoice &) const = default;

    QJsonObject parameters(bool dryRun) const;
};

/// Brings files back: counts first what a choice means, then does it. Follows the service's job, also one
/// that the service goes on with after a restart. One thread.
class Restore : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Idle,
        Counting,
        Counted, ///< outcome() says what it would be.
        Running,
        Ended, ///< outcome() says what it was, problem() why no more.
    };
    Q_ENUM(State)

    struct Outcome
    {
        qint64 files = 0;
        qint64 folders = 0;
        qint64 bytes = 0;
        qint64 brought = 0;
        qint64 broughtBytes = 0;
        qint64 same = 0; ///< They were there already, as they should be.
        qint64 failed = 0;
        QStringList failures; ///< "<path>: <why>", the first ones.
    };

    /// The link outlives this.
    explicit Restore(ServiceLink &link, QObject *parent = nullptr);

    /// Fills versions() in; asked for "" it empties them.
    void askVersions(const QString &path, const QString &backup);
    VersionsModel &versions() { return m_versions; }
    bool isAsking() const { return m_asking; }
    /// Why there are no versions to show; empty when all is well.
    const QString &versionsProblem() const { return m_versionsProblem; }

    void count(const RestoreChoice &choice);
    void begin(const RestoreChoice &choice);
    /// What is done stays done.
    void cancel();

    State state() const { return m_state; }
    /// That was counted, or is being carried out.
    const RestoreChoice &choice() const { return m_choice; }
    const JobRow &job() const { return m_job; }
    /// Of what was counted: the part that is done; nothing while that is not known.
    std::optional<double> fraction() const;
    const Outcome &outcome() const { return m_outcome; }
    const QString &problem() const { return m_problem; }

Q_SIGNALS:
    void changed();
    void versionsChanged();

private:
    void start(const RestoreChoice &choice, bool dryRun);
    void take(const QJsonObject &job);
    void end(const QString &problem);

    ServiceLink &m_link;
    VersionsModel m_versions;
    QString m_versionsProblem;
    int m_question = 0; ///< The newest about versions; answers to older ones come too late.
    bool m_asking = false;
    State m_state = State::Idle;
    RestoreChoice m_choice;
    JobRow m_job;
    qint64 m_counted = 0; ///< Files and folders.
    Outcome m_outcome;
    QString m_problem;
};

} // namespace cring::models
