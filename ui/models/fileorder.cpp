// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/fileorder.h"

#include <QStringView>

#include <algorithm>

namespace cring::models {

namespace {

/// Looks at the cancellation after so many rows.
constexpr FileStore::Number kStep = 4'096;

bool holds(const QByteArray &text, const QByteArray &word)
{
    const bool plain =
        std::all_of(word.begin(), word.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    if (!plain)
        return QString::fromUtf8(text).contains(QString::fromUtf8(word), Qt::CaseInsensitive);
    const auto same = [](char one, char other) {
        return (one >= 'A' && one <= 'Z' ? one + ('a' - 'A') : one) == other;
    };
    return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

int compareNames(const FileRow &one, const FileRow &other)
{
    if (one.name.isEmpty() != other.name.isEmpty())
        return one.name.isEmpty() ? 1 : -1; // What can be read comes first.
    return qstricmp(one.name.isEmpty() ? one.key.constData() : one.name.constData(),
                    other.name.isEmpty() ? other.key.constData() : other.name.constData());
}

template <typename T>
int compare(const T &one, const T &other)
{
    return one < other ? -1 : other < one ? 1 : 0;
}

/// How many copies are there for one that is wanted; what waits for the bucket alone is behind those.
int safety(const FileRow &row)
{
    constexpr int kWhole = 1'000;
    if (row.wanted > 0 && row.copies() < row.wanted)
        return row.copies() * kWhole / row.wanted;
    if (row.owed != 0 || row.missing != 0)
        return kWhole;
    return row.backup == FileRow::Backup::Waiting ? kWhole + 1 : kWhole + 2;
}

int compareBy(FileView::Sort sort, const FileRow &one, const FileRow &other)
{
    using Sort = FileView::Sort;
    switch (sort) {
    case Sort::Name:
        return compareNames(one, other);
    case Sort::Account:
        return 0; // The keys begin with it.
    case Sort::Size:
        return compare(one.size, other.size);
    case Sort::Changed:
        return compare(one.changedMs, other.changedMs);
    case Sort::Copies: {
        const int order = compare(safety(one), safety(other));
        return order != 0 ? order : compare(other.changedMs, one.changedMs);
    }
    case Sort::Backup:
        return compare(one.backup, other.backup);
    case Sort::Why:
        return compare(other.owed | other.missing, one.owed | one.missing);
    }
    return 0;
}

} // namespace

bool FileView::admits(const FileRow &row) const
{
    if (row.key.isEmpty() || (account >= 0 && row.account != account) || (onlyAtRisk && !row.isAtRisk()))
        return false;
    if (server >= 0 && ((row.holders | row.owed | row.missing) >> server & 1) == 0)
        return false;
    return std::ranges::all_of(words, [&row](const QByteArray &word) {
        return holds(row.name.isEmpty() ? row.key : row.name, word);
    });
}

bool FileView::before(const FileRow &one, const FileRow &other) const
{
    const int order = compareBy(sort, one, other);
    if (order != 0)
        return descending ? order > 0 : order < 0;
    return descending && sort == Sort::Account ? other.key < one.key : one.key < other.key;
}

FileOrder orderOf(const FileStore::Snapshot &files, const FileView &view, const std::atomic_bool &cancelled)
{
    FileOrder order;
    for (FileStore::Number number = 0; number < files.count(); ++number) {
        if (number % kStep == 0 && cancelled)
            return order;
        const FileRow &row = files.at(number);
        if (!view.admits(row))
            continue;
        order.rows.push_back(number);
        order.bytes += std::max<qint64>(row.size, 0);
    }
    // A sort cannot be stopped; one that is no longer wanted ends within it.
    std::sort(order.rows.begin(), order.rows.end(), [&](FileStore::Number one, FileStore::Number other) {
        return view.before(files.at(one), files.at(other));
    });
    return order;
}

} // namespace cring::models
