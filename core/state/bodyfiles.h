// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QFile>
#include <QList>
#include <QString>

#include <optional>

namespace cring::state {

/// Files' bodies in a folder of the state directory: `<id>` holds the bytes as they were, `<id>.json` says
/// what they are, so that they can be told even when the database is lost. Every call blocks. Holds nothing
/// but names: any threads, one at a time for an id.
class BodyFiles final
{
public:
    /// What `<id>.json` says.
    struct Note
    {
        QByteArray key;
        qint64 size = 0;
        quint32 mode = 0;
        QString server; ///< Id of the one that had it; empty where that says nothing.
        qint64 since = 0;
        QByteArray digest; ///< As Record::digest; empty where that says nothing.
    };
    struct Found
    {
        quint64 id = 0;
        std::optional<Note> note; ///< None: nobody wants it.
    };
    /// One that is being written.
    struct Writing
    {
        QFile file;
        std::optional<Error> problem; ///< The first one; nothing is written after it.
        qint64 unasked = 0;           ///< Bytes since the disk's room was last looked at.
    };

    /// `name`: of the folder in the state directory. With `stateDirectory` "" nothing can be kept. The last
    /// `reserve` bytes of the disk are left to others.
    BodyFiles(const QString &stateDirectory, const QString &name, qint64 reserve = 0);

    /// Removes what was left half, and says what else is there.
    QList<Found> scan() const;
    void write(Writing &writing, quint64 id, const QByteArray &piece) const;
    /// The bytes get their name and their note, all of it on the disk.
    Status finish(Writing &writing, quint64 id, const Note &note) const;
    void abandon(Writing &writing, quint64 id) const;
    Result<QByteArray> read(quint64 id, qint64 offset, qint64 size) const;
    /// For reading all of it, whatever becomes of its name meanwhile.
    Status open(QFile &file, quint64 id) const;
    /// At most `size` bytes from where the last ones ended; none at the end.
    static Result<QByteArray> readNext(QFile &file, qint64 size);
    /// Without it the bytes are nobody's, unless a row names them. On the disk.
    void removeNote(quint64 id) const;
    void removeBytes(quint64 id) const;
    /// Where the bytes are, for who reads them otherwise.
    QString path(quint64 id, const char *suffix = "") const;
    /// All that was kept is the other folder's from now on, under numbers after `last`.
    Status moveTo(const BodyFiles &other, quint64 last) const;

private:
    Status create(QFile &file) const;
    bool makeFolder() const;

    QString m_folder;
    qint64 m_reserve;
};

} // namespace cring::state
