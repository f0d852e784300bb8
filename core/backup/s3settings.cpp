// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3settings.h"

#include "core/backup/s3document.h"

#include <algorithm>

namespace cring::backup {

namespace {

/// Longer than an interrupted upload is worth going on with.
constexpr int kAbortDays = 7;

std::optional<int> daysOf(const XmlNode *node, QStringView name)
{
    bool number = false;
    const int days = node ? node->text(name).toInt(&number) : 0;
    return number ? std::optional(days) : std::nullopt;
}

/// Names and texts are all that there is in the documents that are written again.
void copy(const XmlNode &node, QXmlStreamWriter &writer)
{
    writer.writeStartElement(node.name);
    if (node.children.empty())
        writer.writeCharacters(node.content);
    for (const XmlNode &child : node.children)
        copy(child, writer);
    writer.writeEndElement();
}

void writeDays(QXmlStreamWriter &writer, const char *element, const char *name, int days)
{
    writer.writeStartElement(QLatin1String(element));
    writer.writeTextElement(QLatin1String(name), QString::number(days));
    writer.writeEndElement();
}

/// `old`: as the rules beside it are written, for S3 takes no two kinds in one document.
void writeOwnRule(QXmlStreamWriter &writer, int days, bool old)
{
    writer.writeStartElement(QStringLiteral("Rule"));
    writer.writeTextElement(QStringLiteral("ID"), QLatin1String(kOwnRule));
    if (!old)
        writer.writeStartElement(QStringLiteral("Filter"));
    writer.writeTextElement(QStringLiteral("Prefix"), {});
    if (!old)
        writer.writeEndElement();
    writer.writeTextElement(QStringLiteral("Status"), QStringLiteral("Enabled"));
    writeDays(writer, "NoncurrentVersionExpiration", "NoncurrentDays", days);
    writeDays(writer, "AbortIncompleteMultipartUpload", "DaysAfterInitiation", kAbortDays);
    writer.writeEndElement();
}

} // namespace

S3Result<Versioning> readVersioning(const QByteArray &bytes)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"VersioningConfiguration");
    if (!root)
        return root.error();
    const QString status = root->text(u"Status");
    if (status == u"Enabled")
        return Versioning::Enabled;
    return status == u"Suspended" ? Versioning::Suspended : Versioning::Never;
}

S3Result<QList<LifecycleRule>> readLifecycle(const QByteArray &bytes)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"LifecycleConfiguration");
    if (!root)
        return root.error();
    QList<LifecycleRule> rules;
    for (const XmlNode *node : root->all(u"Rule")) {
        LifecycleRule rule;
        rule.id = node->text(u"ID");
        rule.enabled = node->text(u"Status") == u"Enabled";
        const XmlNode *filter = node->child(u"Filter");
        const XmlNode *both = filter ? filter->child(u"And") : nullptr;
        const XmlNode *limits = both ? both : filter ? filter : node;
        rule.prefix = limits->text(u"Prefix").toUtf8();
        rule.tagged = limits->child(u"Tag");
        rule.expirationDays = daysOf(node->child(u"Expiration"), u"Days");
        if (const XmlNode *expiration = node->child(u"Expiration"))
            rule.expirationDate = expiration->text(u"Date").left(40);
        for (const XmlNode *move : node->all(u"Transition"))
            rule.moves.append({move->text(u"StorageClass").left(40), daysOf(move, u"Days").value_or(-1)});
        for (const XmlNode *move : node->all(u"NoncurrentVersionTransition"))
            rule.oldMoves.append(
                {move->text(u"StorageClass").left(40), daysOf(move, u"NoncurrentDays").value_or(-1)});
        rule.noncurrentDays = daysOf(node->child(u"NoncurrentVersionExpiration"), u"NoncurrentDays");
        rule.abortUploadDays = daysOf(node->child(u"AbortIncompleteMultipartUpload"), u"DaysAfterInitiation");
        rules.append(rule);
    }
    return rules;
}

S3Result<ObjectLock> readObjectLock(const QByteArray &bytes)
{
    const S3Result<XmlNode> root = readDocument(bytes, u"ObjectLockConfiguration");
    if (!root)
        return root.error();
    ObjectLock lock;
    lock.enabled = root->text(u"ObjectLockEnabled") == u"Enabled";
    const XmlNode *rule = root->child(u"Rule");
    const XmlNode *retention = rule ? rule->child(u"DefaultRetention") : nullptr;
    if (retention) {
        lock.mode = retention->text(u"Mode").toLatin1();
        lock.days = retention->text(u"Days").toInt();
        lock.years = retention->text(u"Years").toInt();
    }
    return lock;
}

QByteArray writeVersioning(bool enabled)
{
    return writeDocument([&](QXmlStreamWriter &writer) {
        writer.writeStartElement(QStringLiteral("VersioningConfiguration"));
        writer.writeTextElement(QStringLiteral("Status"),
                                enabled ? QStringLiteral("Enabled") : QStringLiteral("Suspended"));
    });
}

QByteArray writeObjectLock(const ObjectLock &lock)
{
    return writeDocument([&](QXmlStreamWriter &writer) {
        writer.writeStartElement(QStringLiteral("ObjectLockConfiguration"));
        writer.writeTextElement(QStringLiteral("ObjectLockEnabled"), QStringLiteral("Enabled"));
        writer.writeStartElement(QStringLiteral("Rule"));
        writer.writeStartElement(QStringLiteral("DefaultRetention"));
        writer.writeTextElement(QStringLiteral("Mode"), QString::fromLatin1(lock.mode));
        if (lock.years > 0)
            writer.writeTextElement(QStringLiteral("Years"), QString::number(lock.years));
        else
            writer.writeTextElement(QStringLiteral("Days"), QString::number(lock.days));
    });
}

S3Result<QByteArray> withOwnRule(const QByteArray &document, int days)
{
    XmlNode root;
    if (!document.isEmpty()) {
        S3Result<XmlNode> there = readDocument(document, u"LifecycleConfiguration");
        if (!there)
            return there.error();
        root = std::move(*there);
    }
    std::vector<const XmlNode *> others = root.all(u"Rule");
    std::erase_if(others, [](const XmlNode *rule) { return rule->text(u"ID") == QLatin1String(kOwnRule); });
    const bool old = std::ranges::any_of(others, [](const XmlNode *rule) { return rule->child(u"Prefix"); });
    return writeDocument([&](QXmlStreamWriter &writer) {
        writer.writeStartElement(QStringLiteral("LifecycleConfiguration"));
        for (const XmlNode *rule : others)
            copy(*rule, writer);
        writeOwnRule(writer, days, old);
    });
}

} // namespace cring::backup
