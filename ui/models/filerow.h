// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QJsonObject>
#include <QStringList>

namespace cring::models {

/// A few words that many rows share, by number. Never forgets one: there are as many as servers or accounts.
class WordList
{
public:
    /// Its number, a new one when it is new.
    int number(const QString &word);
    /// −1 when it is not known.
    int find(const QString &word) const { return static_cast<int>(m_words.indexOf(word)); }
    QString at(int number) const { return m_words.value(number); }
    const QStringList &all() const { return m_words; }

private:
    QStringList m_words;
};

/// A set of servers, by their numbers in a WordList; no more than 64 are told apart.
using ServerSet = quint64;

/// A file as `blobs.list` has it, small: there may be a hundred thousand.
struct FileRow
{
    enum class Backup : quint8 {
        Unknown, ///< There is no bucket, or it is not said.
        None,    ///< No bucket takes files of this account.
        Waiting,
        Stored,
    };

    QByteArray key;  ///< "<charm id>/<path as the servers have it>", UTF-8.
    QByteArray name; ///< As the person knows it, UTF-8; empty while it is hidden.
    qint64 size = -1;
    qint64 changedMs = 0;
    qint64 backupSinceMs = 0; ///< That it waits.
    quint64 version = 0;
    ServerSet holders = 0;
    ServerSet owed = 0;    ///< It is on its way there, or to be looked at.
    ServerSet missing = 0; ///< It belongs there, and is not.
    quint16 account = 0;   ///< A number in a WordList.
    quint8 wanted = 0;
    Backup backup = Backup::Unknown;

    static FileRow fromJson(const QJsonObject &object, WordList &servers, WordList &accounts);

    int copies() const { return __builtin_popcountll(holders); }
    /// It has not all its copies, or is not in a bucket yet.
    bool isAtRisk() const;
    /// The name; while it is hidden, the path as the servers have it.
    QByteArray shownName() const { return name.isEmpty() ? path() : name; }
    QByteArray path() const { return key.mid(key.indexOf('/') + 1); }

    bool operator==(const FileRow &) const = default;
};

/// "charm1", "charm2": those of a set.
QStringList namesOf(ServerSet set, const WordList &servers);

} // namespace cring::models
