// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/decisionwords.h"

#include <QCoreApplication>

namespace cring::ui::decision {

using models::FindingRow;
using models::KeptVersionRow;
using models::Remedy;
using models::Wording;

namespace {

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::ui::DecisionsPage)
};

/// "charm2: a1b2…, 4 KiB", the first ones, a line each.
QString listed(const QList<FindingRow> &findings)
{
    constexpr qsizetype kMost = 5;
    constexpr qsizetype kPath = 48;
    QStringList lines;
    for (const FindingRow &finding : findings.first(std::min(kMost, findings.size()))) {
        const QString path =
            finding.path.size() > kPath ? finding.path.left(kPath) + QStringLiteral("…") : finding.path;
        const QString size = finding.size ? Wording::bytes(*finding.size) : Words::tr("unknown size");
        lines.append(finding.server.isEmpty() ? Words::tr("%1, %2").arg(path, size)
                                              : Words::tr("%1, %2, on %3").arg(path, size, finding.server));
    }
    if (findings.size() > kMost)
        lines.append(Words::tr("and %n more", nullptr, static_cast<int>(findings.size() - kMost)));
    return lines.join(u'\n');
}

QString total(const QList<FindingRow> &findings)
{
    qint64 bytes = 0;
    for (const FindingRow &finding : findings)
        bytes += finding.size.value_or(0);
    return Words::tr("%1 (%2)").arg(Wording::files(findings.size()), Wording::bytes(bytes));
}

} // namespace

Question choosing(const KeptVersionRow &version, const KeptVersionRow *current, qint64 nowMs)
{
    const QString now = current
                            ? Words::tr("What holds now, %1, is kept aside: it can be chosen again.")
                                  .arg(models::keptVersionWords(*current, nowMs))
                            : Words::tr("What the servers have now is kept aside: it can be chosen again.");
    return {Words::tr("Choose a version"), Words::tr("Make this the version that holds?"),
            Words::tr("All clients get the version of %1, and every server of the file gets it. %2")
                .arg(models::keptVersionWords(version, nowMs), now),
            Words::tr("Make it &hold"), false};
}

Question discarding(const KeptVersionRow &version, qint64 nowMs)
{
    return {
        Words::tr("Throw a version away"), Words::tr("Throw this version away for good?"),
        Words::tr("The version of %1 is deleted from where it is kept aside. The file itself stays as it is. "
                  "This cannot be undone.")
            .arg(models::keptVersionWords(version, nowMs)),
        Words::tr("&Throw away"), true};
}

Question mending(Remedy remedy, const QList<FindingRow> &findings)
{
    switch (remedy) {
    case Remedy::Adopt:
        return {Words::tr("Take over files"), Words::tr("Take over %1?").arg(total(findings)),
                Words::tr("Clients see them from then on, and every server that should have a copy gets one. "
                          "Nothing is written over.\n\n%1")
                    .arg(listed(findings)),
                Words::tr("&Take over"), false};
    case Remedy::Mend:
        return {
            Words::tr("Bring files back"), Words::tr("Bring back %1?").arg(total(findings)),
            Words::tr("They are brought back from the best copy that is left, on a server, on this machine "
                      "or in a bucket.\n\n%1")
                .arg(listed(findings)),
            Words::tr("&Bring back"), false};
    case Remedy::Forget:
        return {Words::tr("Record a delete"), Words::tr("Were %1 deleted?").arg(total(findings)),
                Words::tr("They count as deleted from then on: copies that are left on few servers are kept "
                          "aside and taken away. What a quorum of servers has is left alone.\n\n%1")
                    .arg(listed(findings)),
                Words::tr("&They were deleted"), true};
    case Remedy::Choose:
        break;
    }
    return {};
}

QString buttonWords(Remedy remedy)
{
    switch (remedy) {
    case Remedy::Adopt:
        return Words::tr("Ta&ke over…");
    case Remedy::Mend:
        return Words::tr("&Bring back…");
    case Remedy::Forget:
        return Words::tr("It was &deleted…");
    case Remedy::Choose:
        return Words::tr("C&hoose a version");
    }
    return {};
}

} // namespace cring::ui::decision
