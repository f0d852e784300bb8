// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/transfersmodel.h"

#include "ui/models/servicesentences.h"

#include <QJsonArray>

#include <algorithm>

namespace cring::models {

namespace {

/// The weight of the newest step in the rate.
constexpr double kNewest = 0.4;

QString serverWords(const TransferRow::Copy &copy)
{
    return copy.server.isEmpty() ? TransfersModel::tr("this machine") : copy.server;
}

QStringList serversIn(const TransferRow &transfer, const QStringList &states)
{
    QStringList servers;
    for (const TransferRow::Copy &copy : transfer.copies) {
        if (states.contains(copy.state))
            servers.append(serverWords(copy));
    }
    return servers;
}

bool hasFailedCopy(const TransferRow &transfer)
{
    return !serversIn(transfer, {QStringLiteral("failed"), QStringLiteral("refused"),
                                 QStringLiteral("in doubt"), QStringLiteral("absent")})
                .isEmpty();
}

QString kindWords(const TransferRow &transfer)
{
    const bool isUpload = transfer.kind == QStringLiteral("upload");
    if (!isUpload && transfer.kind != QStringLiteral("download"))
        return transfer.kind;
    if (transfer.state == QStringLiteral("failed"))
        return isUpload ? TransfersModel::tr("Upload failed") : TransfersModel::tr("Download failed");
    if (transfer.state == QStringLiteral("abandoned"))
        return isUpload ? TransfersModel::tr("Upload given up") : TransfersModel::tr("Download given up");
    if (!transfer.isUnderWay())
        return isUpload ? TransfersModel::tr("Uploaded") : TransfersModel::tr("Downloaded");
    return isUpload ? TransfersModel::tr("Upload") : TransfersModel::tr("Download");
}

} // namespace

QString copiesWords(const TransferRow &transfer)
{
    if (transfer.kind == QStringLiteral("download")) {
        const QStringList sources = serversIn(transfer, {QStringLiteral("source")});
        return sources.isEmpty() ? QString() : TransfersModel::tr("From %1").arg(sources.first());
    }
    QStringList parts;
    const auto add = [&](const QString &words, const QStringList &states) {
        if (const QStringList servers = serversIn(transfer, states); !servers.isEmpty())
            parts.append(words.arg(Wording::enumeration(servers)));
    };
    add(TransfersModel::tr("stored on %1"), {QStringLiteral("stored")});
    add(TransfersModel::tr("on the way to %1"),
        {QStringLiteral("taking"), QStringLiteral("storing"), QStringLiteral("late")});
    add(TransfersModel::tr("not on %1"), {QStringLiteral("failed"), QStringLiteral("refused"),
                                          QStringLiteral("in doubt"), QStringLiteral("absent")});
    QString words = parts.join(TransfersModel::tr(", "));
    if (!words.isEmpty())
        words[0] = words.at(0).toUpper();
    return words;
}

TransferRow TransferRow::fromJson(const QJsonObject &object)
{
    const auto text = [&object](const char *name) {
        return object.value(QLatin1String(name)).toString();
    };
    const auto number = [&object](const char *name) -> std::optional<qint64> {
        const QJsonValue value = object.value(QLatin1String(name));
        return value.isDouble() ? std::optional(value.toInteger()) : std::nullopt;
    };
    TransferRow row;
    row.id = number("id").value_or(0);
    row.kind = text("kind");
    row.account = text("account");
    row.path = text("path");
    row.state = text("state");
    row.bytes = number("bytes").value_or(0);
    row.total = number("total");
    row.startedMs = number("startedMs").value_or(0);
    row.endedMs = number("endedMs");
    const QJsonArray copies = object.value(QLatin1String("copies")).toArray();
    for (const QJsonValue value : copies) {
        const QJsonObject copy = value.toObject();
        row.copies.append({copy.value(QLatin1String("server")).toString(),
                           copy.value(QLatin1String("state")).toString(),
                           serviceSentence(copy.value(QLatin1String("reason")).toString())});
    }
    return row;
}

std::optional<double> TransferRow::fraction() const
{
    if (state == QStringLiteral("done"))
        return 1.0;
    if (!total || *total <= 0)
        return std::nullopt;
    return std::clamp(static_cast<double>(bytes) / static_cast<double>(*total), 0.0, 1.0);
}

Tone TransferRow::tone() const
{
    if (state == QStringLiteral("failed"))
        return Tone::Bad;
    if (state == QStringLiteral("abandoned"))
        return Tone::Unknown;
    if (hasFailedCopy(*this))
        return Tone::Warning;
    return isUnderWay() ? Tone::Busy : Tone::Good;
}

TransfersModel::TransfersModel(QObject *parent)
    : KeyedTableModel({{tr("Transfer")},
                       {tr("File")},
                       {tr("Done"), true},
                       {tr("Rate"), true},
                       {tr("Time left"), true},
                       {tr("Where it stands")}},
                      parent)
{
    Q_ASSERT(columnCount() == ColumnCount);
}

void TransfersModel::setTransfers(QList<TransferRow> transfers, qint64 count, std::chrono::milliseconds now)
{
    const double seconds = std::chrono::duration<double>(now - m_told).count();
    for (TransferRow &row : transfers) {
        const auto before = std::ranges::find(rows(), row.id, &TransferRow::id);
        if (before == rows().end() || !row.isUnderWay() || seconds <= 0)
            continue;
        const double rate = static_cast<double>(std::max<qint64>(0, row.bytes - before->bytes)) / seconds;
        row.rate = before->rate > 0 ? before->rate * (1 - kNewest) + rate * kNewest : rate;
    }
    m_told = now;
    m_count = count;
    setRows(transfers, [](const TransferRow &row) { return row.id; });
}

bool TransfersModel::looksOther(const TransferRow &before, const TransferRow &after, int column) const
{
    return (column == Progress && before.fraction() != after.fraction()) ||
           (column == Kind && before.tone() != after.tone());
}

QString TransfersModel::text(const TransferRow &row, int column) const
{
    switch (column) {
    case Kind:
        return kindWords(row);
    case File:
        return row.path;
    case Progress:
        if (row.isUnderWay() && row.total)
            return tr("%1 of %2").arg(Wording::bytes(row.bytes), Wording::bytes(*row.total));
        return Wording::bytes(row.bytes);
    case Rate:
        return row.isUnderWay() && row.rate >= 1
                   ? tr("%1/s").arg(Wording::bytes(static_cast<qint64>(row.rate)))
                   : Wording::nothing();
    case TimeLeft: {
        if (!row.isUnderWay() || !row.total || row.rate < 1 || *row.total <= row.bytes)
            return Wording::nothing();
        const double seconds = static_cast<double>(*row.total - row.bytes) / row.rate;
        return tr("about %1").arg(Wording::duration(std::chrono::seconds(static_cast<qint64>(seconds))));
    }
    case Copies:
        return copiesWords(row);
    default:
        return {};
    }
}

QString TransfersModel::toolTip(const TransferRow &row, int column) const
{
    if (column == File)
        return tr("%1\nof the account %2").arg(row.path, row.account);
    if (column != Copies)
        return text(row, column);
    QStringList lines{copiesWords(row)};
    for (const TransferRow::Copy &copy : row.copies) {
        if (!copy.reason.isEmpty())
            lines.append(QStringLiteral("%1 %2").arg(serverWords(copy), copy.reason));
    }
    return lines.join(u'\n');
}

QVariant TransfersModel::value(const TransferRow &row, int, int role) const
{
    if (role == ToneRole)
        return QVariant::fromValue(row.tone());
    return role == FractionRole && row.fraction() ? QVariant(*row.fraction()) : QVariant();
}

} // namespace cring::models
