// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3document.h"

namespace cring::backup {

namespace {

constexpr const char *kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

} // namespace

S3Error senseless(const QString &message)
{
    S3Error error;
    error.kind = S3Error::Kind::Protocol;
    error.message = message;
    return error;
}

S3Result<XmlNode> readDocument(const QByteArray &bytes, QStringView root)
{
    Result<XmlNode> parsed = parseXml(bytes, kAnswerLimits);
    if (!parsed)
        return senseless(parsed.error().detail);
    if (parsed->name != root)
        return senseless(QStringLiteral("the answer is a <%1>, not a <%2>").arg(parsed->name.left(40), root));
    return std::move(*parsed);
}

QByteArray writeDocument(const std::function<void(QXmlStreamWriter &)> &content)
{
    QByteArray out;
    QXmlStreamWriter writer(&out);
    writer.writeStartDocument();
    writer.writeDefaultNamespace(QString::fromLatin1(kNamespace));
    content(writer);
    writer.writeEndDocument();
    return out;
}

} // namespace cring::backup
