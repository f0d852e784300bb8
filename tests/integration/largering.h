// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/integration/faultyring.h"

namespace cring::test {

/// A ring that has lived long: its servers hold many files, and its state directory knows them, as if it had
/// stored them itself. Storing a hundred thousand through it would take a quarter of an hour.
class LargeRing
{
public:
    struct Counts
    {
        int files = 0;
        int owed = 0;        ///< Of these, the first that the last server has not got yet.
        bool onDisk = false; ///< The servers have them; else only the ring believes so.
    };

    LargeRing();

    /// Servers and ring, with these files.
    Status start(const Counts &counts);
    FaultyRing &ring() { return m_ring; }

    static QByteArray path(int file);
    static QByteArray content(int file);

private:
    Status fill(const Counts &counts);
    Status write(int server, int from, int to);

    FaultyRing m_ring;
};

} // namespace cring::test
