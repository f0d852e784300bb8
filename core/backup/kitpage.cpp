// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/kitpage.h"

#include <QDateTime>

namespace cring::backup {

namespace {

QByteArray commandFor(const KitPlace &place)
{
    QByteArray command = "    cring backup recover --kit - --write-config \\\n        --url " +
                         place.url.toUtf8() + " \\\n        --bucket " + place.bucket.toUtf8() +
                         " --region " + place.region.toUtf8();
    if (!place.addressing.isEmpty() && place.addressing != QLatin1String("auto"))
        command += " --addressing " + place.addressing.toUtf8();
    if (!place.caFile.isEmpty())
        command +=
            " \\\n        --ca-file FILE (the certificates that were in " + place.caFile.toUtf8() + ')';
    return command + '\n';
}

} // namespace

Secret kitPage(const RecoveryKit &kit, const QList<KitPlace> &places, std::chrono::milliseconds madeAt)
{
    const QByteArray when = QDateTime::fromMSecsSinceEpoch(madeAt.count(), Qt::UTC)
                                .toString(QStringLiteral("yyyy-MM-dd HH:mm"))
                                .toLatin1();
    QByteArray page;
    page.reserve(RecoveryKit::kLongestText / 8); // grown, it would leave a copy behind
    page += "CHARMED RING RECOVERY KIT " + kitName(kit.publicHalf()) + "\nmade " + when +
            " UTC\n\n"
            "The files in the backup are encrypted, and can be read only with the accounts' keys and\n"
            "the servers' key. These are saved beside the files, sealed so that only this page opens them.\n"
            "Whoever has this page and the keys of the bucket can sign in as everybody: keep it\n"
            "on paper, away from the machines and from the bucket's keys.\n\n";
    const Secret lines = kit.lines();
    QByteArrayView rest = lines.view();
    while (!rest.isEmpty()) {
        const qsizetype end = rest.indexOf('\n') + 1;
        page += "    ";
        page += rest.first(end);
        rest = rest.sliced(end);
    }
    page += "\nThe letters are 0-9 and A-Z without I, L, O and U. The last sign of a line checks the line: "
            "it may\nalso be * ~ $ = or U.\n\n";
    for (const KitPlace &place : places)
        page += "Backup: bucket " + place.bucket.toUtf8() + " at " + place.url.toUtf8() + ", region " +
                place.region.toUtf8() + "\n";
    page +=
        "\nWhen everything else is lost, on a new machine with Charmed Ring installed and the bucket's keys\n"
        "in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY:\n\n";
    if (places.isEmpty())
        page += commandFor({QStringLiteral("URL"), QStringLiteral("BUCKET"), QStringLiteral("REGION")});
    for (const KitPlace &place : places)
        page += commandFor(place);
    page += "    (type the two lines above, then Ctrl-D)\n"
            "    cring serve\n\n"
            "Then set up servers as docs/recovery.md says. To see whether a copy of this page is right:\n\n"
            "    cring identity recovery-kit check -\n";
    return Secret(std::move(page));
}

} // namespace cring::backup
