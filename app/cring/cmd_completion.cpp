// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"
#include "app/cring/commandfamily.h"
#include "app/cring/completion.h"
#include "app/cring/completionnames.h"
#include "app/cring/manual.h"
#include "app/cring/standardinput.h"
#include "core/config/manual.h"

#include <CLI/CLI.hpp>

namespace cring::app {

namespace {

using Source = Completion::Source;

/// A line of a shell is shorter.
constexpr qsizetype kMostInput = 256 * 1024;

QStringList typedWords()
{
    const Result<Secret> input = readStandardInput(kMostInput);
    if (!input)
        return {};
    QStringList words;
    for (const QByteArray &word : input->view().toByteArray().split('\0'))
        words << QString::fromUtf8(word);
    words.removeLast(); // Behind the last zero byte.
    return words;
}

/// What the configuration says, where no service answers.
QList<Completion::Candidate> configuredNames(const ServiceOptions &options, Source source)
{
    QList<Completion::Candidate> names;
    if (source == Source::Servers) {
        for (const config::Server &server : options.config.servers)
            names.append({server.name, server.url.toString()});
    } else if (source == Source::Backups) {
        for (const config::Backup &backup : options.config.backups)
            names.append({backup.name, backup.url});
    }
    return names;
}

QList<Completion::Candidate> liveNames(Context context, const Completion &completion)
{
    context.configFile = completion.configFile.toStdString();
    const ServiceOptions options = serviceOptions(context);
    std::function<int()> unused;
    const CommandFamily family{[options] { return options; }, unused, completion.controlSocket.toStdString()};
    CompletionNames names(family.context(), completion.source);
    return names.run() == Ok ? names.names() : configuredNames(options, completion.source);
}

int printWords(const CLI::App &app, const Context &context)
{
    Completion completion = complete(app, typedWords());
    if (CompletionNames::isLive(completion.source)) {
        for (Completion::Candidate &name : liveNames(context, completion)) {
            if (!name.word.startsWith(completion.typed))
                continue;
            name.word.prepend(completion.prefix);
            completion.candidates.append(name);
        }
    }
    QString text = completion.source == Source::Files     ? QStringLiteral(":files\n")
                   : completion.source == Source::Folders ? QStringLiteral(":folders\n")
                                                          : QStringLiteral(":words\n");
    for (const Completion::Candidate &candidate : completion.candidates)
        text += candidate.word.simplified() + u'\t' + candidate.help.simplified() + u'\n';
    context.output().raw(text.toUtf8());
    return Ok;
}

CLI::App *addPrinting(CLI::App &family, Context &context, const char *name, const char *help,
                      std::function<QString()> text)
{
    CLI::App *command = family.add_subcommand(name, help);
    command->callback([&context, text] {
        context.run = [&context, text] {
            context.output().raw(text().toUtf8());
            return Ok;
        };
    });
    return command;
}

/// For the build, which installs them.
void addManuals(CLI::App &app, Context &context)
{
    CLI::App *family = app.add_subcommand("manual", "Print a manual page");
    family->group("");
    family->require_subcommand(1);
    const QString version = QStringLiteral(CRING_VERSION);
    addPrinting(*family, context, "cring", "cring(1)", [&app, version] { return manualPage(app, version); });
    addPrinting(*family, context, "charmedring.toml", "charmedring.toml(5)",
                [version] { return config::manualPage(version); });
}

} // namespace

void addCompletion(CLI::App &app, Context &context)
{
    CLI::App *family = app.add_subcommand("completion", "Print what teaches a shell to complete commands");
    family->require_subcommand(1);
    family->footer("The Debian packages bring these along. Servers, jobs, accounts and buckets are completed "
                   "by their names, for which the running service is asked.");
    for (const char *shell : {"bash", "zsh", "fish"})
        addPrinting(*family, context, shell, "For this shell",
                    [shell] { return completionScript(QString::fromLatin1(shell)); });
    CLI::App *words =
        family->add_subcommand("words", "For these scripts: what may stand where the line ends");
    words->group("");
    words->callback([&app, &context] {
        context.run = [&app, &context] {
            return printWords(app, context);
        };
    });
    addManuals(app, context);
}

} // namespace cring::app
