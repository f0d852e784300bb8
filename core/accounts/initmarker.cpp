// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/initmarker.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace cring::accounts {

namespace {

constexpr QLatin1String kVersionKey("version");
constexpr QLatin1String kPublicKeyKey("publicKey");
constexpr QLatin1String kMadeFolderKey("madeFolder");
constexpr QLatin1String kDigestKey("databaseDigest");
constexpr QLatin1String kAccountsKey("accounts");
constexpr qsizetype kPublicKeyBytes = 32;

} // namespace

const QString InitMarker::kName = QStringLiteral(".cring-init.json");

QByteArray InitMarker::toJson() const
{
    const QJsonObject object{{kVersionKey, kVersion},
                             {kPublicKeyKey, QString::fromLatin1(publicKey.toHex())},
                             {kMadeFolderKey, madeFolder},
                             {kDigestKey, QString::fromLatin1(databaseDigest)},
                             {kAccountsKey, accounts}};
    return QJsonDocument(object).toJson();
}

Result<InitMarker> InitMarker::parse(QByteArrayView text)
{
    const QJsonObject object =
        QJsonDocument::fromJson(QByteArray::fromRawData(text.data(), text.size())).object();
    InitMarker marker;
    marker.publicKey = QByteArray::fromHex(object.value(kPublicKeyKey).toString().toLatin1());
    marker.madeFolder = object.value(kMadeFolderKey).toBool();
    marker.databaseDigest = object.value(kDigestKey).toString().toLatin1();
    marker.accounts = object.value(kAccountsKey).toInteger();
    if (object.value(kVersionKey).toInt() != kVersion || marker.publicKey.size() != kPublicKeyBytes)
        return Error{Code::ReplicaTarget,
                     QStringLiteral("its file %1 is not one that this version has written").arg(kName)};
    return marker;
}

} // namespace cring::accounts
