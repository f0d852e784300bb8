// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/state/objectkey.h"

#include <QMultiHash>
#include <QString>

#include <functional>

namespace cring::replica {

using state::ObjectKey;

/// Who reads which copy. Charm truncates a file in place (server/storage/local/storage.go:141): a reader of
/// the old one would get old and new bytes under a clean 200. So whoever is about to write to a copy has its
/// readers cut first.
class Readers
{
public:
    /// One reader of one copy, for as long as it lives.
    class Registration
    {
    public:
        Registration() = default;
        Registration(Readers &readers, const ObjectKey &key, const QString &backend,
                     std::function<void()> cut);
        ~Registration() { release(); }
        Registration(Registration &&other) noexcept { *this = std::move(other); }
        Registration &operator=(Registration &&other) noexcept;
        void release();

    private:
        friend class Readers;
        struct Entry
        {
            QString backend;
            std::function<void()> cut;
        };
        Readers *m_readers = nullptr;
        ObjectKey m_key;
        std::shared_ptr<Entry> m_entry;
    };

    /// The copy is about to be written to: everybody who reads it is told to stop, now.
    void cut(const ObjectKey &key, const QString &backend);
    bool isRead(const ObjectKey &key, const QString &backend) const;

private:
    QMultiHash<ObjectKey, std::shared_ptr<Registration::Entry>> m_entries;
};

} // namespace cring::replica
