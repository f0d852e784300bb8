// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/commandfamily.h"
#include "app/cring/progressline.h"
#include "app/cring/servicecommand.h"
#include "core/base/clock.h"

#include <optional>

namespace cring::app {

/// Watches a job to its end, and starts it before that, if wanted: `cring jobs watch`, `verify`, `repair`,
/// `rebalance apply`. Progress on a terminal; with --json a line for every change, then the summary. The job
/// is the service's: whoever stops watching leaves it running.
///
/// Ends with DoneWithFindings when it found something that a person has to decide, PartlyDone when it was
/// cancelled or could not look everywhere, Failed when it failed.
class JobWatchCommand : public ServiceCommand
{
    Q_OBJECT

public:
    struct Options
    {
        std::optional<qint64> id; ///< The job; without it and a kind: the only one under way.
        QString kind;             ///< A job of this kind is started.
        QJsonObject parameters;
        bool wait = true;      ///< False: only start it.
        QString question = {}; ///< Asked before it is started; "": nothing is.
        bool yes = false;      ///< Without asking.
    };

    JobWatchCommand(ServiceCommandContext context, Options options);

    /// Ctrl-C: says how to come back to it, and ends.
    void interrupt();

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleNotified(const QString &method, const QJsonObject &params) override;
    void handleClosed(const Error &reason) override;

private:
    void start();
    void watch();
    void handleJob(const QJsonObject &job);
    void showEnd(const QJsonObject &job);
    void showFindings(int exitCode);

    const Options m_options;
    const SystemClock m_clock;
    std::optional<qint64> m_id;
    ProgressLine m_progress;
    bool m_ended = false;
};

/// Has the program watch a job. Ctrl-C leaves it running, and says so.
void watches(CLI::App *command, const CommandFamilyPtr &family,
             std::function<JobWatchCommand::Options()> options);

/// What a job in its end state ends the command with.
int exitCodeOf(const QJsonObject &job);
/// "120 checked, 3 missing": the counts of a summary.
QString summaryWords(const QJsonObject &summary);

} // namespace cring::app
