// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/environment.h"

#include <chrono>
#include <optional>

namespace cring::repair {

using replica::ObjectKey;
using replica::Record;

/// One path as the catalogue and all servers have it, without the files' bytes.
struct Sight
{
    enum class What {
        Unheard, ///< The server could not say.
        Absent,
        File,
        Folder,
    };
    struct Copy
    {
        health::Backend *server = nullptr;
        What what = What::Unheard;
        bool emptied = false;                  ///< The server has nothing of the account at all.
        qint64 size = -1;                      ///< Of a file, in bytes.
        quint32 mode = 0;                      ///< Go's fs.FileMode.
        std::chrono::milliseconds modified{0}; ///< By the ring's clock, since 1970, UTC; 0: not known.
    };

    ObjectKey key;
    std::optional<Record> record;
    QList<Copy> copies; ///< One of every server of the ring.
};

} // namespace cring::repair
