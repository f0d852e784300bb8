// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/cringprocess.h"

#include <QJsonObject>
#include <QVariant>

namespace cring::test {

/// The state directory of a ring, looked into from outside: what a ring that was killed leaves, and what it
/// has written down so far. Nothing in it is changed while the ring runs.
class StateFolder
{
public:
    explicit StateFolder(const CringProcess &ring);

    QString path() const { return m_path; }
    /// While the ring is stopped.
    bool remove() const;
    bool copyTo(const QString &folder) const;
    /// A link to the folder takes its place.
    bool moveTo(const QString &folder) const;
    bool replaceBy(const QString &folder) const;

    /// The rows of a SELECT.
    QList<QVariantList> rows(const QString &select, const QVariantList &values = {}) const;
    /// The first value of the first row; −1 when there is none.
    qint64 number(const QString &select, const QVariantList &values = {}) const;

    /// "unexplained file charm2", one line each, sorted; of paths without their account.
    QStringList findings() const;
    /// The bytes of what is kept aside, sorted.
    QByteArrayList keptVersions() const;
    /// Of the last job of a kind that was done, and was begun no earlier than this (ms since 1970).
    std::optional<QJsonObject> summary(const QString &kind, qint64 since) const;

private:
    QString m_path;
};

} // namespace cring::test
