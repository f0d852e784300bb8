// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

#include <optional>

namespace cring::replica {

/// What stands at a path, asked of one server after another beside an upload (docs/adr/0007): the first has a
/// moment to answer before the next is asked as well, so that one that hangs delays nobody.
class ExistenceProbe final : public QObject
{
    Q_OBJECT

public:
    enum class Finding {
        Nothing, ///< So many say so that no quorum can have it.
        File,
        Folder,
        Unservable, ///< A quorum of servers answers 500: below a file, or in a folder that cannot be entered.
        Unknown,    ///< Nobody could say.
    };

    ExistenceProbe(Environment &environment, const Credentials &credentials, const QByteArray &path);

    /// In this order, as many at once as must agree on an absence. finished() comes from the event loop.
    void start(const QList<health::Backend *> &servers);
    /// Nothing until finished().
    std::optional<Finding> finding() const { return m_finding; }
    /// finished() does not come any more.
    void stop();

Q_SIGNALS:
    void finished();

private:
    void askNext();
    void handleAbsent();
    void handleAnswer(const Result<http::Response> &result);
    void finish(Finding finding);

    Environment &m_environment;
    http::Request m_request;
    int m_enough; ///< Absences that are the answer.
    int m_wanted; ///< As many are waited for, for a while.
    const bool m_asksAll;
    QList<health::Backend *> m_servers; ///< Not asked yet.
    std::optional<Finding> m_finding;
    QTimer m_timer;
    QTimer m_grace;
    int m_asked = 0; ///< Questions under way.
    int m_unservable = 0;
    int m_absences = 0;
    bool m_stopped = false;
};

} // namespace cring::replica
