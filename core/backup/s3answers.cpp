// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3answers.h"

#include "core/backup/s3document.h"

#include <QDateTime>
#include <QXmlStreamWriter>

#include <algorithm>

namespace cring::backup {

namespace {

bool isTrue(const QString &text)
{
    return text.trimmed().compare(QStringLiteral("true"), Qt::CaseInsensitive) == 0;
}

std::chrono::milliseconds timeOf(const QString &text)
{
    const QDateTime time = QDateTime::fromString(text.trimmed(), Qt::ISODateWithMs);
    return std::chrono::milliseconds(time.isValid() ? time.toMSecsSinceEpoch() : 0);
}

/// Keys as they are. With encoding-type=url they come escaped as in an HTML form: XML 1.0 has no way to write
/// every key.
class KeyReader
{
public:
    explicit KeyReader(const XmlNode &root)
        : m_escaped(root.text(u"EncodingType") == u"url")
    {
    }

    QByteArray operator()(const QString &text) const
    {
        QByteArray key = text.toUtf8();
        if (!m_escaped)
            return key;
        key.replace('+', ' ');
        return QByteArray::fromPercentEncoding(key);
    }

private:
    bool m_escaped;
};

/// When a version was made, where its id is a ULID (github.com/ulid/spec): 48 bits of ms since 1970 in ten
/// digits of 32 values, then chance. versitygw's are, and it gives a version that is replaced a LastModified
/// of then. Nothing: it is no ULID. Amazon's ids have other letters and another length.
std::optional<std::chrono::milliseconds> timeOfUlid(const QByteArray &id)
{
    static constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    if (id.size() != 26)
        return std::nullopt;
    qint64 time = 0;
    for (qsizetype i = 0; i < id.size(); ++i) {
        const auto value = digits.find(id[i]);
        if (value == std::string_view::npos || (i == 0 && value > 7))
            return std::nullopt;
        if (i < 10)
            time = time << 5 | static_cast<qint64>(value);
    }
    return std::chrono::milliseconds(time);
}

S3Result<ListedVersion> readVersion(const XmlNode &node, const KeyReader &keyOf)
{
    ListedVersion version;
    version.key = keyOf(node.text(u"Key"));
    version.versionId = node.text(u"VersionId").toUtf8();
    version.latest = isTrue(node.text(u"IsLatest"));
    version.deleteMarker = node.name == u"DeleteMarker";
    version.etag = node.text(u"ETag").toUtf8();
    version.modified = timeOfUlid(version.versionId).value_or(timeOf(node.text(u"LastModified")));
    bool number = version.deleteMarker;
    if (!number)
        version.size = node.text(u"Size").toLongLong(&number);
    if (!number || version.size < 0)
        return senseless(QStringLiteral("the listing has a version without a size"));
    return version;
}

/// Some servers list all delete markers behind all versions. The order within a key is else the server's,
/// which knows what followed what within a second.
void sortVersions(QList<ListedVersion> &versions)
{
    const auto byKey = [](const ListedVersion &a, const ListedVersion &b) {
        return a.key < b.key;
    };
    if (std::is_sorted(versions.begin(), versions.end(), byKey))
        return;
    std::stable_sort(versions.begin(), versions.end(), [](const ListedVersion &a, const ListedVersion &b) {
        if (a.key != b.key)
            return a.key < b.key;
        return a.latest != b.latest ? a.latest : a.modified > b.modified;
    });
}

} // namespace

S3Result<ObjectPage> readObjectPage(const QByteArray &bytes, const QByteArray &prefix)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"ListBucketResult");
    if (!root)
        return root.error();
    const KeyReader keyOf(*root);
    ObjectPage page;
    QByteArray before;
    for (const XmlNode *node : root->all(u"Contents")) {
        ListedObject object;
        object.key = keyOf(node->text(u"Key"));
        object.etag = node->text(u"ETag").toUtf8();
        object.modified = timeOf(node->text(u"LastModified"));
        bool number = false;
        object.size = node->text(u"Size").toLongLong(&number);
        if (!number || object.size < 0)
            return senseless(QStringLiteral("the listing has an object without a size"));
        if (!object.key.startsWith(prefix) || object.key.isEmpty())
            return senseless(QStringLiteral("the listing holds what was not asked for"));
        if (object.key <= before)
            return senseless(QStringLiteral("the listing is not in the order of its keys"));
        before = object.key;
        page.objects.append(object);
    }
    for (const XmlNode *node : root->all(u"CommonPrefixes"))
        page.prefixes.append(keyOf(node->text(u"Prefix")));
    if (isTrue(root->text(u"IsTruncated"))) {
        page.next = root->text(u"NextContinuationToken").toUtf8();
        if (page.next.isEmpty())
            return senseless(QStringLiteral("the listing has more pages, and does not say how to get them"));
    }
    return page;
}

S3Result<VersionPage> readVersionPage(const QByteArray &bytes, const QByteArray &prefix)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"ListVersionsResult");
    if (!root)
        return root.error();
    const KeyReader keyOf(*root);
    VersionPage page;
    QByteArray before;
    for (const XmlNode &node : root->children) {
        if (node.name != u"Version" && node.name != u"DeleteMarker")
            continue;
        S3Result<ListedVersion> version = readVersion(node, keyOf);
        if (!version)
            return version.error();
        if (!version->key.startsWith(prefix) || version->key.isEmpty())
            return senseless(QStringLiteral("the listing holds what was not asked for"));
        page.versions.append(std::move(*version));
    }
    sortVersions(page.versions);
    if (isTrue(root->text(u"IsTruncated"))) {
        page.nextKey = keyOf(root->text(u"NextKeyMarker"));
        page.nextVersion = root->text(u"NextVersionIdMarker").toUtf8();
        if (page.nextKey.isEmpty())
            return senseless(QStringLiteral("the listing has more pages, and does not say how to get them"));
    }
    return page;
}

S3Result<UploadPage> readUploadPage(const QByteArray &bytes)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"ListMultipartUploadsResult");
    if (!root)
        return root.error();
    const KeyReader keyOf(*root);
    UploadPage page;
    for (const XmlNode *node : root->all(u"Upload")) {
        page.uploads.append(
            {keyOf(node->text(u"Key")), node->text(u"UploadId").toUtf8(), timeOf(node->text(u"Initiated"))});
        if (page.uploads.last().uploadId.isEmpty())
            return senseless(QStringLiteral("the list of uploads has one without an id"));
    }
    if (isTrue(root->text(u"IsTruncated"))) {
        page.nextKey = keyOf(root->text(u"NextKeyMarker"));
        page.nextUpload = root->text(u"NextUploadIdMarker").toUtf8();
        if (page.nextKey.isEmpty())
            return senseless(
                QStringLiteral("the list of uploads has more pages, and does not say how to get them"));
    }
    return page;
}

S3Result<PartPage> readPartPage(const QByteArray &bytes)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"ListPartsResult");
    if (!root)
        return root.error();
    PartPage page;
    int before = 0;
    for (const XmlNode *node : root->all(u"Part")) {
        Part part;
        part.number = node->text(u"PartNumber").toInt();
        part.size = node->text(u"Size").toLongLong();
        part.etag = node->text(u"ETag").toUtf8();
        part.sha256 = QByteArray::fromBase64(node->text(u"ChecksumSHA256").toLatin1());
        if (part.number <= before || part.size < 0)
            return senseless(QStringLiteral("the list of parts is not in order"));
        before = part.number;
        page.parts.append(part);
    }
    if (isTrue(root->text(u"IsTruncated"))) {
        page.next = root->text(u"NextPartNumberMarker").toInt();
        if (page.next <= 0 || page.next < before)
            return senseless(
                QStringLiteral("the list of parts has more pages, and does not say how to get them"));
    }
    return page;
}

S3Result<QByteArray> readUploadId(const QByteArray &bytes)
{
    S3Result<XmlNode> root = readDocument(bytes, u"InitiateMultipartUploadResult");
    if (!root)
        root = readDocument(bytes, u"InitiateMultipartUpload"); // rclone's name for it
    if (!root)
        return root.error();
    const QByteArray id = root->text(u"UploadId").toUtf8();
    if (id.isEmpty())
        return senseless(QStringLiteral("the upload that was begun has no id"));
    return id;
}

S3Result<Stored> readCompleted(const http::Response &answer)
{
    const S3Result<XmlNode> root = readDocument(answer.body, u"CompleteMultipartUploadResult");
    if (!root)
        return root.error();
    return Stored{root->text(u"ETag").toUtf8(), answer.headers.value("x-amz-version-id"), {}};
}

S3Result<QList<DeleteFailure>> readDeleteResult(const QByteArray &bytes)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"DeleteResult");
    if (!root)
        return root.error();
    QList<DeleteFailure> failures;
    for (const XmlNode *node : root->all(u"Error"))
        failures.append({node->text(u"Key").toUtf8(), node->text(u"Code").toLatin1().left(64),
                         node->text(u"Message").left(300)});
    return failures;
}

S3Result<QByteArray> readLocation(const QByteArray &bytes)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"LocationConstraint");
    if (!root)
        return root.error();
    // Some put it into an element of the same name inside.
    QString region = root->content.trimmed();
    if (region.isEmpty())
        region = root->text(u"LocationConstraint").trimmed();
    return region.isEmpty() ? QByteArray("us-east-1") : region.toLatin1();
}

QByteArray writeParts(const QList<Part> &parts)
{
    return writeDocument([&](QXmlStreamWriter &writer) {
        writer.writeStartElement(QStringLiteral("CompleteMultipartUpload"));
        for (const Part &part : parts) {
            writer.writeStartElement(QStringLiteral("Part"));
            writer.writeTextElement(QStringLiteral("PartNumber"), QString::number(part.number));
            writer.writeTextElement(QStringLiteral("ETag"), QString::fromUtf8(part.etag));
            if (!part.sha256.isEmpty())
                writer.writeTextElement(QStringLiteral("ChecksumSHA256"),
                                        QString::fromLatin1(part.sha256.toBase64()));
            writer.writeEndElement();
        }
    });
}

QByteArray writeDelete(const QList<ObjectId> &objects)
{
    return writeDocument([&](QXmlStreamWriter &writer) {
        writer.writeStartElement(QStringLiteral("Delete"));
        writer.writeTextElement(QStringLiteral("Quiet"), QStringLiteral("true"));
        for (const ObjectId &object : objects) {
            writer.writeStartElement(QStringLiteral("Object"));
            writer.writeTextElement(QStringLiteral("Key"), QString::fromUtf8(object.key));
            if (!object.versionId.isEmpty())
                writer.writeTextElement(QStringLiteral("VersionId"), QString::fromUtf8(object.versionId));
            writer.writeEndElement();
        }
    });
}

} // namespace cring::backup
