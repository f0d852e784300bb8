// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/members.h"
#include "core/state/objectkey.h"
#include "core/state/record.h"

#include <boost/container/small_vector.hpp>

#include <array>
#include <functional>

namespace cring::state {

/// A path in the catalogue, as small as it can be: there are many.
struct CatalogueEntry
{
    using Holders = boost::container::small_vector<Members::Number, 4>;

    Record record() const;
    void fill(const Record &record);
    bool isHolder(Members::Number member) const;
    void setHolder(Members::Number member, bool holds);

    quint64 version = 0;
    /// Version of the last delete of the path with all below it; 0: none. Outlives the path's being made
    /// again: what lay below it then is still gone.
    quint64 tombstone = 0;
    qint64 size = -1;
    qint64 changed = 0;
    std::array<char, 16> digest{};
    quint32 mode = 0;
    bool hasDigest = false;
    bool deleted = false;
    bool folder = false;
    Holders holders;
};

/// What a server owes on a path.
struct Owed
{
    Debt debt = Debt::Stale;
    qint64 since = 0; ///< ms since 1970, UTC.
};

/// The tables `catalogue` and `owed`: every change goes there in order, behind the one who makes it. One
/// thread.
class CatalogueRows final
{
public:
    explicit CatalogueRows(Database &database)
        : m_database(database)
    {
    }

    /// Before the event loop runs. The entries come in the order of their keys.
    Status load(const std::function<void(const ObjectKey &, const CatalogueEntry &)> &entry,
                const std::function<void(const ObjectKey &, Members::Number, const Owed &)> &debt) const;
    void save(const ObjectKey &key, const CatalogueEntry &entry);
    void erase(const ObjectKey &key);
    void saveDebt(const ObjectKey &key, Members::Number member, const Owed &owed);
    void eraseDebt(const ObjectKey &key, Members::Number member);

private:
    Database &m_database;
};

} // namespace cring::state
