// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/placement.h"
#include "ui/models/ringmodels.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QGridLayout;
class QLabel;
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

class Card;
class RingLegend;
class RingView;
class StackBar;
class VerdictBanner;

/// How it stands, in one sentence; the ring, the servers, the copies and the backup.
class OverviewPage : public QWidget
{
    Q_OBJECT

public:
    explicit OverviewPage(models::RingModels &ring, QWidget *parent = nullptr);

Q_SIGNALS:
    void serviceStartWanted();
    void resumeWanted();
    void testWanted(const QString &server);
    /// Something waits for a person.
    void decisionWanted();
    void serverWanted(const QModelIndex &index);
    /// The files that it has, or should have.
    void filesWanted(const QString &server);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    enum class Help { None, Start, Resume, Test, Decide };

    Card *makeRing();
    Card *makeServers();
    Card *makeCopies();
    Card *makeBackup();
    void arrange();
    void showVerdict();
    void showSnapshot();
    void showCopies(const control::Snapshot &snapshot);
    void showBackup(const control::Snapshot &snapshot);
    void showClients(const control::Snapshot &snapshot);
    QString detailOf(const models::Condition &condition) const;
    void handleHelp();

    models::RingModels &m_ring;
    models::Placement m_placement;
    Help m_help = Help::None;
    QString m_helpServer;
    VerdictBanner *m_banner;
    QGridLayout *m_grid;
    QList<Card *> m_cards;
    bool m_wide = true;
    RingView *m_ringView = nullptr;
    RingLegend *m_legend = nullptr;
    QTableView *m_servers = nullptr;
    QLabel *m_clients = nullptr;
    QLabel *m_copiesFigure = nullptr;
    StackBar *m_copiesBar = nullptr;
    QLabel *m_copiesWords = nullptr;
    QLabel *m_backupFigure = nullptr;
    StackBar *m_backupBar = nullptr;
    QLabel *m_backupWords = nullptr;
};

} // namespace cring::ui
