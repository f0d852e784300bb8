// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/eventsmodel.h"

#include <QSortFilterProxyModel>
#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLineEdit;
class QStackedWidget;
class QTableView;
QT_END_NAMESPACE

namespace cring::ui {

/// The events that are at least so severe and hold all the words that were searched for.
class EventsFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setLeast(int severity);
    void setWords(const QString &words);

    /// Comma-separated, with a header; what a spreadsheet takes. Of the rows that are shown.
    QByteArray toCsv() const;

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    int m_least = 1;
    QStringList m_words;
};

/// What happened, the newest first.
class ActivityPage : public QWidget
{
    Q_OBJECT

public:
    explicit ActivityPage(models::EventsModel &events, QWidget *parent = nullptr);

Q_SIGNALS:
    void done(const QString &words);
    void failed(const QString &words);

private:
    QWidget *makeTools();
    void copyChosen();
    void exportShown();
    void showState();

    EventsFilter *m_filter;
    QLineEdit *m_search = nullptr;
    QComboBox *m_level = nullptr;
    QStackedWidget *m_stack;
    QTableView *m_table;
};

} // namespace cring::ui
