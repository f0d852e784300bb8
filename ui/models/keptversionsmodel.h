// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/keyedtablemodel.h"

#include <QJsonObject>
#include <QStringList>

#include <optional>

namespace cring::models {

/// One version of a file of which several are kept, as `conflicts.list` has it.
struct KeptVersionRow
{
    QString account;
    QString path;  ///< Escaped.
    qint64 id = 0; ///< 0: the one that holds now, or that there is none.
    std::optional<qint64> size;
    QString digest;      ///< Its beginning; empty when nobody has read it.
    QStringList servers; ///< That hold it, or had it.
    qint64 sinceMs = 0;  ///< When it was written, or put aside.
    bool isGone = false; ///< What holds now is that there is no such file.
    qint64 nowMs = 0;    ///< Ages are taken against it; set by the model.

    bool isCurrent() const { return id == 0; }

    /// Every version of one path, the one that holds first.
    static QList<KeptVersionRow> fromJson(const QJsonObject &conflict);
};

/// The versions of files that wait for a choice, file by file.
class KeptVersionsModel : public KeyedTableModel<KeptVersionRow>
{
    Q_OBJECT

public:
    enum Column { File, Version, Size, Servers, Since, ColumnCount };

    static constexpr qsizetype maxRows = 2'000;

    explicit KeptVersionsModel(QObject *parent = nullptr);

    void setVersions(QList<KeptVersionRow> versions, qint64 nowMs);

    /// The version that holds at the path of this one; null when that is not told.
    const KeptVersionRow *currentOf(const KeptVersionRow &version) const;
    /// A kept version of that path with that digest; null when there is none.
    const KeptVersionRow *keptLike(const KeptVersionRow &version) const;

private:
    QString text(const KeptVersionRow &row, int column) const override;
    QString toolTip(const KeptVersionRow &row, int column) const override;
    QVariant value(const KeptVersionRow &row, int column, int role) const override;
};

/// "4 KiB from charm2, kept aside 3 d ago", for a sentence.
QString keptVersionWords(const KeptVersionRow &version, qint64 nowMs);

} // namespace cring::models
