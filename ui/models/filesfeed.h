// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/filesmodel.h"
#include "ui/models/servicelink.h"

namespace cring::models {

/// Fills a FilesModel page by page and keeps it at what the service knows, once somebody wants to see it: a
/// window whose page of files was never opened costs nothing.
class FilesFeed : public QObject
{
    Q_OBJECT

public:
    /// Both outlive this.
    FilesFeed(ServiceLink &link, FilesModel &model, QObject *parent = nullptr);

    /// From now on.
    void start();
    /// Why the list could not be read; empty when it could.
    const QString &problem() const { return m_problem; }

Q_SIGNALS:
    void problemChanged();

private:
    using AccountNames = std::shared_ptr<QHash<QString, QString>>;

    void readAccounts();
    void readAccounts(const AccountNames &names, const QString &after);
    void listAnew();
    void readOn(const QString &after);
    void handlePage(const QJsonObject &page);
    void handleNotified(const QString &method, const QJsonObject &params);
    void handleSnapshot();
    void setProblem(const QString &problem);

    ServiceLink &m_link;
    FilesModel &m_model;
    QString m_problem;
    QStringList m_places; ///< What decides where copies are wanted: another one, and all is told anew.
    std::optional<qint64> m_accountsRound; ///< After which the accounts' names were read.
    bool m_wanted = false;
    bool m_reading = false;
    bool m_anew = false; ///< The listing under way is of no use any more.
};

} // namespace cring::models
