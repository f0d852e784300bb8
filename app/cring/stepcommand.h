// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/servicecommand.h"

namespace cring::app {

/// A step for people: its name, how it came out, and what was found.
QString stepLine(const Terminal &terminal, const QJsonObject &step);

/// A look that the service takes step by step: each step as it ends; DoneWithFindings when one was not ok.
/// With --json a line for each step, then the summary.
class StepCommand : public ServiceCommand
{
    Q_OBJECT

protected:
    using ServiceCommand::ServiceCommand;
    using Praise = std::function<QString(const QJsonObject &result)>;

    /// Steps come as the notification `<method>.step`. `time`: for all of them. `praise`: said when all are
    /// ok.
    void goThrough(const QString &method, const QJsonObject &params, std::chrono::milliseconds time,
                   Praise praise);
    void handleNotified(const QString &method, const QJsonObject &params) override;

private:
    QString m_notification;
};

} // namespace cring::app
