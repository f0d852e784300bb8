// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/keyedtablemodel.h"
#include "ui/models/serversmodel.h"

#include <QJsonObject>

#include <chrono>
#include <optional>

namespace cring::models {

/// A client's upload or download as `transfers.list` has it.
struct TransferRow
{
    struct Copy
    {
        QString server; ///< Empty: this machine's disk.
        QString state;
        QString reason;

        bool operator==(const Copy &) const = default;
    };

    qint64 id = 0;
    QString kind; ///< "upload" | "download"; bears others.
    QString account;
    QString path; ///< Escaped, as it lies on the servers' disks.
    QString state;
    qint64 bytes = 0;
    std::optional<qint64> total;
    qint64 startedMs = 0;
    std::optional<qint64> endedMs;
    QList<Copy> copies;

    double rate = 0; ///< Bytes a second, calmed; 0 while it is not known. Kept by the model.

    static TransferRow fromJson(const QJsonObject &object);
    bool isUnderWay() const { return !endedMs; }
    std::optional<double> fraction() const;
    Tone tone() const;
};

/// What clients bring and fetch now, and what has ended a moment ago.
class TransfersModel : public KeyedTableModel<TransferRow>
{
    Q_OBJECT

public:
    enum Column { Kind, File, Progress, Rate, TimeLeft, Copies, ColumnCount };
    enum Roles {
        ToneRole = Qt::UserRole, ///< Tone
        FractionRole,            ///< double, or invalid
    };

    explicit TransfersModel(QObject *parent = nullptr);

    /// All that the service has told, at this steady time; `count` are under way, though perhaps not all
    /// told.
    void setTransfers(QList<TransferRow> transfers, qint64 count, std::chrono::milliseconds now);

    /// Under way, in all.
    qint64 underWayCount() const { return m_count; }

private:
    QString text(const TransferRow &row, int column) const override;
    QString toolTip(const TransferRow &row, int column) const override;
    QVariant value(const TransferRow &row, int column, int role) const override;
    bool looksOther(const TransferRow &before, const TransferRow &after, int column) const override;

    qint64 m_count = 0;
    std::chrono::milliseconds m_told{0}; ///< Steady.
};

/// "Stored on charm1 and charm3, charm2 is getting it".
QString copiesWords(const TransferRow &transfer);

} // namespace cring::models
