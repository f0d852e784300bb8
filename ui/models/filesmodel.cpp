// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filesmodel.h"

#include "ui/models/servicesentences.h"
#include "ui/models/wording.h"

#include <algorithm>

namespace cring::models {

namespace {

/// More changes than that at once are not placed one by one.
constexpr qsizetype kFew = 50;
/// Between two orders while files come in.
constexpr std::chrono::milliseconds kRest{200};
constexpr quint32 kNowhere = ~quint32(0);

/// By number: the place in the order.
std::vector<quint32> placesOf(const std::vector<FileStore::Number> &rows, size_t count)
{
    std::vector<quint32> places(count, kNowhere);
    for (size_t place = 0; place < rows.size(); ++place)
        places[rows[place]] = static_cast<quint32>(place);
    return places;
}

} // namespace

FilesModel::FilesModel(QObject *parent)
    : QAbstractTableModel(parent)
{
    m_pool.setMaxThreadCount(1);
    m_soon.setSingleShot(true);
    connect(&m_soon, &QTimer::timeout, this, &FilesModel::arrange);
}

FilesModel::~FilesModel()
{
    if (m_cancelled)
        *m_cancelled = true;
    m_pool.waitForDone();
}

// ---- what the service has ----

void FilesModel::beginListing(qint64 count)
{
    m_files.reserve(count);
    m_listing = true;
    m_seen.assign(m_seen.size(), false);
    Q_EMIT totalChanged();
}

void FilesModel::add(const QJsonArray &files)
{
    m_placing = false;
    for (const QJsonValue &file : files)
        put(file.toObject());
    Q_EMIT totalChanged();
}

void FilesModel::setNames(const QJsonObject &names)
{
    const QString why = serviceSentence(names.value(QStringLiteral("problem")).toString());
    if (std::exchange(m_whyHidden, why) != why)
        Q_EMIT totalChanged();
}

void FilesModel::setAccountNames(const QHash<QString, QString> &names)
{
    if (names == m_accountNames)
        return;
    m_accountNames = names;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, Account), index(rowCount() - 1, Account));
    Q_EMIT accountsChanged();
}

void FilesModel::endListing()
{
    m_placing = false;
    m_listing = false;
    for (Number number = 0; number < m_seen.size(); ++number) {
        if (!m_seen[number] && !m_files.at(number).key.isEmpty())
            remove(number);
    }
    Q_EMIT totalChanged();
}

void FilesModel::change(const QJsonArray &files, const QJsonArray &gone)
{
    m_placing = m_current && files.size() + gone.size() <= kFew;
    for (const QJsonValue &value : gone) {
        const QJsonObject object = value.toObject();
        QByteArray key = object.value(QStringLiteral("account")).toString().toUtf8();
        if (const QJsonValue path = object.value(QStringLiteral("path")); path.isString())
            key += '/' + path.toString().toUtf8();
        if (const auto number = m_files.find(key))
            remove(*number);
        const auto version = static_cast<quint64>(object.value(QStringLiteral("version")).toInteger());
        const std::vector<Number> below = version > 0 ? m_files.below(key, version) : std::vector<Number>();
        m_placing = m_placing && below.size() <= kFew;
        for (const Number number : below)
            remove(number);
    }
    for (const QJsonValue &file : files)
        put(file.toObject());
    Q_EMIT totalChanged();
    if (m_current)
        Q_EMIT arranged();
}

void FilesModel::put(const QJsonObject &file)
{
    if (file.value(QStringLiteral("folder")).toBool())
        return;
    const qsizetype accounts = m_accounts.all().size();
    const FileRow row = FileRow::fromJson(file, m_servers, m_accounts);
    if (m_accounts.all().size() > accounts)
        Q_EMIT accountsChanged();
    const auto known = m_files.find(row.key);
    if (known && m_files.at(*known) == row) {
        m_seen[*known] = true;
        return;
    }
    m_hidden += (row.name.isEmpty() ? 1 : 0) - (known && m_files.at(*known).name.isEmpty() ? 1 : 0);
    if (known) {
        replace(*known, row);
        m_seen[*known] = true;
        return;
    }
    const Number number = m_files.put(row);
    if (number >= m_seen.size())
        m_seen.resize(number + 1);
    m_seen[number] = true;
    putIn(number);
}

void FilesModel::replace(Number number, const FileRow &row)
{
    const FileRow before = m_files.at(number);
    const bool stays = m_placing && m_view.admits(before) && m_view.admits(row);
    if (!stays) {
        takeOut(before);
        m_files.put(row);
        putIn(number);
        return;
    }
    const int from = place(before);
    const int to = place(row); // As if it were there twice.
    const bool moves = to != from && to != from + 1;
    const auto at = m_order.rows.begin();
    if (moves) {
        beginMoveRows({}, from, from, {}, to);
        if (to > from)
            std::rotate(at + from, at + from + 1, at + to);
        else
            std::rotate(at + to, at + from, at + from + 1);
    }
    m_files.put(row);
    m_order.bytes += std::max<qint64>(row.size, 0) - std::max<qint64>(before.size, 0);
    if (moves)
        endMoveRows();
    const int now = moves && to < from ? to : moves ? to - 1 : from;
    Q_EMIT dataChanged(index(now, 0), index(now, ColumnCount - 1));
}

void FilesModel::remove(Number number)
{
    takeOut(m_files.at(number));
    m_hidden -= m_files.at(number).name.isEmpty() ? 1 : 0;
    m_files.remove(number);
    m_seen[number] = false;
}

// ---- what is shown ----

void FilesModel::setView(const FileView &view)
{
    if (view == m_view)
        return;
    m_view = view;
    m_current = false;
    if (m_cancelled)
        *m_cancelled = true;
    m_again = true;
    if (!m_cancelled)
        arrange();
}

void FilesModel::arrangeSoon()
{
    m_current = false;
    m_again = true;
    if (!m_cancelled && !m_soon.isActive())
        m_soon.start(m_order.rows.empty() ? std::chrono::milliseconds(0) : kRest);
}

void FilesModel::arrange()
{
    m_soon.stop();
    m_again = false;
    m_cancelled = std::make_shared<std::atomic_bool>(false);
    m_pool.start([this, files = m_files.snapshot(), view = m_view, cancelled = m_cancelled]() mutable {
        FileOrder order = orderOf(files, view, *cancelled);
        files = {}; // Before the other thread goes on: what is shared is copied when it changes.
        QMetaObject::invokeMethod(
            this, [this, order = std::move(order), view]() mutable { handleOrder(std::move(order), view); },
            Qt::QueuedConnection);
    });
}

void FilesModel::handleOrder(FileOrder order, const FileView &view)
{
    const bool wanted = view == m_view && !*m_cancelled;
    m_cancelled.reset();
    if (wanted)
        apply(std::move(order));
    if (m_again && !wanted) {
        arrange();
        return;
    }
    m_current = !m_again;
    if (m_again)
        arrangeSoon();
    Q_EMIT arranged();
}

/// What goes is moved to the end and removed there, what comes is added there: two moves and two changes of
/// length, whatever the difference is.
void FilesModel::apply(FileOrder order)
{
    const size_t count = m_files.snapshot().count();
    const std::vector<quint32> places = placesOf(order.rows, count);
    std::vector<Number> kept = m_order.rows;
    const auto stays = [&places](Number number) {
        return places[number] != kNowhere;
    };
    const auto middle = std::stable_partition(kept.begin(), kept.end(), stays);
    const auto keptCount = static_cast<int>(middle - kept.begin());
    if (const int all = static_cast<int>(kept.size()); keptCount < all) {
        reorder(kept);
        beginRemoveRows({}, keptCount, all - 1);
        m_order.rows.resize(static_cast<size_t>(keptCount));
        endRemoveRows();
    }
    if (const int all = static_cast<int>(order.rows.size()); keptCount < all) {
        const std::vector<quint32> before = placesOf(m_order.rows, count);
        beginInsertRows({}, keptCount, all - 1);
        for (const Number number : order.rows) {
            if (before[number] == kNowhere)
                m_order.rows.push_back(number);
        }
        endInsertRows();
    }
    reorder(std::move(order.rows));
    m_order.bytes = order.bytes;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void FilesModel::reorder(std::vector<Number> rows)
{
    if (rows == m_order.rows)
        return;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    QModelIndexList after;
    if (!before.isEmpty()) {
        const std::vector<quint32> places = placesOf(rows, m_files.snapshot().count());
        for (const QModelIndex &index : before) {
            const quint32 place = places[m_order.rows[static_cast<size_t>(index.row())]];
            after.append(createIndex(static_cast<int>(place), index.column()));
        }
    }
    m_order.rows = std::move(rows);
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

/// Where it is, or would be. The order is current.
int FilesModel::place(const FileRow &row) const
{
    const auto at = std::lower_bound(
        m_order.rows.begin(), m_order.rows.end(), row,
        [this](Number one, const FileRow &other) { return m_view.before(m_files.at(one), other); });
    return static_cast<int>(at - m_order.rows.begin());
}

void FilesModel::takeOut(const FileRow &row)
{
    if (!m_placing) {
        arrangeSoon();
        return;
    }
    if (!m_view.admits(row))
        return;
    const int at = place(row);
    beginRemoveRows({}, at, at);
    m_order.rows.erase(m_order.rows.begin() + at);
    m_order.bytes -= std::max<qint64>(row.size, 0);
    endRemoveRows();
}

void FilesModel::putIn(Number number)
{
    const FileRow &row = m_files.at(number);
    if (!m_placing) {
        arrangeSoon();
        return;
    }
    if (!m_view.admits(row))
        return;
    const int at = place(row);
    beginInsertRows({}, at, at);
    m_order.rows.insert(m_order.rows.begin() + at, number);
    m_order.bytes += std::max<qint64>(row.size, 0);
    endInsertRows();
}

const FileRow *FilesModel::rowAt(int row) const
{
    return row >= 0 && row < rowCount() ? &m_files.at(m_order.rows[static_cast<size_t>(row)]) : nullptr;
}

int FilesModel::rowOf(const QByteArray &key) const
{
    const auto number = m_files.find(key);
    const auto at = number ? std::ranges::find(m_order.rows, *number) : m_order.rows.end();
    return at == m_order.rows.end() ? -1 : static_cast<int>(at - m_order.rows.begin());
}
} // namespace cring::models
