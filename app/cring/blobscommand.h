// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/pagedcommand.h"

namespace cring::app {

/// `cring blobs list [--account ID] [PREFIX]`
class BlobsListCommand : public PagedCommand
{
    Q_OBJECT

public:
    BlobsListCommand(ServiceCommandContext context, const QString &account, const QString &prefix);

protected:
    void showEntries(const QJsonArray &entries) override;
    void showEnd(const QJsonObject &last) override;
};

/// `cring blobs where [--account ID] PATH`
class BlobsWhereCommand : public ServiceCommand
{
    Q_OBJECT

public:
    BlobsWhereCommand(ServiceCommandContext context, QString account, QString path);

protected:
    void handleOpened(const control::ServiceInfo &info) override;

private:
    void show(const QJsonObject &answer);

    const QString m_account;
    const QString m_path;
};

/// "-rw-r--r--", "drwx------": Go's fs.FileMode as ls writes it.
QString modeWords(quint32 mode, bool folder);

} // namespace cring::app
