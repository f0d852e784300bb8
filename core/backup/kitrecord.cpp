// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/kitrecord.h"

#include "core/backup/recoverykit.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace cring::backup {

namespace {

constexpr int kFormat = 1;
constexpr qint64 kLargest = 64 * 1024;
constexpr QLatin1String kFormatName("format");
constexpr QLatin1String kPublicName("public_key");
constexpr QLatin1String kMadeName("made_ms");
constexpr QLatin1String kConfirmedName("confirmed_ms");

QString pathIn(const QString &directory)
{
    return directory + u'/' + KitRecord::kFile;
}

} // namespace

Result<std::optional<KitRecord>> KitRecord::read(const QString &stateDirectory)
{
    QFile file(pathIn(stateDirectory));
    if (!file.exists())
        return std::optional<KitRecord>();
    if (!file.open(QIODevice::ReadOnly))
        return Error{Code::StateFile,
                     QStringLiteral("cannot read %1: %2").arg(file.fileName(), file.errorString())};
    const QJsonObject object = QJsonDocument::fromJson(file.read(kLargest)).object();
    KitRecord record;
    record.publicHalf = QByteArray::fromBase64(object.value(kPublicName).toString().toLatin1());
    record.madeMs = object.value(kMadeName).toInteger();
    record.confirmedMs = object.value(kConfirmedName).toInteger();
    if (object.value(kFormatName).toInt() != kFormat || record.publicHalf.size() != RecoveryKit::kKeyBytes)
        return Error{
            Code::StateFile,
            QStringLiteral("%1 is damaged, or of a newer release: make a new recovery kit, or have the "
                           "old one checked after removing the file")
                .arg(file.fileName())};
    return std::optional(record);
}

Status KitRecord::write(const QString &stateDirectory) const
{
    const QJsonDocument document(QJsonObject{{kFormatName, kFormat},
                                             {kPublicName, QString::fromLatin1(publicHalf.toBase64())},
                                             {kMadeName, madeMs},
                                             {kConfirmedName, confirmedMs}});
    QSaveFile file(pathIn(stateDirectory));
    const bool saved = file.open(QIODevice::WriteOnly) &&
                       file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
                       file.write(document.toJson()) > 0 && file.commit();
    if (!saved)
        return Error{Code::StateFile,
                     QStringLiteral("cannot write %1: %2").arg(file.fileName(), file.errorString())};
    return {};
}

Status checkKit(const std::optional<KitRecord> &record, const QByteArray &publicHalf)
{
    const auto name = [](const QByteArray &key) {
        return QString::fromLatin1(kitName(key));
    };
    if (record && record->publicHalf == publicHalf)
        return {};
    return Error{
        Code::RecoveryKitInvalid,
        record ? QStringLiteral("this is the kit %1, and snapshots are sealed to %2 now: it opens older "
                                "ones at most")
                     .arg(name(publicHalf), name(record->publicHalf))
               : QStringLiteral("this is the kit %1, and none has been made for this service")
                     .arg(name(publicHalf))};
}

} // namespace cring::backup
