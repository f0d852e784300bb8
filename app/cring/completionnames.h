// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/completion.h"
#include "app/cring/servicecommand.h"

#include <QTimer>

namespace cring::app {

/// Asks the service for the names that may stand at a place. Whoever presses a key does not wait for it for
/// long, and is told of no error.
class CompletionNames final : public ServiceCommand
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds time{1'000};

    CompletionNames(ServiceCommandContext context, Completion::Source source);

    const QList<Completion::Candidate> &names() const { return m_names; }

    /// Whether this is asked of the service.
    static bool isLive(Completion::Source source);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleClosed(const Error &reason) override;
    void handleFailed(const Error &error) override;

private:
    void take(const QJsonObject &answer);

    const Completion::Source m_source;
    QList<Completion::Candidate> m_names;
    QTimer m_limit;
};

} // namespace cring::app
