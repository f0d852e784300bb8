// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArrayView>
#include <QList>
#include <QString>

#include <array>
#include <span>
#include <vector>

namespace cring::ring {

/// A server as placement sees it.
struct Member
{
    QString id;          ///< Stable: neither the URL nor the name that people see. Each member has its own.
    double weight = 1.0; ///< Share of the files relative to the others; > 0, finite.

    bool operator==(const Member &) const = default;
};

/// Which servers keep which files: weighted rendezvous hashing over 4096 partitions. A pure function of the
/// members (in any order) and the number of copies, the same on every machine and in every version: a change
/// would move files.
///
/// 1. A file's partition is XXH64(seed 0) of the UTF-8 bytes "<charm id>/<escaped path>", modulo 4096.
/// 2. A member draws a number u in (0, 1) for each partition: its 4096 partitions are ranked by XXH64 of its
/// id
///    (UTF-8, seed = partition; equal hashes by partition), and u = (rank + f) / 4096 with f in (0, 1) from
///    XXH64 of the id with seed 4096 + partition. Ranks rather than raw hashes, so that no member draws
///    luckily overall: that halves how far the fullest one is above the mean. A member's draws depend on
///    nobody else, so that a join or a leave moves only what it must.
/// 3. p is the share of partitions that a member should hold a copy of: copies · weight / total weight, at
/// most 1;
///    what is above 1 goes to the others.
/// 4. A partition's members are ordered by p/(1−p) · u/(1−u), largest first (Pareto order sampling: Rosén,
/// "On
///    sampling with probability proportional to size", 1997), then by u, then by id. The first are its
///    owners, the rest take handoffs, in this order. With equal weights this is the order of plain rendezvous
///    hashing, −weight/ln(u). With unequal ones that formula gives only the first copy in proportion; taken
///    together, the copies of a member that should have half of the others' would be up to 28 % too many.
///
/// 5. With unequal weights, chance leaves small members up to 5 % off their share of 4096 partitions. So the
/// odds
///    p/(1−p) of each are moved six times by how far what it owns is from its target. With equal weights
///    nothing is moved, and a join or a leave moves only what it must.
///
/// Immutable after construction: any thread. Lookups do not allocate. 8 KiB a member.
class Ring
{
public:
    static constexpr int kPartitions = 4096;
    static constexpr int kMaxMembers = 255;

    /// A member's draws, by partition.
    using Draws = std::array<double, kPartitions>;

    /// No members, no owners.
    Ring() = default;
    /// At most kMaxMembers; ids differ; copies >= 1. About 1 ms a member.
    Ring(QList<Member> members, int copies);

    const QList<Member> &members() const { return m_members; }

    /// min(copies, members).
    int copies() const { return m_copies; }

    /// Of "<charm id>/<escaped path>".
    static int partitionOf(QByteArrayView key);
    /// The same from its two halves.
    static int partitionOf(QByteArrayView charmId, QByteArrayView escapedPath);

    /// Indexes into members(), all of them: the owners, best first, then the others in the order of handoffs.
    std::span<const quint16> order(int partition) const;

    /// The first copies() of order().
    std::span<const quint16> owners(int partition) const { return order(partition).first(size(m_copies)); }

    /// The share of partitions, from 0 to 1, that each member should hold a copy of (p above); by member
    /// index.
    const std::vector<double> &targets() const { return m_targets; }

private:
    void sortMembers(const std::vector<Draws> &draws, const std::vector<double> &odds);
    void correct(std::vector<double> &odds) const;

    static size_t size(qsizetype count) { return static_cast<size_t>(count); }

    QList<Member> m_members;
    int m_copies = 0;
    std::vector<double> m_targets;
    std::vector<quint16> m_order; ///< kPartitions rows of members().size().
};

/// How many copies a ring holds that another did not: each is a file to be moved. In units of partitions;
/// members are matched by id.
int movedCopies(const Ring &from, const Ring &to);

/// What no placement could do better: the sum of what each member's target grows by, in units of partitions.
double leastMovedCopies(const Ring &from, const Ring &to);

} // namespace cring::ring
