// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>

namespace cring::service {

/// A part of a long list, as one answer of the control API: bounded in entries and in bytes, so that no
/// answer comes near control::maxMessageBytes, however long the paths are. Where it ends is a place, in
/// the list's own terms; the client gets it in a form that it only hands back.
class Page final
{
public:
    static constexpr qsizetype kMostEntries = 500;
    /// A quarter of a message: one entry more, of two paths of 4 KiB each, still fits.
    static constexpr qsizetype kMostBytes = 256 * 1024;

    explicit Page(qsizetype limit = kMostEntries)
        : m_limit(limit)
    {
    }

    bool isFull() const { return room() <= 0; }
    /// How many entries more it takes at most.
    qsizetype room() const { return m_bytes >= kMostBytes ? 0 : m_limit - m_entries.size(); }
    void add(const QJsonObject &entry);
    qsizetype size() const { return m_entries.size(); }

    /// {name: entries, "next": …}; `next` is the place after which the list goes on, empty at its end.
    QJsonObject answer(const QString &name, const QByteArray &next) const;

private:
    qsizetype m_limit;
    qsizetype m_bytes = 0;
    QJsonArray m_entries;
};

} // namespace cring::service
