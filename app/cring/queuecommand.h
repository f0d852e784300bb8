// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/pagedcommand.h"

namespace cring::app {

/// `cring queue list [--server NAME]`
class QueueListCommand : public PagedCommand
{
    Q_OBJECT

public:
    QueueListCommand(ServiceCommandContext context, const QString &server);

protected:
    void handleOpened(const control::ServiceInfo &info) override;
    void showEntries(const QJsonArray &entries) override;
    void showEnd(const QJsonObject &last) override;
    QJsonObject summary(const QJsonObject &last) const override;
};

/// `cring queue retry [--server NAME]`
class QueueRetryCommand : public ServiceCommand
{
    Q_OBJECT

public:
    QueueRetryCommand(ServiceCommandContext context, QString server);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void show(const QJsonObject &answer);

    const QString m_server;
};

/// "extra copy" for "extra", and so on; a kind of another release as it is.
QString owedWords(const QString &kind);

} // namespace cring::app
