// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/wording.h"

#include <QAbstractTableModel>
#include <QList>
#include <QSet>

namespace cring::models {

/// A table whose rows have keys. setRows() turns what is shown into another list by the fewest signals: rows
/// go, come and move one by one, and what changed in a row is told cell by cell. Selection and scrolling
/// survive a refresh; the model is never reset. A derived class says what the cells hold; headers, alignment
/// and what a screen reader says are the same in all of them.
template <typename Row>
class KeyedTableModel : public QAbstractTableModel
{
public:
    int columnCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_heads.size());
    }

    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override
    {
        const Row *row = index.isValid() ? rowAt(index.row()) : nullptr;
        if (!row)
            return {};
        const int column = index.column();
        switch (role) {
        case Qt::DisplayRole:
            return text(*row, column);
        case Qt::ToolTipRole:
            return toolTip(*row, column);
        case Qt::AccessibleTextRole:
            return Wording::labelled(m_heads.at(column).title, text(*row, column));
        case Qt::TextAlignmentRole:
            return alignment(column);
        default:
            return value(*row, column, role);
        }
    }

    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override
    {
        if (orientation != Qt::Horizontal || section < 0 || section >= m_heads.size())
            return {};
        if (role == Qt::TextAlignmentRole)
            return alignment(section);
        return role == Qt::DisplayRole ? QVariant(m_heads.at(section).title) : QVariant();
    }

    int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }

    /// Null when there is no such row.
    const Row *rowAt(int row) const { return row >= 0 && row < m_rows.size() ? &m_rows.at(row) : nullptr; }

protected:
    /// The top of a column.
    struct Head
    {
        QString title;
        bool isNumber = false; ///< To the right.
    };

    /// One for each column, translated.
    explicit KeyedTableModel(QList<Head> heads, QObject *parent)
        : QAbstractTableModel(parent)
        , m_heads(std::move(heads))
    {
    }

    virtual QString text(const Row &row, int column) const = 0;
    virtual QString toolTip(const Row &row, int column) const = 0;
    /// The roles from Qt::UserRole on.
    virtual QVariant value(const Row &row, int column, int role) const = 0;

    /// Whether the cell looks another though its text and tool tip are the same.
    virtual bool looksOther(const Row &, const Row &, int) const { return false; }

    const QList<Row> &rows() const { return m_rows; }

    /// `keyOf` gives what makes a row the same one; keys do not repeat in `wanted`.
    template <typename KeyOf>
    void setRows(const QList<Row> &wanted, KeyOf keyOf)
    {
        removeGone(wanted, keyOf);
        for (int row = 0; row < wanted.size(); ++row) {
            place(wanted.at(row), row, keyOf);
            const Row before = std::exchange(m_rows[row], wanted.at(row));
            for (int column = 0; column < columnCount(); ++column) {
                if (text(before, column) != text(m_rows.at(row), column) ||
                    toolTip(before, column) != toolTip(m_rows.at(row), column) ||
                    looksOther(before, m_rows.at(row), column))
                    Q_EMIT this->dataChanged(index(row, column), index(row, column));
            }
        }
    }

    void addRow(int at, const Row &row)
    {
        beginInsertRows({}, at, at);
        m_rows.insert(at, row);
        endInsertRows();
    }

    void addRows(int at, const QList<Row> &rows)
    {
        if (rows.isEmpty())
            return;
        beginInsertRows({}, at, at + static_cast<int>(rows.size()) - 1);
        m_rows.insert(at, rows.size(), {});
        std::copy(rows.begin(), rows.end(), m_rows.begin() + at);
        endInsertRows();
    }

    void dropRows(int at, int count)
    {
        if (count <= 0)
            return;
        beginRemoveRows({}, at, at + count - 1);
        m_rows.remove(at, count);
        endRemoveRows();
    }

    /// Without a signal: whoever calls it tells what changed.
    void replaceRow(int at, const Row &row) { m_rows[at] = row; }

private:
    QVariant alignment(int column) const
    {
        return QVariant((m_heads.at(column).isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }

    template <typename KeyOf>
    void removeGone(const QList<Row> &wanted, KeyOf keyOf)
    {
        QSet<std::decay_t<decltype(keyOf(wanted.first()))>> keys;
        for (const Row &row : wanted)
            keys.insert(keyOf(row));
        for (int row = static_cast<int>(m_rows.size()) - 1; row >= 0; --row) {
            if (!keys.contains(keyOf(m_rows.at(row))))
                dropRows(row, 1);
        }
    }

    /// Sees that the row with that key is at this place; everything above is placed already.
    template <typename KeyOf>
    void place(const Row &wanted, int at, KeyOf keyOf)
    {
        int from = at;
        while (from < m_rows.size() && keyOf(m_rows.at(from)) != keyOf(wanted))
            ++from;
        if (from == m_rows.size()) {
            addRow(at, wanted);
        } else if (from != at) {
            beginMoveRows({}, from, from, {}, at);
            m_rows.move(from, at);
            endMoveRows();
        }
    }

    const QList<Head> m_heads;
    QList<Row> m_rows;
};

} // namespace cring::models
