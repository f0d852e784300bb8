// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/wizard/setuppage.h"

#include <QHash>

QT_BEGIN_NAMESPACE
class QPushButton;
class QTreeWidget;
QT_END_NAMESPACE

namespace cring::ui {

/// The servers, each tried with the service's own steps as soon as it is entered.
class ServerListPage : public SetupPage
{
    Q_OBJECT

public:
    explicit ServerListPage(Setup &setup);

    void initializePage() override;
    bool isComplete() const override;
    bool validatePage() override;

private:
    struct Trial
    {
        bool isRunning = false;
        QJsonArray steps = {};
        QString problem = {}; ///< That no step says.
    };

    void lookForHosts();
    void takeHosts(const QJsonArray &identities);
    void show();
    void edit(int index);
    void remove();
    void test(const ServerEntry &server);
    void showSteps();
    int chosen() const;

    QTreeWidget *m_list;
    QPushButton *m_edit = nullptr;
    QPushButton *m_remove = nullptr;
    QPushButton *m_steps = nullptr;
    QHash<QString, Trial> m_trials; ///< By the URL.
    QStringList m_hosts;            ///< Of the charm client, that are no server yet.
    bool m_looked = false;
};

} // namespace cring::ui
