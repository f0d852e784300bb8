// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/chaos/report.h"

#include <algorithm>

namespace cring::chaos {

namespace {

constexpr int MaxHistories = 6; ///< Breaches of each kind of which everything is told.
constexpr size_t MaxLines = 60; ///< Of one history: the last ones.
constexpr int PlannedOperations = 20;

QByteArray padded(const QByteArray &text, int width)
{
    return text.rightJustified(width, ' ');
}

QByteArray seconds(milliseconds time)
{
    return QByteArray::number(static_cast<double>(time.count()) / 1000, 'f', 1) + " s";
}

QByteArray counts(const Journal &journal)
{
    constexpr int width = 11;
    constexpr Operation::Kind kinds[] = {Operation::Kind::Upload, Operation::Kind::Delete,
                                         Operation::Kind::MakeFolder, Operation::Kind::Read,
                                         Operation::Kind::Number};
    QByteArray text = QByteArray("operation").leftJustified(width, ' ');
    for (const Ending ending : AllEndings)
        text += padded(nameOf(ending), width);
    text += '\n';
    for (const Operation::Kind kind : kinds) {
        text += QByteArray(nameOf(kind)).leftJustified(width, ' ');
        for (const Ending ending : AllEndings) {
            const auto count = std::count_if(journal.begin(), journal.end(), [&](const Entry &entry) {
                return entry.operation.kind == kind && entry.ending == ending;
            });
            text += padded(QByteArray::number(count), width);
        }
        text += '\n';
    }
    return text;
}

/// How often which status was the answer to what was refused.
QByteArray refusals(const Journal &journal)
{
    std::map<int, int> counts;
    for (const Entry &entry : journal) {
        if (entry.ending == Ending::Declined || entry.ending == Ending::Refused)
            ++counts[entry.status];
    }
    QByteArrayList words;
    for (const auto &[status, count] : counts)
        words << QByteArray::number(count) + " × " + QByteArray::number(status);
    return words.isEmpty() ? QByteArray() : "refusals: " + words.join(", ") + '\n';
}

QByteArray faults(const FaultInjector::Counts &counts)
{
    QByteArray text = "the ring was killed " + QByteArray::number(counts.ringKills) + " times (" +
                      QByteArray::number(counts.killsInStart) + " while it started); servers were killed " +
                      QByteArray::number(counts.serverKills) + " times and stopped " +
                      QByteArray::number(counts.serverStops) + " times\n";
    if (!counts.starts.empty()) {
        std::vector<milliseconds> starts = counts.starts;
        std::sort(starts.begin(), starts.end());
        text += "the ring's starts took " + QByteArray::number(starts[starts.size() / 2].count()) +
                " ms (median), " + QByteArray::number(starts.back().count()) + " ms at most\n";
    }
    return text;
}

/// It changed the path, or what is above or below it, or somebody looked there.
bool concerns(const Entry &entry, const PathKey &key)
{
    const QByteArray &path = entry.operation.path;
    if (entry.account != key.account || entry.operation.kind == Operation::Kind::Number)
        return false;
    if (path == key.path)
        return true;
    const bool below = key.path.isEmpty() || path.startsWith(key.path + '/');
    const bool above = key.path.startsWith(path + '/') && entry.operation.kind != Operation::Kind::MakeFolder;
    return entry.operation.changes() && (below || above);
}

QByteArray history(const PathKey &key, const Findings &findings)
{
    std::vector<std::pair<Moment, QByteArray>> lines;
    for (const Entry &entry : findings.journal) {
        if (concerns(entry, key))
            lines.emplace_back(entry.begin, entry.toText());
    }
    const auto earliest = std::min_element(lines.begin(), lines.end());
    const Moment first = earliest == lines.end() ? Moment(0) : earliest->first;
    for (const Event &event : findings.events) {
        if (event.at >= first)
            lines.emplace_back(event.at, toText(event.at) + ": " + event.words);
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    QByteArray text;
    if (lines.size() > MaxLines)
        text += "      (" + QByteArray::number(lines.size() - MaxLines) + " lines before)\n";
    for (size_t i = lines.size() > MaxLines ? lines.size() - MaxLines : 0; i < lines.size(); ++i)
        text += "      " + lines[i].second + '\n';
    return text;
}

QByteArray breaches(const Findings &findings)
{
    QByteArray text;
    for (const Breach::Kind kind : AllBreaches) {
        const auto count = std::count_if(findings.breaches.begin(), findings.breaches.end(),
                                         [kind](const Breach &breach) { return breach.kind == kind; });
        if (count > 0)
            text += QByteArray("  ") + nameOf(kind) + ": " + QByteArray::number(count) + '\n';
    }
    std::map<Breach::Kind, int> told;
    for (size_t i = 0; i < findings.breaches.size(); ++i) {
        const Breach &breach = findings.breaches[i];
        text += QByteArray("  ") + QByteArray::number(i + 1) + ". " + nameOf(breach.kind) + ": " +
                (breach.path ? "account " + QByteArray::number(breach.path->account) + ", " : QByteArray()) +
                breach.words + '\n';
        if (breach.path && ++told[breach.kind] <= MaxHistories)
            text += history(*breach.path, findings);
    }
    return text;
}

} // namespace

QByteArray planText(const ChaosOptions &options)
{
    QByteArray text;
    for (const Fault &fault : planFaults(options.faults))
        text += fault.words() + '\n';
    for (int client = 0; client < options.script.clients; ++client) {
        Script script(options.script, client);
        for (int number = 0; number < PlannedOperations; ++number) {
            const Operation operation = script.next();
            text += "client " + QByteArray::number(client) + ", operation " + QByteArray::number(number) +
                    ": " + nameOf(operation.kind) + ' ' + operation.path + ' ' +
                    QByteArray::number(operation.size) + '\n';
        }
    }
    return text;
}

QByteArray report(const ChaosOptions &options, const Findings &findings)
{
    QByteArray text = counts(findings.journal) + refusals(findings.journal) +
                      QByteArray::number(findings.journal.size()) + " operations of " +
                      QByteArray::number(options.script.clients) + " clients in " + seconds(findings.load) +
                      '\n' + faults(findings.faults);
    text += findings.healed
                ? "the servers were equal " + seconds(*findings.healed) + " after everything was up\n"
                : "the servers have not become equal within " + seconds(options.healLimit) + '\n';
    text += QByteArray::number(findings.paths) + " paths read back";
    text += findings.told == 0 ? "\n" : ", " + QByteArray::number(findings.told) + " are left to a person\n";
    text += findings.breaches.empty() ? QByteArray("no breach\n")
                                      : QByteArray::number(findings.breaches.size()) + " breaches\n";
    text += breaches(findings);
    if (!findings.deeds.isEmpty())
        text += "sabotage, and how it was found:\n  " + findings.deeds.join("\n  ") + '\n';
    if (!findings.unproven.isEmpty())
        text += "the oracle is wrong about:\n  " + findings.unproven.join("\n  ") + '\n';
    return text;
}

} // namespace cring::chaos
