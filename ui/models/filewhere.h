// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCoreApplication>
#include <QJsonObject>

namespace cring::models {

/// What `blobs.where` says of one file, in words.
class FileWhere
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::FileWhere)

public:
    /// "has it", "missed a change", …: what a server's copy is; the word itself where it is new to us.
    static QString copyWords(const QString &copy);
    /// A line for each server that has or should have a copy, and one for what the service itself holds.
    static QString lines(const QJsonObject &answer, qint64 nowMs);
};

} // namespace cring::models
