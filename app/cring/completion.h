// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>
#include <QString>
#include <QStringList>

namespace CLI {
class App;
} // namespace CLI

namespace cring::app {

/// What may stand where a person presses the completion key.
struct Completion
{
    enum class Source {
        Words,   ///< `candidates` alone.
        Files,   ///< Files, as the shell knows them.
        Folders, ///< Folders likewise.
        Servers, ///< Of the ring.
        Jobs,    ///< Of the running service, and so on.
        Accounts,
        Backups,
        Conflicts,
    };

    struct Candidate
    {
        QString word;
        QString help;
    };

    Source source = Source::Words;
    /// What is known without asking anybody; begins with what was typed.
    QList<Candidate> candidates;
    QString prefix;     ///< "--server=", which stands before each name that is asked for.
    QString typed;      ///< What of the name is there.
    QString configFile; ///< --config and --control-socket of the line; "" = not given.
    QString controlSocket;
};

/// `words`: those after "cring", up to the one that is to be completed, which is the last one and may be
/// empty. A pure function of them and of the commands.
Completion complete(const CLI::App &app, const QStringList &words);

/// The script that teaches a shell ("bash", "zsh", "fish") to ask `cring completion words`.
QString completionScript(const QString &shell);

} // namespace cring::app
