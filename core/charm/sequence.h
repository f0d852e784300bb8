// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QList>
#include <QString>

#include <optional>
#include <vector>

namespace cring::charm {

/// The answer of /v1/seq/NAME: {"seq":N}. All 64 bits.
Result<quint64> parseSequence(QByteArrayView json);
/// As Go's encoder writes it, with its newline.
QByteArray sequenceJson(quint64 number);

/// {"message": …} and a newline: the one form of an error that the charm client shows (client/http.go).
QByteArray messageJson(const QString &message);

/// One POST of a number, over all backends: the number is good once a majority's *own rows* have reached it.
///
/// A backend's row is what it answered last; each POST adds one to it. The answer is the largest row that a
/// counted backend has said, and at least the floor plus one. A backend whose row is below is posted again
/// until it has reached the answer; only then does it count. So any later round meets, in its majority, a row
/// that is at least this number, and its own first POST there says more. A maximum over two answers does not
/// have that: A = 4, B = 4, C = 2 gives 5 from B and C (5 and 3), and 5 again from A and C (5 and 4).
///
/// A backend never says one row to two rounds, so this holds even for rounds at the same time, of this ring
/// or another. The caller still runs those of one (account, name) one after another, for they make each
/// other's work longer, and makes the answer the next floor, on disk, before it goes out. Pure: no I/O, no
/// clock.
class SequenceRound
{
public:
    /// floor: the largest number handed out so far, if one is known. maxPosts: how often one backend is
    /// posted before it is given up as too far behind; it is owed the rest.
    SequenceRound(int backends, std::optional<quint64> floor, int maxPosts = 256);

    /// The backends to POST to now. Each is handed out once until its answered() or failed().
    QList<int> takePosts();
    /// What a backend's POST said.
    void answered(int backend, quint64 row);
    /// Its POST gave no answer: it takes no further part. It may have counted up all the same, which does no
    /// harm.
    void failed(int backend);

    /// The number to hand out, once a majority of all backends has reached it. It is final: late answers of
    /// others may still come and change nothing.
    std::optional<quint64> answer() const { return m_answer; }

    /// So many have failed that no majority can be reached: the request has to be refused.
    bool hopeless() const;

    /// It takes no further part.
    bool hasFailed(int backend) const { return m_backends[static_cast<size_t>(backend)].failed; }

    /// The row a backend has said last; nothing when it has said none. For what is owed afterwards.
    std::optional<quint64> row(int backend) const { return m_backends[static_cast<size_t>(backend)].row; }

private:
    struct Backend
    {
        std::optional<quint64> row;
        int posts = 0;
        bool pending = false;
        bool failed = false;
    };

    size_t majority() const { return m_backends.size() / 2 + 1; }

    void settle();

    std::vector<Backend> m_backends;
    quint64 m_target = 0; ///< No answer can be below.
    int m_maxPosts;
    std::optional<quint64> m_answer;
};

} // namespace cring::charm
