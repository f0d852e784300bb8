// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/accountsnapshot.h"

#include <QCborMap>
#include <QCborValue>
#include <QCryptographicHash>
#include <QDateTime>
#include <QMap>
#include <QSet>

#include <algorithm>

namespace cring::backup {

namespace {

/// Then the public half of the kit that it was sealed to, then what was sealed.
constexpr QByteArrayView kMagic("charmedring accounts\n");
constexpr QByteArrayView kSuffix(".sealed");
constexpr int kFormat = 1;
constexpr qsizetype kTagBytes = 4;
const QString kStamp = QStringLiteral("yyyyMMdd'T'HHmmss.zzz'Z'");

enum Field { Format = 0, Made, Count, Synchronised, Issuer, ServerKey, Accounts, FloorsField };

Error invalid(const QString &why)
{
    return {Code::SnapshotInvalid, why};
}

QCborMap floorsOf(const AccountSnapshot &snapshot)
{
    QCborMap map;
    for (const auto &[key, value] : snapshot.floors)
        map.insert(QCborValue(key), static_cast<qint64>(value));
    return map;
}

QDateTime timeIn(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC);
}

} // namespace

QByteArray AccountSnapshot::digest() const
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto add = [&hash](QByteArrayView part) {
        hash.addData(QByteArray::number(part.size()) + ':');
        hash.addData(part);
    };
    add(issuer);
    add(serverKey ? serverKey->view() : QByteArrayView());
    add(accounts);
    for (const auto &[key, value] : floors) {
        add(key);
        add(QByteArray::number(value));
    }
    return hash.result().toHex();
}

Result<QByteArray> AccountSnapshot::seal(const QByteArray &publicHalf) const
{
    QCborMap map{{Format, kFormat},
                 {Made, madeMs},
                 {Count, accountCount},
                 {Synchronised, synchronisedMs},
                 {Issuer, issuer},
                 {Accounts, accounts},
                 {FloorsField, floorsOf(*this)}};
    if (serverKey)
        map.insert(ServerKey, serverKey->view().toByteArray());
    const Secret plain(QCborValue(map).toCbor());
    if (plain.size() > kLongest)
        return invalid(QStringLiteral("the accounts are more than a snapshot can hold"));
    auto sealed = sealTo(publicHalf, plain.view());
    if (!sealed)
        return sealed.error();
    return kMagic.toByteArray() + publicHalf + *sealed;
}

QByteArray AccountSnapshot::sealedFor(QByteArrayView sealed)
{
    return sealed.startsWith(kMagic) && sealed.size() >= kMagic.size() + RecoveryKit::kKeyBytes
               ? sealed.sliced(kMagic.size(), RecoveryKit::kKeyBytes).toByteArray()
               : QByteArray();
}

Result<AccountSnapshot> AccountSnapshot::open(const RecoveryKit &kit, QByteArrayView sealed)
{
    const QByteArray owner = sealedFor(sealed);
    if (owner.isEmpty())
        return invalid(QStringLiteral("it is no snapshot of accounts, or was cut off"));
    if (owner != kit.publicHalf())
        return invalid(
            QStringLiteral("it was made for another recovery kit, %1; this one is %2")
                .arg(QString::fromLatin1(kitName(owner)), QString::fromLatin1(kitName(kit.publicHalf()))));
    const auto plain = kit.open(sealed.sliced(kMagic.size() + RecoveryKit::kKeyBytes));
    if (!plain)
        return invalid(QStringLiteral("it was changed or cut off"));
    QCborParserError error;
    const QCborMap map =
        QCborValue::fromCbor(QByteArray::fromRawData(plain->text(), plain->size()), &error).toMap();
    if (error.error != QCborError::NoError)
        return invalid(QStringLiteral("what was sealed cannot be understood"));
    if (map.value(Format).toInteger() != kFormat)
        return invalid(QStringLiteral("it was made by a newer release"));
    AccountSnapshot snapshot;
    snapshot.madeMs = map.value(Made).toInteger();
    snapshot.accountCount = map.value(Count).toInteger();
    snapshot.synchronisedMs = map.value(Synchronised).toInteger();
    snapshot.issuer = map.value(Issuer).toByteArray();
    snapshot.accounts = map.value(Accounts).toByteArray();
    if (map.contains(ServerKey))
        snapshot.serverKey = std::make_shared<const Secret>(map.value(ServerKey).toByteArray());
    const QCborMap floors = map.value(FloorsField).toMap();
    for (const auto &entry : floors)
        snapshot.floors.emplace(entry.first.toByteArray(), static_cast<quint64>(entry.second.toInteger()));
    return snapshot;
}

QByteArray AccountSnapshot::kitTag(const QByteArray &publicHalf)
{
    return publicHalf.left(kTagBytes).toHex();
}

QByteArray AccountSnapshot::kitTagOf(const QByteArray &key)
{
    const QByteArrayList parts = key.mid(QByteArrayView(kPrefix).size()).split('-');
    return parts.size() == 3 ? parts[1] : QByteArray();
}

QByteArray AccountSnapshot::keyFor(qint64 madeMs, const QByteArray &publicHalf, quint64 random)
{
    return kPrefix + timeIn(madeMs).toString(kStamp).toLatin1() + '-' + kitTag(publicHalf) + '-' +
           QByteArray::number(random, 16).rightJustified(16, '0') + kSuffix.toByteArray();
}

qint64 AccountSnapshot::timeOf(const QByteArray &key)
{
    const qsizetype stamp = QByteArrayView(kPrefix).size();
    if (!key.startsWith(kPrefix) || !key.endsWith(kSuffix.toByteArray()) || key.indexOf('-', stamp) < 0)
        return -1;
    QDateTime time =
        QDateTime::fromString(QString::fromLatin1(key.mid(stamp, key.indexOf('-', stamp) - stamp)), kStamp);
    time.setTimeSpec(Qt::UTC);
    return time.isValid() ? time.toMSecsSinceEpoch() : -1;
}

namespace {

/// Of one kit's, the newest first.
QList<QByteArray> toDrop(const QList<QByteArray> &keys, qint64 nowMs, const SnapshotRetention &retention)
{
    const auto monthOf = [](const QDate &date) {
        return qint64{date.year()} * 12 + date.month();
    };
    constexpr qint64 kHourMs = 3'600'000;
    const QDate today = timeIn(nowMs).date();
    QSet<qint64> hours;
    QSet<qint64> days;
    QSet<qint64> months;
    QList<QByteArray> drop;
    int kept = 0;
    for (const QByteArray &key : keys) {
        const qint64 at = AccountSnapshot::timeOf(key);
        const QDate date = timeIn(at).date();
        const bool ofHour = !hours.contains(at / kHourMs) && at / kHourMs > nowMs / kHourMs - retention.hours;
        hours.insert(at / kHourMs);
        const bool ofDay = !days.contains(date.toJulianDay()) && date > today.addDays(-retention.days);
        const bool ofMonth =
            !months.contains(monthOf(date)) && monthOf(date) > monthOf(today) - retention.months;
        days.insert(date.toJulianDay());
        months.insert(monthOf(date));
        if (++kept > retention.last && !ofHour && !ofDay && !ofMonth)
            drop.append(key);
    }
    return drop;
}

} // namespace

QList<QByteArray> snapshotsToDrop(QList<QByteArray> keys, qint64 nowMs, const SnapshotRetention &retention)
{
    std::ranges::sort(keys, std::greater<>());
    QMap<QByteArray, QList<QByteArray>> byKit;
    for (const QByteArray &key : std::as_const(keys)) {
        if (AccountSnapshot::timeOf(key) >= 0)
            byKit[AccountSnapshot::kitTagOf(key)].append(key);
    }
    QList<QByteArray> drop;
    for (const QList<QByteArray> &ofKit : std::as_const(byKit))
        drop += toDrop(ofKit, nowMs, retention);
    return drop;
}

} // namespace cring::backup
