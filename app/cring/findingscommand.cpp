// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/findingscommand.h"

#include "core/base/words.h"

#include <QJsonArray>

namespace cring::app {

namespace {

constexpr QLatin1String kKind("kind");

QString sizeOf(const QJsonObject &entry)
{
    const QJsonValue size = entry.value(QLatin1String("size"));
    return size.isDouble() ? words::bytes(size.toInteger()) : QStringLiteral("-");
}

/// What a kind of finding means, and what a person can do about it. Empty for one of another release.
QString meaning(const QString &kind)
{
    if (kind == QStringLiteral("unexplained"))
        return QStringLiteral("unexplained: a file that too few servers have and nobody recorded; perhaps a "
                              "delete that did not reach all. `cring repair --adopt PATH` keeps it, `cring "
                              "repair --forget PATH` says that it was deleted.");
    if (kind == QStringLiteral("absence"))
        return QStringLiteral(
            "absence: most owners have lost a recorded file, this one too; perhaps somebody deleted it. "
            "`cring "
            "repair PATH` brings it back, `cring repair --forget PATH` says that it was deleted.");
    if (kind == QStringLiteral("damage"))
        return QStringLiteral("damage: a copy is not what was stored. It is put right by itself.");
    if (kind == QStringLiteral("conflict"))
        return QStringLiteral(
            "conflict: several versions, and no record that says which holds. `cring conflicts list` shows "
            "them, `cring conflicts choose ID` says which one it is.");
    if (kind == QStringLiteral("lost"))
        return QStringLiteral(
            "lost: no server has the recorded version any more. `cring repair --forget PATH` "
            "says that it was deleted; storing it again ends this, too.");
    return {};
}

} // namespace

QString findingsTable(const Terminal &terminal, const QJsonArray &findings)
{
    PaintedTable table;
    table.addRow({heading("FINDING"), heading("SERVER"), heading("SIZE", true), heading("FOR", true),
                  heading("PATH")});
    for (const QJsonValue value : findings) {
        const QJsonObject finding = value.toObject();
        const QString server = finding.value(QLatin1String("server")).toString();
        // Whole: it is what `cring repair` takes.
        const QString path = finding.value(QLatin1String("account")).toString() + u'/' +
                             finding.value(QLatin1String("path")).toString();
        table.addRow({{finding.value(kKind).toString(), Tone::Warning},
                      {server.isEmpty() ? QStringLiteral("all") : server},
                      {sizeOf(finding), Tone::Plain, true},
                      {shownAge(finding, QStringLiteral("sinceMs")), Tone::Plain, true},
                      {path}});
    }
    return table.toString(terminal);
}

FindingsListCommand::FindingsListCommand(ServiceCommandContext context)
    : PagedCommand(std::move(context), QStringLiteral("findings.list"), {}, QStringLiteral("findings"))
{
}

void FindingsListCommand::showEntries(const QJsonArray &entries)
{
    if (entries.isEmpty())
        return;
    for (const QJsonValue value : entries) {
        const QString kind = value.toObject().value(kKind).toString();
        if (!m_kinds.contains(kind))
            m_kinds.append(kind);
    }
    print(findingsTable(terminal(), entries));
}

void FindingsListCommand::showEnd(const QJsonObject &last)
{
    const QJsonArray clashes = last.value(QLatin1String("clashes")).toArray();
    if (count() == 0 && clashes.isEmpty())
        print(QStringLiteral("Nothing was found that a person has to decide.\n"));
    for (const QJsonValue clash : clashes)
        print(terminal().paint(Tone::Warning, QStringLiteral("Accounts:")) + u' ' + plain(clash.toString()) +
              u'\n');
    if (const qint64 more = last.value(QLatin1String("overflow")).toInteger(); more > 0)
        print(QStringLiteral("%1 more were found than can be kept.\n").arg(more));
    for (const QString &kind : m_kinds) {
        if (const QString words = meaning(kind); !words.isEmpty())
            advise(words);
    }
}

QJsonObject FindingsListCommand::summary(const QJsonObject &last) const
{
    return {{QStringLiteral("findings"), count()},
            {QStringLiteral("overflow"), last.value(QLatin1String("overflow"))},
            {QStringLiteral("clashes"), last.value(QLatin1String("clashes"))}};
}

ConflictsListCommand::ConflictsListCommand(ServiceCommandContext context)
    : PagedCommand(std::move(context), QStringLiteral("conflicts.list"), {}, QStringLiteral("conflicts"))
{
}

void ConflictsListCommand::showEntries(const QJsonArray &entries)
{
    for (const QJsonValue value : entries) {
        const QJsonObject conflict = value.toObject();
        PaintedTable table;
        const auto row = [&](const QString &id, const QString &where, const QJsonObject &version) {
            table.addRow({{id, Tone::Strong, true},
                          {where},
                          {sizeOf(version), Tone::Plain, true},
                          {version.value(QLatin1String("digest")).toString()},
                          {shownAge(version, QStringLiteral("sinceMs")), Tone::Plain, true}});
        };
        table.addRow({heading("ID", true), heading("VERSION"), heading("SIZE", true), heading("DIGEST"),
                      heading("ASIDE FOR", true)});
        const QJsonObject current = conflict.value(QLatin1String("current")).toObject();
        QStringList holders;
        for (const QJsonValue holder : conflict.value(QLatin1String("holders")).toArray())
            holders.append(holder.toString());
        const bool holds = !current.isEmpty() && !current.value(QLatin1String("deleted")).toBool();
        row(QStringLiteral("-"),
            holds               ? QStringLiteral("holds now, on %1").arg(words::enumeration(holders))
            : current.isEmpty() ? QStringLiteral("nothing holds yet: the servers differ")
                                : QStringLiteral("nothing holds now: it was deleted"),
            current);
        for (const QJsonValue kept : conflict.value(QLatin1String("kept")).toArray()) {
            const QJsonObject version = kept.toObject();
            row(QString::number(version.value(QLatin1String("id")).toInteger()),
                QStringLiteral("kept from %1").arg(version.value(QLatin1String("server")).toString()),
                version);
        }
        print(terminal().paint(Tone::Strong, plain(conflict.value(QLatin1String("account")).toString() +
                                                   u'/' + conflict.value(QLatin1String("path")).toString())) +
              u'\n' + table.toString(terminal()) + u'\n');
    }
}

void ConflictsListCommand::showEnd(const QJsonObject &)
{
    if (count() == 0)
        print(QStringLiteral("No version of any file is kept aside.\n"));
    else
        advise(QStringLiteral(
            "`cring conflicts choose ID` makes a kept version the one that holds, and keeps the "
            "other; `cring conflicts discard ID` throws one away for good."));
}

ConflictCommand::ConflictCommand(ServiceCommandContext context, Options options)
    : ServiceCommand(std::move(context))
    , m_options(options)
{
}

void ConflictCommand::handleOpened(const control::ServiceInfo &)
{
    find({});
}

/// The version, and what holds beside it, so as to say what follows.
void ConflictCommand::find(const QString &after)
{
    const QJsonObject params =
        after.isEmpty() ? QJsonObject() : QJsonObject{{QStringLiteral("after"), after}};
    call(QStringLiteral("conflicts.list"), params, [this](const QJsonObject &answer) {
        for (const QJsonValue value : answer.value(QLatin1String("conflicts")).toArray()) {
            const QJsonObject conflict = value.toObject();
            for (const QJsonValue kept : conflict.value(QLatin1String("kept")).toArray()) {
                if (kept.toObject().value(QLatin1String("id")).toInteger() != m_options.id)
                    continue;
                m_conflict = conflict;
                m_version = kept.toObject();
            }
        }
        const QString next = answer.value(QLatin1String("next")).toString();
        if (m_version.isEmpty() && !next.isEmpty())
            find(next);
        else if (m_options.dryRun)
            foresee();
        else
            act();
    });
}

bool ConflictCommand::holdsNow() const
{
    const QJsonObject current = m_conflict.value(QLatin1String("current")).toObject();
    return !current.isEmpty() && !current.value(QLatin1String("deleted")).toBool();
}

void ConflictCommand::foresee()
{
    if (m_version.isEmpty()) {
        fail({Code::NotFound,
              QStringLiteral("no version %1 is kept aside (cring conflicts list)").arg(m_options.id)});
        return;
    }
    const QString path = m_conflict.value(QLatin1String("account")).toString() + u'/' +
                         m_conflict.value(QLatin1String("path")).toString();
    if (json())
        printJson({{QStringLiteral("id"), m_options.id},
                   {QStringLiteral("dryRun"), true},
                   {QStringLiteral("conflict"), m_conflict}});
    else if (discards())
        print(QStringLiteral("Version %1 of %2 (%3) would be gone for good.\n")
                  .arg(m_options.id)
                  .arg(plain(path), sizeOf(m_version)));
    else
        print(QStringLiteral("Version %1 (%2) would hold at %3; %4.\n")
                  .arg(m_options.id)
                  .arg(sizeOf(m_version), plain(path),
                       holdsNow() ? QStringLiteral("what holds there now would be kept aside")
                                  : QStringLiteral("nothing holds there now")));
    finish(Ok);
}

void ConflictCommand::act()
{
    const qint64 id = m_options.id;
    if (discards() &&
        !isConfirmed(QStringLiteral("Version %1 will be gone for good. Discard it?").arg(id), m_options.yes))
        return;
    call(
        discards() ? QStringLiteral("conflicts.discard") : QStringLiteral("conflicts.choose"),
        {{QStringLiteral("id"), id}},
        [this, id](const QJsonObject &answer) {
            if (json())
                printJson(answer);
            else if (discards())
                print(QStringLiteral("Version %1 is gone.\n").arg(id));
            else if (holdsNow())
                print(QStringLiteral("Version %1 holds now. What held before is kept aside: `cring conflicts "
                                     "list` shows it.\n")
                          .arg(id));
            else
                print(QStringLiteral("Version %1 holds now. Nothing held there before.\n").arg(id));
            finish(Ok);
        },
        patience);
}

} // namespace cring::app
