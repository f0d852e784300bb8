// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/decisionsfeed.h"
#include "ui/models/ringmodels.h"
#include "ui/models/servicecommands.h"
#include "ui/window/decisionwords.h"

#include <QMap>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

class Card;

/// What only a person can decide: which version of a file holds, what becomes of files that the checks have
/// found, and accounts that the servers have differently.
class DecisionsPage : public QWidget
{
    Q_OBJECT

public:
    DecisionsPage(models::RingModels &ring, models::ServiceCommands &commands, QWidget *parent = nullptr);

    /// How much waits, as the last snapshot counts it.
    static qint64 countOf(const control::Snapshot &snapshot);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    Card *makeVersions();
    Card *makeFindings();
    Card *makeClashes();
    void handleRead();
    void showState();
    void ask(const decision::Question &question, const std::function<void()> &then);
    void choose();
    void discard();
    void undo();
    void mend(models::Remedy remedy);
    const models::KeptVersionRow *chosenVersion() const;
    QList<models::FindingRow> chosenFindings() const;

    models::RingModels &m_ring;
    models::ServiceCommands &m_commands;
    models::FindingsModel m_findings;
    models::KeptVersionsModel m_versions;
    models::DecisionsFeed m_feed;
    std::optional<models::KeptVersionRow> m_before; ///< What held before the last choice.
    QStackedWidget *m_stack;
    QTableView *m_versionsTable = nullptr;
    QTableView *m_findingsTable = nullptr;
    QLabel *m_unshown = nullptr;
    QLabel *m_clashes = nullptr;
    QPushButton *m_choose = nullptr;
    QPushButton *m_discard = nullptr;
    QPushButton *m_undo = nullptr;
    QMap<models::Remedy, QPushButton *> m_remedies;
    // Made of the above.
    Card *m_versionsCard;
    Card *m_findingsCard;
    Card *m_clashesCard;
};

} // namespace cring::ui
