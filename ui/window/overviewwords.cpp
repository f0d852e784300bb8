// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/overviewwords.h"

#include "ui/models/wording.h"

#include <algorithm>
#include <numeric>

namespace cring::ui::overview {

using control::BackendStatus;
using control::BackupStatus;
using control::Snapshot;
using models::Tone;
using models::Wording;

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::ui::OverviewPage)
};

int plural(qint64 count)
{
    return static_cast<int>(std::min<qint64>(count, 1'000'000));
}

double share(qint64 part, qint64 all)
{
    return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0;
}

/// "43 have 2 · none has 1 · none is lost", below the wanted number.
QString fewerCopies(const Snapshot &snapshot)
{
    QStringList parts;
    const auto most = std::min<qsizetype>(snapshot.replicas, snapshot.copies.size());
    for (qsizetype n = most - 1; n >= 0; --n) {
        const qint64 files = snapshot.copies.at(n);
        if (n == 0)
            parts.append(files == 0 ? Words::tr("none is without a copy")
                                    : Words::tr("%1 without a good copy").arg(Wording::files(files)));
        else if (files > 0)
            parts.append(Words::tr("%1 with %n copies", nullptr, plural(n)).arg(Wording::files(files)));
    }
    return parts.join(QStringLiteral(" · "));
}

Tone toneOfCopies(qsizetype n, const Snapshot &snapshot)
{
    if (n >= snapshot.replicas)
        return Tone::Good;
    return n >= snapshot.quorum ? Tone::Warning : Tone::Bad;
}

QString backupWords(const BackupStatus &backup, const Snapshot &snapshot)
{
    QStringList parts;
    const qint64 waiting = backup.owed + backup.owedDeletes;
    if (waiting == 0)
        parts.append(Words::tr("nothing waits"));
    else if (backup.oldestMs)
        parts.append(Words::tr("%1 waiting, the oldest for %2")
                         .arg(Wording::files(waiting), Wording::age(*backup.oldestMs, snapshot.takenMs)));
    else
        parts.append(Words::tr("%1 waiting").arg(Wording::files(waiting)));
    parts.append(Words::tr("%n object(s) stored", nullptr, plural(backup.objects)));
    if (!snapshot.recoveryKit.name.isEmpty())
        parts.append(Words::tr("recovery kit %1").arg(snapshot.recoveryKit.name));
    else
        parts.append(Words::tr("no recovery kit: the accounts are not saved"));
    return parts.join(QStringLiteral(" · "));
}

/// What is owed to a server, and what will become of it.
QString owedWords(const BackendStatus &backend)
{
    if (backend.owed == 0)
        return {};
    return Words::tr("%1 wait for it on the other servers and are delivered when it is back.")
        .arg(Wording::files(backend.owed));
}

} // namespace

Figure copies(const Snapshot &snapshot)
{
    if (snapshot.copies.isEmpty())
        return {Wording::nothing(),
                Words::tr("not counted yet"),
                {},
                Words::tr("The files are counted after the first check of the servers.")};
    const qint64 all = std::accumulate(snapshot.copies.begin(), snapshot.copies.end(), qint64(0));
    if (all == 0)
        return {Wording::number(0),
                Words::tr("files yet"),
                {},
                Words::tr("Point a charm client at the ring; its first upload shows up here.")};
    Figure figure;
    qint64 complete = 0;
    for (qsizetype n = snapshot.copies.size() - 1; n >= 0; --n) {
        const qint64 files = snapshot.copies.at(n);
        if (n >= snapshot.replicas)
            complete += files;
        figure.parts.append({share(files, all), toneOfCopies(n, snapshot)});
    }
    figure.figure = Wording::number(complete);
    figure.meaning =
        Words::tr("of %1 have all %n copies", nullptr, snapshot.replicas).arg(Wording::files(all));
    figure.words = complete == all ? Words::tr("Every file is where it should be") : fewerCopies(snapshot);
    if (snapshot.countedMs)
        figure.words = Words::tr("%1 · counted %2 ago")
                           .arg(figure.words, Wording::age(*snapshot.countedMs, snapshot.takenMs));
    return figure;
}

Figure backup(const Snapshot &snapshot)
{
    if (snapshot.backups.isEmpty())
        return {Words::tr("None"),
                Words::tr("is set up"),
                {},
                Words::tr("The servers are the only places of your files. A bucket at any S3-compatible "
                          "store would be one more.")};
    // The one that is furthest behind speaks for all.
    const auto worst = std::ranges::max_element(snapshot.backups, {}, [&](const BackupStatus &one) {
        return snapshot.takenMs - one.verifiedMs.value_or(0);
    });
    Figure figure;
    figure.figure =
        worst->verifiedMs ? Wording::age(*worst->verifiedMs, snapshot.takenMs) : Words::tr("Never");
    figure.meaning = worst->verifiedMs ? Words::tr("since the last verified copy in “%1”").arg(worst->name)
                                       : Words::tr("verified: “%1”").arg(worst->name);
    const qint64 waiting = worst->owed + worst->owedDeletes;
    figure.parts.append({share(worst->objects, worst->objects + waiting), Tone::Good});
    figure.parts.append({share(waiting, worst->objects + waiting), Tone::Warning});
    figure.words = backupWords(*worst, snapshot);
    return figure;
}

QString detail(const models::Condition &condition, const Snapshot &snapshot)
{
    QStringList sentences;
    if (!condition.causes.isEmpty() && !condition.causes.first().server.isEmpty()) {
        const auto found =
            std::ranges::find(snapshot.backends, condition.causes.first().server, &BackendStatus::name);
        if (found != snapshot.backends.end()) {
            if (found->state == QStringLiteral("down") && !found->reason.isEmpty())
                sentences.append(
                    Words::tr("It %1.", "%1: a reason such as: refused the connection").arg(found->reason));
            sentences.append(owedWords(*found));
        }
    }
    constexpr qsizetype kMost = 3;
    for (qsizetype i = 1; i < std::min(condition.causes.size(), kMost + 1); ++i)
        sentences.append(condition.causes.at(i).text + u'.');
    sentences.removeAll(QString());
    return sentences.join(u' ');
}

QString clients(const Snapshot &snapshot)
{
    int uploads = 0;
    int downloads = 0;
    for (const control::RequestStatus &request : snapshot.requests) {
        if (request.kind == QStringLiteral("upload"))
            uploads = request.inFlight;
        else if (request.kind == QStringLiteral("download"))
            downloads = request.inFlight;
    }
    QStringList parts{Words::tr("Clients come in at %1").arg(snapshot.httpAddress)};
    if (uploads > 0)
        parts.append(Words::tr("%n upload(s) under way", nullptr, uploads));
    if (downloads > 0)
        parts.append(Words::tr("%n download(s) under way", nullptr, downloads));
    return parts.join(QStringLiteral(" · "));
}

} // namespace cring::ui::overview
