// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QFile>
#include <QList>
#include <QString>

#include <optional>

namespace cring::state {

/// The files of the versions that are kept aside: `<id>` holds the bytes as they were, `<id>.json` says what
/// they are, so that they can be told even when the database is lost. Every call blocks. Holds nothing but
/// the folder's name: any thread, one at a time.
class ConflictFiles final
{
public:
    /// What `<id>.json` says.
    struct Note
    {
        QByteArray key;
        qint64 size = 0;
        quint32 mode = 0;
        QString server;
        qint64 since = 0;
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
    };

    explicit ConflictFiles(const QString &stateDirectory);

    /// Removes what was left half, and says what else is there.
    QList<Found> scan() const;
    void write(Writing &writing, quint64 id, const QByteArray &piece) const;
    /// The bytes get their name and their note, all of it on the disk.
    Status finish(Writing &writing, quint64 id, const Note &note) const;
    void abandon(Writing &writing) const;
    Result<QByteArray> read(quint64 id, qint64 offset, qint64 size) const;
    /// Without it the bytes are nobody's, once their row is gone.
    void removeNote(quint64 id) const;
    void removeBytes(quint64 id) const;

private:
    QString path(quint64 id, const char *suffix = "") const;
    Status open(QFile &file) const;

    QString m_folder;
};

} // namespace cring::state
