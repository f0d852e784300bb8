// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonObject>

namespace cring::backup {

/// What a restore has met, and what became of it. In the summary and the cursor under these names.
struct RestoreTally
{
    qint64 files = 0;
    qint64 folders = 0;
    qint64 bytes = 0;
    qint64 brought = 0;
    qint64 broughtBytes = 0;
    qint64 same = 0;
    qint64 failed = 0;

    RestoreTally &operator+=(const RestoreTally &other);
    QJsonObject toJson() const;
    static RestoreTally fromJson(const QJsonObject &object);
};

} // namespace cring::backup
