// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace cring::backup {

/// An element of an S3 server's answer. Attributes and namespaces are left out: S3 says nothing in them that
/// matters here.
struct XmlNode
{
    QString name;
    QString content; ///< Its own text, without that of its children.
    std::vector<XmlNode> children;

    /// The first child of that name; nullptr: none.
    const XmlNode *child(QStringView name) const;
    /// Its text; "" without one.
    QString text(QStringView name) const;
    std::vector<const XmlNode *> all(QStringView name) const;
};

/// What an answer may cost.
struct XmlLimits
{
    qsizetype bytes;
    int depth;
    int nodes;
};

/// A page of a listing has 1,000 entries.
inline constexpr XmlLimits kAnswerLimits{8 * 1024 * 1024, 12, 60'000};
inline constexpr XmlLimits kErrorLimits{64 * 1024, 8, 200};

/// Reads a whole document. Refused (BackupProtocol): what is no XML or is cut, above the limits, or has a
/// document type or entities of its own, which S3 has no use for and attackers have.
Result<XmlNode> parseXml(const QByteArray &document, const XmlLimits &limits);

} // namespace cring::backup
