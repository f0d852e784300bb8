// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/s3error.h"
#include "core/backup/s3types.h"
#include "core/backup/s3xml.h"

#include <QXmlStreamWriter>

#include <functional>

namespace cring::backup {

/// An answer that makes no sense: Kind::Protocol.
S3Error senseless(const QString &message);

/// The answer's root element, which has to have that name.
S3Result<XmlNode> readDocument(const QByteArray &bytes, QStringView root);

/// In S3's namespace; `content` writes the root element, whose end, and that of all in it, is seen to.
QByteArray writeDocument(const std::function<void(QXmlStreamWriter &)> &content);

} // namespace cring::backup
