// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/s3xml.h"

#include <QXmlStreamReader>

namespace cring::backup {

namespace {

Error senseless(const QString &words)
{
    return {Code::BackupProtocol, words};
}

/// Open elements stand in a list beside the tree: children move when their siblings' list grows.
class TreeBuilder
{
public:
    explicit TreeBuilder(const XmlLimits &limits)
        : m_limits(limits)
    {
    }

    /// What is wrong with it; empty while all is well.
    QString take(const QXmlStreamReader &reader)
    {
        switch (reader.tokenType()) {
        case QXmlStreamReader::StartElement:
            return open(reader.name());
        case QXmlStreamReader::EndElement:
            close();
            return {};
        case QXmlStreamReader::Characters:
            if (!m_open.empty())
                m_open.back().content += reader.text();
            return {};
        case QXmlStreamReader::DTD:
            return QStringLiteral("has a document type");
        case QXmlStreamReader::EntityReference:
            return QStringLiteral("refers to an entity");
        default:
            return {};
        }
    }

    XmlNode root;

private:
    QString open(QStringView name)
    {
        if (static_cast<int>(m_open.size()) >= m_limits.depth)
            return QStringLiteral("is nested too deeply");
        if (++m_nodes > m_limits.nodes)
            return QStringLiteral("has too many elements");
        XmlNode node;
        node.name = name.toString();
        m_open.push_back(std::move(node));
        return {};
    }

    void close()
    {
        XmlNode node = std::move(m_open.back());
        m_open.pop_back();
        if (m_open.empty())
            root = std::move(node);
        else
            m_open.back().children.push_back(std::move(node));
    }

    const XmlLimits &m_limits;
    std::vector<XmlNode> m_open;
    int m_nodes = 0;
};

} // namespace

const XmlNode *XmlNode::child(QStringView wanted) const
{
    for (const XmlNode &node : children) {
        if (node.name == wanted)
            return &node;
    }
    return nullptr;
}

QString XmlNode::text(QStringView wanted) const
{
    const XmlNode *node = child(wanted);
    return node ? node->content : QString();
}

std::vector<const XmlNode *> XmlNode::all(QStringView wanted) const
{
    std::vector<const XmlNode *> found;
    for (const XmlNode &node : children) {
        if (node.name == wanted)
            found.push_back(&node);
    }
    return found;
}

Result<XmlNode> parseXml(const QByteArray &document, const XmlLimits &limits)
{
    if (document.size() > limits.bytes)
        return senseless(QStringLiteral("the answer is larger than %1 bytes").arg(limits.bytes));
    QXmlStreamReader reader(document);
    reader.setEntityExpansionLimit(0);
    TreeBuilder builder(limits);
    while (!reader.atEnd()) {
        reader.readNext();
        if (reader.hasError())
            break;
        if (const QString fault = builder.take(reader); !fault.isEmpty())
            return senseless(QStringLiteral("the answer's XML %1").arg(fault));
    }
    if (reader.hasError())
        return senseless(QStringLiteral("the answer is no XML, or cut: %1").arg(reader.errorString()));
    return std::move(builder.root);
}

} // namespace cring::backup
