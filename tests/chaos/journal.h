// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/chaos/value.h"

#include <QByteArrayList>

#include <chrono>
#include <optional>
#include <vector>

namespace cring::chaos {

/// Since the run began.
using Moment = std::chrono::microseconds;

inline constexpr Moment EndOfTime = Moment::max();

/// What a client asks for.
struct Operation
{
    enum class Kind { Upload, Delete, MakeFolder, Read, Number };

    Kind kind = Kind::Read;
    QByteArray path; ///< Below the account; of Number: the sequence's name.
    qint64 size = 0; ///< Of an upload.
    quint32 mode = 0;
    qint64 abandonAfter = -1; ///< The client goes away after so many bytes of its request; −1: it does not.

    bool changes() const { return kind != Kind::Read && kind != Kind::Number; }
    bool operator==(const Operation &) const = default;
};

/// "upload", "delete", …
const char *nameOf(Operation::Kind kind);

/// How it ended, as far as the client can tell.
enum class Ending {
    Done,     ///< Acknowledged; a read: an answer that ended whole, or "there is nothing".
    Declined, ///< Refused as the request's own fault (4xx): nothing has changed.
    Refused,  ///< Refused by the ring or its servers (5xx): it may have happened all the same.
    Unknown,  ///< The connection ended without a whole answer: it may have happened.
    NoAnswer, ///< The same, after the time for an answer.
    NotSent,  ///< The ring was not there: nothing has happened.
};

inline constexpr Ending AllEndings[] = {Ending::Done,    Ending::Declined, Ending::Refused,
                                        Ending::Unknown, Ending::NoAnswer, Ending::NotSent};

const char *nameOf(Ending ending);

/// One operation of one client, and what became of it.
struct Entry
{
    int client = 0;
    int account = 0;
    int number = 0; ///< Counts a client's operations.
    Operation operation;
    Moment begin{0}; ///< Before its first byte left.
    Moment end{0};   ///< After the last byte of its answer had come.
    Ending ending = Ending::NotSent;
    int status = 0;
    Value stored;                        ///< What an upload would store.
    Value seen;                          ///< By a read that is Done.
    std::optional<QByteArrayList> names; ///< Of a listing that is Done.
    qint64 sequence = -1;                ///< A number that is Done.
    QByteArray words;                    ///< What an answer said, or what a file consists of.

    /// What it left behind may be there.
    bool mayHaveHappened() const { return ending != Ending::Declined && ending != Ending::NotSent; }

    /// One line, for the history of a path.
    QByteArray toText() const;
};

using Journal = std::vector<Entry>;

/// Something that was done to the ring or its servers.
struct Event
{
    Moment at{0};
    QByteArray words;
};

/// The folder that a path is in; "" for what is at the top.
QByteArray folderOf(const QByteArray &path);

/// "12.345678 s".
QByteArray toText(Moment moment);

} // namespace cring::chaos
