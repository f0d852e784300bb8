// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filesmodel.h"
#include "ui/models/wording.h"

namespace cring::models {

namespace {

/// The beginning of what no person reads whole.
constexpr qsizetype kShown = 8;

QString shortened(const QString &text)
{
    return text.size() <= kShown + 1 ? text : text.left(kShown) + u'…';
}

/// A hidden path, part by part.
QString shortPath(const QByteArray &path)
{
    QStringList parts;
    const QStringList all = QString::fromUtf8(path).split(u'/');
    for (const QString &part : all)
        parts.append(shortened(part));
    return parts.join(u'/');
}

} // namespace

int FilesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

int FilesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_order.rows.size());
}

QVariant FilesModel::data(const QModelIndex &index, int role) const
{
    const FileRow *row = index.isValid() ? rowAt(index.row()) : nullptr;
    if (!row)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*row, index.column());
    case Qt::ToolTipRole:
        return toolTip(*row, index.column());
    case Qt::AccessibleTextRole:
        return Wording::labelled(headerData(index.column(), Qt::Horizontal).toString(),
                                 text(*row, index.column()));
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case CopiesRole:
        return row->copies();
    case WantedRole:
        return static_cast<int>(row->wanted);
    case DetailsRole:
        return details(*row);
    default:
        return {};
    }
}

QVariant FilesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section == Size ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Name");
    case Account:
        return tr("Account");
    case Size:
        return tr("Size");
    case Changed:
        return tr("Changed");
    case Copies:
        return tr("Copies");
    case Backup:
        return tr("Backup");
    default:
        return tr("Why");
    }
}

void FilesModel::sort(int column, Qt::SortOrder order)
{
    FileView view = m_view;
    view.sort = column < 0 ? FileView::Sort::Copies : static_cast<FileView::Sort>(column);
    view.descending = order == Qt::DescendingOrder;
    setView(view);
}

QString FilesModel::accountWords(const QString &id) const
{
    const QString name = m_accountNames.value(id);
    return name.isEmpty() ? shortened(id) : name;
}

QString FilesModel::fullAccountWords(const FileRow &row) const
{
    const QString id = m_accounts.at(row.account);
    const QString name = m_accountNames.value(id);
    return name.isEmpty() ? id : tr("%1 (%2)").arg(name, id);
}

QString FilesModel::text(const FileRow &row, int column) const
{
    switch (column) {
    case Name:
        return row.name.isEmpty() ? shortPath(row.path()) : QString::fromUtf8(row.name);
    case Account:
        return accountWords(m_accounts.at(row.account));
    case Size:
        return row.size < 0 ? Wording::nothing() : Wording::bytes(row.size);
    case Changed:
        return Wording::clock(row.changedMs, m_nowMs);
    case Copies:
        return tr("%1 of %2").arg(Wording::number(row.copies()), Wording::number(row.wanted));
    case Backup:
        switch (row.backup) {
        case FileRow::Backup::Stored:
            return tr("in the bucket");
        case FileRow::Backup::Waiting:
            return tr("waiting since %1").arg(Wording::clock(row.backupSinceMs, m_nowMs));
        case FileRow::Backup::None:
            return tr("not wanted");
        case FileRow::Backup::Unknown:
            break;
        }
        return Wording::nothing();
    case Why:
        return why(row);
    default:
        return {};
    }
}

QString FilesModel::why(const FileRow &row) const
{
    QStringList reasons;
    if (row.owed != 0)
        reasons.append(tr("owed to %1").arg(Wording::enumeration(namesOf(row.owed, m_servers))));
    if (row.missing != 0)
        reasons.append(tr("missing on %1").arg(Wording::enumeration(namesOf(row.missing, m_servers))));
    if (row.copies() > row.wanted && row.wanted > 0)
        reasons.append(tr("more copies than wanted"));
    if (reasons.isEmpty() && row.copies() < row.wanted)
        reasons.append(tr("too few servers"));
    return reasons.join(tr(", "));
}

QString FilesModel::toolTip(const FileRow &row, int column) const
{
    switch (column) {
    case Name:
        return row.name.isEmpty() ? tr("The name is hidden: your Charm identity does not unlock it.\n%1")
                                        .arg(QString::fromUtf8(row.path()))
                                  : QString::fromUtf8(row.name);
    case Account:
        return fullAccountWords(row);
    case Changed:
        return Wording::exactTime(row.changedMs);
    case Backup:
        return row.backup == FileRow::Backup::Waiting ? Wording::exactTime(row.backupSinceMs)
                                                      : text(row, column);
    case Copies: {
        const QStringList names = namesOf(row.holders, m_servers);
        return names.isEmpty() ? tr("No server has a good copy")
                               : tr("Good copies on %1").arg(Wording::enumeration(names));
    }
    default:
        return text(row, column);
    }
}

QString FilesModel::details(const FileRow &row) const
{
    QStringList lines;
    if (!row.name.isEmpty())
        lines.append(Wording::labelled(tr("Name"), QString::fromUtf8(row.name)));
    lines.append(Wording::labelled(tr("Account"), fullAccountWords(row)));
    lines.append(Wording::labelled(tr("Path"), QString::fromUtf8(row.path())));
    lines.append(Wording::labelled(tr("Changed"), Wording::exactTime(row.changedMs)));
    for (const int column : {Size, Backup, Why})
        lines.append(Wording::labelled(headerData(column, Qt::Horizontal).toString(), text(row, column)));
    lines.append(toolTip(row, Copies));
    return lines.join(u'\n');
}

} // namespace cring::models
