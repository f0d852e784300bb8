// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/random.h"
#include "tests/chaos/journal.h"

namespace cring::chaos {

/// What one client does, operation by operation: it follows from the seed alone, whatever is answered.
///
/// Every client changes names of its own, in folders of its own and in one that it shares, and reads what the
/// clients of its account change. Names, below the account:
///
///     c3/d0/f1        overwritten, deleted and made again, as is d0; d0/e/f1 a level deeper
///     c3/n2/f37       written once, sixteen in a folder; some are deleted, now and then with the folder
///     c3/k            in turn a file, nothing, a folder with a file in it, nothing
///     shared/c3-f1    in a folder that several clients write to
class Script
{
public:
    struct Options
    {
        quint64 seed = 1;
        int clients = 8;
        int accounts = 2; ///< Client N belongs to account N modulo this.
    };

    Script(const Options &options, int client);

    Operation next();

private:
    Operation upload();
    Operation uploadFresh();
    Operation remove();
    Operation makeFolder();
    Operation read();
    Operation changeKind();
    QByteArray folder(int client);
    QByteArray file(int client);
    QByteArray freshFile(int index) const;
    qint64 size();
    quint32 mode();
    int below(int bound) { return static_cast<int>(m_random.below(static_cast<quint64>(bound))); }

    Options m_options;
    int m_client;
    SeededRandom m_random;
    int m_fresh = 0; ///< Files written once so far.
    int m_kinds = 0; ///< Steps of the name that changes its kind.
};

} // namespace cring::chaos
