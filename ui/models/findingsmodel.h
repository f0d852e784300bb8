// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/keyedtablemodel.h"

#include <QJsonObject>

#include <optional>

namespace cring::models {

/// Something that the checks have seen and may not put right by themselves, as `findings.list` has it.
struct FindingRow
{
    qint64 id = 0;
    QString
        kind; ///< "unexplained" | "absence" | "damage" | "conflict" | "other kind" | "lost"; bears others.
    QString account;
    QString path;   ///< Escaped; empty when it is about the account.
    QString server; ///< Name; empty when it is about all of them.
    std::optional<qint64> size;
    qint64 sinceMs = 0;
    qint64 nowMs = 0; ///< Ages are taken against it; set by the model.

    static FindingRow fromJson(const QJsonObject &object);
    /// As repair and blobs.where take it.
    QString fullPath() const { return account + u'/' + path; }
};

/// What can be done about a finding.
enum class Remedy {
    Adopt,  ///< Take it over, and bring it to its servers.
    Mend,   ///< Bring it back from what is left of it.
    Forget, ///< It was deleted: that is recorded.
    Choose, ///< One of several versions: see ConflictsModel.
};

/// What is done first, and what else can be.
QList<Remedy> remediesOf(const FindingRow &finding);
/// "A file that nobody recorded", …
QString findingWords(const FindingRow &finding);

/// Findings, in the service's order.
class FindingsModel : public KeyedTableModel<FindingRow>
{
    Q_OBJECT

public:
    enum Column { What, File, Server, Size, Since, ColumnCount };

    static constexpr qsizetype maxRows = 2'000;

    explicit FindingsModel(QObject *parent = nullptr);

    /// What the service knows, and the time to take ages against.
    void setFindings(QList<FindingRow> findings, qint64 nowMs);

private:
    QString text(const FindingRow &row, int column) const override;
    QString toolTip(const FindingRow &row, int column) const override;
    QVariant value(const FindingRow &row, int column, int role) const override;
};

} // namespace cring::models
