// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/shutdownsafety.h"

#include "ui/models/wording.h"

#include <algorithm>

namespace cring::models {

using control::BackendStatus;
using control::Snapshot;

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::models::ShutdownSafety)
};

/// For tr(): its plurals are chosen by an int.
int plural(qint64 count)
{
    return static_cast<int>(std::min<qint64>(count, 1'000'000));
}

bool takesFiles(const BackendStatus &backend)
{
    return backend.state == QStringLiteral("up") && backend.breaker != QStringLiteral("open") &&
           backend.unknownAccounts == 0;
}

int uploadsUnderWay(const Snapshot &snapshot)
{
    const auto uploads =
        std::ranges::find(snapshot.requests, QStringLiteral("upload"), &control::RequestStatus::kind);
    return uploads == snapshot.requests.end() ? 0 : uploads->inFlight;
}

/// What the servers of one kind have not got.
struct Debt
{
    qint64 files = 0;
    QStringList servers;
};

Debt debtOf(const Snapshot &snapshot, bool ofThoseThatTakeFiles)
{
    Debt debt;
    for (const BackendStatus &backend : snapshot.backends) {
        if (backend.owed == 0 || takesFiles(backend) != ofThoseThatTakeFiles)
            continue;
        debt.files += backend.owed;
        debt.servers.append(backend.name);
    }
    return debt;
}

} // namespace

ShutdownSafety shutdownSafety(const SnapshotPtr &snapshot)
{
    using State = ShutdownSafety::State;
    if (!snapshot)
        return {State::Unknown, Words::tr("Whether it is safe to shut down is not known")};
    if (const int uploads = uploadsUnderWay(*snapshot); uploads > 0)
        return {State::Soon,
                Words::tr("Not yet safe to shut down: %n upload(s) under way", nullptr, uploads)};
    const Debt coming = debtOf(*snapshot, true);
    const Debt stuck = debtOf(*snapshot, false);
    if (coming.files > 0 && !snapshot->paused)
        return {State::Soon, Words::tr("Not yet safe to shut down: %1 on the way to %2")
                                 .arg(Wording::files(coming.files), Wording::enumeration(coming.servers))};
    if (const qint64 files = coming.files + stuck.files; files > 0)
        return {State::Waiting,
                Words::tr("Not safe to shut down: %n file(s) wait for %1", nullptr, plural(files))
                    .arg(Wording::enumeration(coming.servers + stuck.servers))};
    if (snapshot->spoolFiles > 0)
        return {State::Waiting,
                Words::tr("Not safe to shut down: %n file(s) lie on this machine's disk alone", nullptr,
                          plural(snapshot->spoolFiles))};
    return {State::Safe, Words::tr("Safe to shut down: every file has its copies")};
}

} // namespace cring::models
