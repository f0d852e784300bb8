// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/charm/listing.h"
#include "core/state/objectkey.h"
#include "core/state/record.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace cring::replica {

/// A file on its way from one place of an archive. One run, on the event loop's thread; exactly one of
/// finished() and failed() ends it, unless it is destroyed first, which calls it off. Memory: a MiB at most,
/// paused or not.
class IArchiveReader : public QObject
{
    Q_OBJECT

public:
    struct Head
    {
        qint64 size = -1;   ///< Bytes; −1: not told.
        quint32 mode = 0;   ///< Go's fs.FileMode; 0: not told.
        qint64 changed = 0; ///< ms since 1970, UTC.
    };

    using QObject::QObject;

    virtual void start() = 0;
    /// Before start(), too. What was read already still arrives.
    virtual void setPaused(bool paused) = 0;
    /// "the bucket photos"
    virtual QString name() const = 0;

Q_SIGNALS:
    void began(const cring::replica::IArchiveReader::Head &head);
    /// What they are worth is known with finished().
    void arrived(const QByteArray &data);
    /// The whole is there, and is what was stored, as far as that can be told there.
    void finished();
    /// NotFound: there is no such file in it.
    void failed(const cring::Error &error);
};

/// Where acknowledged files lie beside the servers: asked when no server can give one. One thread.
class IArchive
{
public:
    using ListDone = std::function<void(const Result<std::optional<charm::Listing>> &)>;

    virtual ~IArchive() = default;

    /// The account's files go there. What it has of them is another question.
    virtual bool covers(const QByteArray &account) const = 0;
    /// It is known to have this very version of a file.
    virtual bool has(const state::ObjectKey &key, const state::Record &record) const = 0;
    /// One reader for each place that may have the file, best first. With a record: only where that version
    /// may be, and whoever reads compares with its digest; nowhere an older one. Without: whatever lies
    /// there. `reasons` gets why the others are left out.
    virtual std::vector<std::unique_ptr<IArchiveReader>>
    open(const state::ObjectKey &key, const std::optional<state::Record> &record, QStringList &reasons) = 0;
    /// What lies in a folder ("<charm id>" for the account's own), by name; nothing: there is no such folder.
    /// A file's mode is told by open() alone. `done` is called once, from the event loop, unless `context`
    /// dies first; a listing is complete, or an error.
    virtual void list(const state::ObjectKey &folder, QObject *context, ListDone done) = 0;
};

} // namespace cring::replica
