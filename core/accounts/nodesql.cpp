// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/nodesql.h"

#include "core/accounts/charmfolder.h"
#include "core/base/log.h"

#include <QtEndian>

#include <algorithm>
#include <vector>

namespace cring::accounts {

namespace {

constexpr int kNotWhole = 96;
constexpr int kNoSqlite = 97;
constexpr int kNoFile = 98;
/// A cell of 16 MiB in hex, and its row.
constexpr qsizetype kMostLine = 48 * 1024 * 1024;

/// The text is all there before the first of it is carried out: what came by and by would hold the lock for
/// as long as the line takes, or for good on one that has died. The first line is the file's header, which
/// has the change counter, as it was before. No .sqliterc is read, nothing that lies in the file is run, and
/// nobody waits for a lock.
constexpr const char *kScript = R"sh(
command -v sqlite3 >/dev/null || exit 97
[ -f "$1" ] || exit 98
work=
trap '[ -z "$work" ] || rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM PIPE
work=$(mktemp -d) || exit 1
cat >"$work/text" || exit 1
[ "$(wc -c <"$work/text")" -eq "$2" ] || exit 96
od -An -v -tx1 -N28 -- "$1" | tr -d ' \n' || exit 1
echo
sqlite3 -batch -bail -init /dev/null -cmd '.output /dev/null' -cmd '.dbconfig enable_trigger off' \
    -cmd '.dbconfig defensive on' -cmd '.dbconfig trusted_schema off' -cmd '.output stdout' \
    -cmd '.mode list' -cmd '.headers off' "$1" <"$work/text" >"$work/rows" || exit 1
cat -- "$work/rows"
)sh";

bool isHex(QByteArrayView cell)
{
    return cell.size() % 2 == 0 &&
           std::ranges::all_of(cell, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
}

/// Makes rows of the lines that the program prints.
class Rows
{
public:
    explicit Rows(const std::function<bool(SqlRow)> &row)
        : m_row(row)
    {
    }

    quint32 changeCounter() const { return m_changeCounter; }

    Status take(QByteArrayView piece)
    {
        m_rest.append(piece.data(), piece.size());
        qsizetype begin = 0;
        for (qsizetype end; (end = m_rest.indexOf('\n', begin)) >= 0; begin = end + 1) {
            if (const Status status = takeLine(QByteArrayView(m_rest).sliced(begin, end - begin)); !status)
                return status;
        }
        m_rest.remove(0, begin);
        if (m_rest.size() > kMostLine)
            return Error{Code::AccountsForeign,
                         QStringLiteral("it holds a text that no Charm server has put there")};
        return {};
    }

private:
    Status takeLine(QByteArrayView line)
    {
        if (!std::exchange(m_hasHeader, true)) {
            const QByteArray header = QByteArray::fromHex(line.toByteArray());
            // In WAL mode (2) the counter stands still.
            if (header.size() == 28 && header.at(18) == 1)
                m_changeCounter = qFromBigEndian<quint32>(header.constData() + 24);
            return {};
        }
        m_cells = line.toByteArray().split('|');
        // What is said about changes is plain words; all else was asked for in hex.
        if (isHex(m_cells.constFirst())) {
            for (QByteArray &cell : m_cells)
                cell = QByteArray::fromHex(cell);
        }
        m_views.assign(m_cells.cbegin(), m_cells.cend());
        return m_row(m_views) ? Status() : Status(Error{Code::AccountsStopped, QStringLiteral("called off")});
    }

    const std::function<bool(SqlRow)> &m_row;
    QByteArray m_rest;
    QByteArrayList m_cells;
    std::vector<QByteArrayView> m_views;
    quint32 m_changeCounter = 0;
    bool m_hasHeader = false;
};

/// What the program says, by words that have been the same for twenty years (sqlite3ErrStr() in main.c).
Code codeOf(const QString &said)
{
    const auto says = [&said](const char *words) {
        return said.contains(QLatin1String(words));
    };
    if (says("is locked"))
        return Code::AccountsBusy;
    if (says("malformed") || says("not a database"))
        return Code::AccountsDamaged;
    if (says("no such") || says("constraint") || says("syntax error") || says("mismatch") ||
        says("SQL logic error"))
        return Code::AccountsForeign;
    return Code::AccountsFile;
}

} // namespace

Result<ISqlRunner::Ran> NodeSql::run(const QByteArray &text, const std::function<bool(SqlRow)> &row,
                                     const std::stop_token &stop)
{
    const QString place = m_node.shown(charmfolder::kDatabase);
    Rows rows(row);
    NodeCommand command;
    command.argv = {QStringLiteral("sh"),
                    QStringLiteral("-c"),
                    QString::fromLatin1(kScript),
                    QStringLiteral("sh"),
                    m_node.fullPath(charmfolder::kDatabase),
                    QString::number(text.size())};
    command.input = text;
    command.limit = m_limit;
    command.sink = [&](QByteArrayView piece) {
        return stop.stop_requested() ? Status(Error{Code::AccountsStopped, QStringLiteral("called off")})
                                     : rows.take(piece);
    };
    const Result<NodeOutcome> outcome = m_node.run(command);
    if (!outcome)
        return outcome.error().code == Code::JobEnded ? Error{Code::AccountsStopped, outcome.error().detail}
                                                      : outcome.error();
    if (outcome->exitStatus == kNoSqlite)
        return Error{
            Code::NodeCommand,
            QStringLiteral(
                "the program sqlite3 is not there on %1, and only it can read and write the accounts "
                "of a running server: install the package sqlite3 there")
                .arg(m_node.place().machine())};
    if (outcome->exitStatus == kNotWhole)
        return Error{Code::NodeCommand,
                     QStringLiteral("%1: the statements did not get there whole, and none was "
                                    "carried out; is there room in its folder for temporary "
                                    "files?")
                         .arg(place)};
    if (outcome->exitStatus == kNoFile)
        return Error{Code::AccountsFile, QStringLiteral("%1 is not there, or no file").arg(place)};
    if (outcome->exitStatus == 0)
        return Ran{rows.changeCounter()};
    const QString said = log::oneLine(QString::fromUtf8(outcome->errors).trimmed()).left(200);
    return Error{codeOf(said), QStringLiteral("%1: the sqlite3 program there says: %2").arg(place, said)};
}

} // namespace cring::accounts
