// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"

namespace cring::app {

/// "90s", "10m", "2h", "3d". Fails with ControlBadParams.
Result<std::chrono::milliseconds> parseSpan(const QString &text);

/// "10m", "2h", "3d" back from now, or an ISO date and time (local unless it says otherwise); milliseconds
/// since 1970. Fails with ControlBadParams.
Result<qint64> parseSince(const QString &text, qint64 nowMs);

/// `cring log [--follow] [--since WHEN] [--backend NAME] [--level LEVEL] [--lines N]`
class LogCommand : public ServiceCommand
{
    Q_OBJECT

public:
    struct Options
    {
        bool follow = false;
        qint64 sinceMs = 0; ///< 0: the last `lines` events.
        QString backend;
        QString level;
        int lines = 50;
    };

    LogCommand(ServiceCommandContext context, Options options);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void handleNotified(const QString &method, const QJsonObject &params) override;
    void handleClosed(const Error &reason) override;

private:
    QJsonObject filter() const;
    void listNewest();
    void listPage();
    void follow(qint64 lastSeq);
    void whenServerIsKnown(std::function<void()> then);
    void show(const QJsonObject &event);

    const Options m_options;
    qint64 m_seq = 0;     ///< Of the last event shown, or before the first one.
    qint64 m_seenMs = 0;  ///< What is older has been shown, or is not wanted: ms since 1970.
    bool m_shown = false; ///< Some event was.
    bool m_first = true;  ///< Not connected yet.
};

} // namespace cring::app
