// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/configuration.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QPushButton;
class QTreeWidget;
QT_END_NAMESPACE

namespace cring::ui {

struct BackupEntry;

/// The buckets of the configuration: added, changed and removed at once, not with the dialog's other changes.
class BackupsPage : public QWidget
{
    Q_OBJECT

public:
    explicit BackupsPage(models::Configuration &configuration, QWidget *parent = nullptr);

Q_SIGNALS:
    void done(const QString &words);
    void failed(const QString &words);

private:
    void show();
    QString chosen() const;
    void open(const QString &backup);
    QString removalWords(const BackupEntry &entry) const;
    void askRemoval();
    void remove(const QString &backup, bool forgetsKeys);

    models::Configuration &m_configuration;
    QTreeWidget *m_list;
    QPushButton *m_edit = nullptr;
    QPushButton *m_remove = nullptr;
};

} // namespace cring::ui
