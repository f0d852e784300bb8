// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/ringmodels.h"
#include "ui/widgets/card.h"

QT_BEGIN_NAMESPACE
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

/// What clients bring and fetch now, and whether this machine can be shut down. The service tells of
/// transfers only while this is seen.
class TransfersCard : public Card
{
    Q_OBJECT

public:
    explicit TransfersCard(models::RingModels &ring, QWidget *parent = nullptr);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void showSafety();
    void showTransfers();

    models::RingModels &m_ring;
    QLabel *m_shape;
    QLabel *m_safety;
    QTableView *m_table;
    QLabel *m_none;
};

} // namespace cring::ui
