// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/fileorder.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QJsonArray>
#include <QThreadPool>
#include <QTimer>

namespace cring::models {

/// The files of the ring: those that a view admits, in its order, of a hundred thousand and more. Filtering
/// and sorting happen in another thread over a snapshot; a few changes are put where they belong at once.
/// The model is never reset: what is chosen stays chosen. One thread otherwise.
class FilesModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Account, Size, Changed, Copies, Backup, Why, ColumnCount };
    enum Roles {
        CopiesRole = Qt::UserRole, ///< int
        WantedRole,                ///< int
        DetailsRole,               ///< All of it in lines, to be copied.
    };

    explicit FilesModel(QObject *parent = nullptr);
    ~FilesModel() override;

    // ---- what the service has ----

    /// From now on everything is told anew, by add(): about so many. What is not among that goes at the end.
    void beginListing(qint64 count = 0);
    void add(const QJsonArray &files);
    void endListing();
    /// Files that are new or have changed, and what has gone, with all that lies below it.
    void change(const QJsonArray &files, const QJsonArray &gone);
    /// Whose names the service tells, and why others are hidden: `names` of `blobs.list`.
    void setNames(const QJsonObject &names);
    QString whyHidden() const { return m_whyHidden; }
    bool isListing() const { return m_listing; }
    /// Of all files, shown or not.
    qsizetype total() const { return m_files.size(); }
    /// Of these, those whose names are hidden.
    qsizetype hiddenNames() const { return m_hidden; }
    const WordList &servers() const { return m_servers; }
    const WordList &accounts() const { return m_accounts; }
    /// What people call their accounts, by id; those that are not in it have no name that is known.
    void setAccountNames(const QHash<QString, QString> &names);
    /// Its name, or else the beginning of its id.
    QString accountWords(const QString &id) const;
    /// For a view of a server that no file may have told of yet.
    int numberOfServer(const QString &name) { return m_servers.number(name); }
    /// Wall time, in milliseconds: what is of today is told without the date.
    void setNow(qint64 nowMs) { m_nowMs = nowMs; }

    // ---- what is shown ----

    const FileView &view() const { return m_view; }
    /// Followed by arranged(), in a later turn of the loop.
    void setView(const FileView &view);
    /// The shown rows are what the view asks for, of the newest that is known.
    bool isArranged() const { return m_current; }
    qint64 shownBytes() const { return m_order.bytes; }
    /// Null when there is no such row.
    const FileRow *rowAt(int row) const;
    /// −1 when it is not shown.
    int rowOf(const QByteArray &key) const;

    int columnCount(const QModelIndex &parent = {}) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    /// Asks for another view.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

Q_SIGNALS:
    void arranged();
    /// total() or isListing()
    void totalChanged();
    /// There is one more in accounts(), or one has another name.
    void accountsChanged();

private:
    using Number = FileStore::Number;

    void put(const QJsonObject &file);
    void replace(Number number, const FileRow &row);
    void remove(Number number);
    void arrangeSoon();
    void arrange();
    void handleOrder(FileOrder order, const FileView &view);
    void apply(FileOrder order);
    void reorder(std::vector<Number> rows);
    int place(const FileRow &row) const;
    void takeOut(const FileRow &row);
    void putIn(Number number);
    QString text(const FileRow &row, int column) const;
    QString toolTip(const FileRow &row, int column) const;
    QString why(const FileRow &row) const;
    QString details(const FileRow &row) const;
    QString fullAccountWords(const FileRow &row) const;

    FileStore m_files;
    std::vector<bool> m_seen; ///< By number: in the listing that is under way.
    WordList m_servers;
    WordList m_accounts;
    QHash<QString, QString> m_accountNames;
    FileView m_view;
    FileOrder m_order;
    qsizetype m_hidden = 0;
    QString m_whyHidden;
    qint64 m_nowMs = 0;
    bool m_listing = false;
    bool m_current = true;  ///< m_order is that of m_view and m_files.
    bool m_placing = false; ///< Few changes: each goes to its place at once.
    bool m_again = false;   ///< Something has changed since the order that is being made was begun.
    std::shared_ptr<std::atomic_bool> m_cancelled; ///< Of the order that is being made; null: none is.
    QTimer m_soon;
    QThreadPool m_pool;
};

} // namespace cring::models
