// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/value.h"

#include <QLocale>
#include <QRegularExpression>

#include <array>
#include <limits>

namespace cring::config {

namespace {

struct Unit
{
    const char *name;
    qint64 size;
};

constexpr std::array<Unit, 4> kTimeUnits{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kByteUnits{
    {{"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1LL << 10}, {"B", 1}}};

template <size_t N>
QString inLargestUnit(qint64 amount, const std::array<Unit, N> &units)
{
    for (const Unit &unit : units) {
        if (amount != 0 && amount % unit.size == 0)
            return QString::number(amount / unit.size) + QLatin1String(unit.name);
    }
    return QStringLiteral("0") + QLatin1String(units.back().name);
}

QString quoted(const QString &text)
{
    QString out = QStringLiteral("\"");
    for (const QChar c : text) {
        if (c == QLatin1Char('"') || c == QLatin1Char('\\'))
            out += QLatin1Char('\\') + QString(c);
        else if (c.unicode() < 0x20 || c.unicode() == 0x7f)
            out += QStringLiteral("\\u%1").arg(static_cast<int>(c.unicode()), 4, 16, QLatin1Char('0'));
        else
            out += c;
    }
    return out + QLatin1Char('"');
}

QString decimal(double number)
{
    QString text = QString::number(number, 'g', QLocale::FloatingPointShortest);
    if (!text.contains(QLatin1Char('.')) && !text.contains(QLatin1Char('e')))
        text += QStringLiteral(".0");
    return text;
}

} // namespace

QString toPlain(const Value &value)
{
    if (const auto *text = std::get_if<QString>(&value))
        return *text;
    if (const auto *number = std::get_if<qint64>(&value))
        return QString::number(*number);
    if (const auto *number = std::get_if<double>(&value))
        return decimal(*number);
    return std::get<bool>(value) ? QStringLiteral("true") : QStringLiteral("false");
}

QString toToml(const Value &value)
{
    const auto *text = std::get_if<QString>(&value);
    return text ? quoted(*text) : toPlain(value);
}

Result<std::chrono::milliseconds> parseDuration(const QString &text)
{
    static const QRegularExpression whole(
        QStringLiteral("\\A(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?(?:(\\d{1,9})ms)?\\z"));
    const auto match = whole.match(text);
    if (text.isEmpty() || !match.hasMatch())
        return Error{Code::ConfigBadValue,
                     QStringLiteral("expected a duration such as \"2s\", \"1500ms\" or \"10m\", not \"%1\"")
                         .arg(text)};
    qint64 total = 0;
    for (size_t i = 0; i < kTimeUnits.size(); ++i)
        total += match.captured(static_cast<int>(i) + 1).toLongLong() * kTimeUnits[i].size;
    return std::chrono::milliseconds(total);
}

QString formatDuration(std::chrono::milliseconds duration)
{
    return inLargestUnit(duration.count(), kTimeUnits);
}

Result<bool> parseSwitch(const QString &text)
{
    const QString word = text.trimmed().toLower();
    if (QStringList{QStringLiteral("1"), QStringLiteral("true"), QStringLiteral("yes"), QStringLiteral("on")}
            .contains(word))
        return true;
    if (QStringList{QString(), QStringLiteral("0"), QStringLiteral("false"), QStringLiteral("no"),
                    QStringLiteral("off")}
            .contains(word))
        return false;
    return Error{Code::ConfigBadValue,
                 QStringLiteral("expected 1, true, yes or on, or 0, false, no or off, not \"%1\"").arg(text)};
}

Result<qint64> parseBytes(const QString &text)
{
    static const QRegularExpression whole(QStringLiteral("\\A(\\d{1,18}) ?(B|KiB|MiB|GiB|)\\z"));
    const auto match = whole.match(text);
    const qint64 amount = match.captured(1).toLongLong();
    qint64 size = 1;
    for (const Unit &unit : kByteUnits) {
        if (match.captured(2) == QLatin1String(unit.name))
            size = unit.size;
    }
    if (!match.hasMatch() || amount > std::numeric_limits<qint64>::max() / size)
        return Error{
            Code::ConfigBadValue,
            QStringLiteral("expected a size such as \"16KiB\", \"1GiB\" or a number of bytes, not \"%1\"")
                .arg(text)};
    return amount * size;
}

QString formatBytes(qint64 bytes)
{
    return inLargestUnit(bytes, kByteUnits);
}

} // namespace cring::config
