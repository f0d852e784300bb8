// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QByteArrayView>

namespace cring::state {

/// "<charm id>/<escaped path>": one file or folder of one account, as placement, locks and the catalogue name
/// it. A charm id holds no slash, so that keys order as a tree: what lies below `k` starts with `k + '/'`.
using ObjectKey = QByteArray;

inline ObjectKey objectKey(const QByteArray &account, const QByteArray &path)
{
    return path.isEmpty() ? account : account + '/' + path;
}

/// The charm id.
inline QByteArray accountOf(const ObjectKey &key)
{
    const qsizetype slash = key.indexOf('/');
    return slash < 0 ? key : key.first(slash);
}

/// Calls visit(view) for every key above `key`, the account itself first. The views point into key.
template <typename Visit>
void forEachAncestor(const ObjectKey &key, Visit visit)
{
    for (qsizetype slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1))
        visit(QByteArrayView(key).first(slash));
}

/// True if `key` is `above` or lies below it.
inline bool isAtOrBelow(QByteArrayView key, QByteArrayView above)
{
    return key.startsWith(above) && (key.size() == above.size() || key[above.size()] == '/');
}

/// An ordered set of keys that knows about trees.
template <typename Set>
bool holdsAtOrBelow(const Set &keys, const ObjectKey &above)
{
    if (keys.contains(above))
        return true;
    const auto it = keys.lower_bound(above + '/');
    return it != keys.end() && isAtOrBelow(*it, above);
}

} // namespace cring::state
