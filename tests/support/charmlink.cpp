// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/charmlink.h"

#include "tests/support/spin.h"

#include <QRegularExpression>

namespace cring::test {

namespace {

constexpr int kStepMs = 30'000; ///< For a step of the conversation, on a busy machine.
constexpr int kTries = 3;
constexpr qsizetype kShown = 600; ///< Of a screen: its end.

QByteArray tryToLink(CharmClient &owner, CharmClient &other)
{
    const auto asking = owner.launchOnTerminal({QStringLiteral("link")});
    QByteArray asked;
    static const QRegularExpression codeForm(QStringLiteral("link ([A-Za-z0-9]{6})\\b"));
    QRegularExpressionMatch code;
    const bool hasCode = spinUntil(
        [&] {
            asked += asking->readAllStandardOutput();
            code = codeForm.match(QString::fromUtf8(asked));
            return code.hasMatch();
        },
        kStepMs);
    if (!hasCode)
        return "no code: " + asked.right(kShown);

    const auto joining = other.launchOnTerminal({QStringLiteral("link"), code.captured(1)});
    QByteArray joined;
    const auto isAsked = [&] {
        asked += asking->readAllStandardOutput();
        joined += joining->readAllStandardOutput();
        return asked.contains("Yes");
    };
    if (!spinUntil(isAsked, kStepMs))
        return "not asked: " + asked.right(kShown) + joined.right(kShown);
    asking->write("y");
    // Both write the account's encrypt keys to the server at the same time then, and it may answer one of
    // them with 500 (client/link.go, SyncEncryptKeys): the asking one shows that and stays. They are linked.
    const auto haveEnded = [&] {
        asked += asking->readAllStandardOutput();
        joined += joining->readAllStandardOutput();
        return joining->state() == QProcess::NotRunning &&
               (asking->state() == QProcess::NotRunning || asked.contains("Uh oh"));
    };
    if (!spinUntil(haveEnded, kStepMs))
        return "no end: " + asked.right(kShown) + joined.right(kShown);
    return joined.contains("Linked!") ? QByteArray() : "not linked: " + joined.right(kShown);
}

} // namespace

/// Charm itself fails now and then ("database is locked" while it merges the two accounts): as a person
/// would, this tries again.
QByteArray linkTrouble(CharmClient &owner, CharmClient &other)
{
    QByteArray trouble = tryToLink(owner, other);
    for (int i = 1; i < kTries && !trouble.isEmpty(); ++i) {
        qWarning("not linked: tried again after %s", trouble.constData());
        trouble = tryToLink(owner, other);
    }
    return trouble;
}

} // namespace cring::test
