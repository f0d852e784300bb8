// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"
#include "core/state/objectkey.h"

#include <QList>

#include <array>

namespace cring::backup {

/// Chooses at random which files a restore drill brings back: of each size class at least one where there is
/// one, within limits of number and bytes. Classes are as storing them differs: nothing in it, small, larger,
/// large, and in parts. A value; memory: the limit's number of files for each class.
class DrillSample
{
public:
    /// As the catalogue has it.
    struct Item
    {
        state::ObjectKey key;
        quint64 version = 0;
        qint64 size = 0;
        QByteArray digest; ///< Empty: not known.
        quint32 mode = 0;
    };
    struct Limits
    {
        qsizetype files = 20;
        qint64 bytes = 256LL * 1024 * 1024;
    };

    /// `random` outlives it.
    DrillSample(IRandom &random, Limits limits);

    /// Each file once. What would leave no room for one of each other class is passed over.
    void consider(const Item &item);
    /// The choice, the largest first. Once, at the end.
    QList<Item> take();

private:
    static constexpr size_t kClasses = 5;
    struct Class
    {
        QList<Item> kept;
        quint64 seen = 0;
    };

    static size_t classOf(qint64 size);

    IRandom &m_random;
    const Limits m_limits;
    std::array<Class, kClasses> m_classes;
};

} // namespace cring::backup
