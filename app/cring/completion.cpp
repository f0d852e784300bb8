// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/completion.h"

#include "app/cring/arguments.h"
#include "app/cring/manual.h"
#include "core/config/settings.h"

#include <CLI/CLI.hpp>

#include <array>
#include <string_view>

namespace cring::app {

namespace {

using Source = Completion::Source;

/// Where the values of an option or an argument come from; its placeholder decides where no row does.
struct Row
{
    std::string_view command; ///< What the command's name begins with, without "cring "; "" = any.
    std::string_view name;    ///< As its help has it, without dashes.
    Source source;
};

constexpr auto kRows = std::to_array<Row>({
    {"backends add", "NAME", Source::Words}, // A new one.
    {"backup add", "NAME", Source::Words},
    {"backends ", "NAME", Source::Servers},
    {"replicas check", "NAME", Source::Servers},
    {"replicas init", "from", Source::Servers},
    {"ring simulate", "drain", Source::Servers},
    {"log", "backend", Source::Servers},
    {"queue", "server", Source::Servers},
    {"conflicts ", "ID", Source::Conflicts},
    {"jobs ", "ID", Source::Jobs},
    {"blobs", "account", Source::Accounts},
    {"accounts ", "ACCOUNT", Source::Accounts},
    {"backup ", "NAME", Source::Backups},
    {"backup ", "backup", Source::Backups},
    {"backup restore", "to", Source::Folders},
    {"accounts ", "key", Source::Files},
    {"accounts ", "from", Source::Files},
    {"accounts ", "export", Source::Files},
    {"identity recovery-kit ", "out", Source::Files},
    {"export", "DIR", Source::Folders},
    {"export", "path", Source::Words}, // A name that only your key knows.
    {"export", "identity", Source::Words},
    {"import", "DIR", Source::Folders},
    {"import", "into", Source::Words},
    {"import", "identity", Source::Words},
    {"", "config", Source::Files},
    {"", "control-socket", Source::Files},
});

QString fromStd(const std::string &text)
{
    return QString::fromStdString(text);
}

/// "backends show".
std::string nameOf(const CLI::App *command)
{
    const std::string full = fullName(command).toStdString();
    const size_t blank = full.find(' ');
    return blank == std::string::npos ? std::string() : full.substr(blank + 1);
}

/// "debug|info" and "TEXT:{debug,info}" name what may be there.
QStringList choicesOf(const CLI::Option &option)
{
    const QString type = fromStd(option.get_type_name());
    if (const qsizetype open = type.indexOf(QStringLiteral(":{")); open >= 0 && type.endsWith(u'}'))
        return type.sliced(open + 2, type.size() - open - 3).split(u',');
    return type.contains(u'|') ? type.split(u'|') : QStringList();
}

Source sourceOf(const CLI::App *command, const CLI::Option &option)
{
    const std::string name = nameOf(command);
    for (const Row &row : kRows) {
        if (name.starts_with(row.command) &&
            (option.check_lname(std::string(row.name)) ||
             (option.get_positional() && option.get_name(true, false) == row.name)))
            return row.source;
    }
    const std::string type = option.get_type_name();
    if (type == "FILE" || type == "PATH")
        return Source::Files;
    return type == "DIR" ? Source::Folders : Source::Words;
}

/// One walk along the words.
class Walk
{
public:
    Walk(const CLI::App &app, const QStringList &words)
        : m_app(app)
        , m_command(&app)
    {
        for (qsizetype i = 0; i + 1 < words.size(); ++i)
            step(words.at(i));
        m_current = words.isEmpty() ? QString() : words.last();
    }

    Completion finish()
    {
        if (m_valueOf)
            values(m_command, *m_valueOf, m_current);
        else if (m_current.startsWith(u'-') && !m_onlyArguments)
            options();
        else
            arguments();
        return std::move(m_completion);
    }

private:
    /// An option of the command or of those around it, and where serve is meant without being named, of it.
    const CLI::Option *find(const QString &flag) const
    {
        const std::string name = flag.section(u'=', 0, 0).toStdString();
        for (const CLI::App *at : optionOwners()) {
            for (const CLI::Option *option : at->get_options()) {
                if (option->check_name(name))
                    return option;
            }
        }
        return nullptr;
    }

    QList<const CLI::App *> optionOwners() const
    {
        QList<const CLI::App *> owners;
        for (const CLI::App *at = m_command; at; at = at->get_parent())
            owners << at;
        if (const CLI::App *serve = m_command == &m_app ? childNamed(QStringLiteral("serve")) : nullptr)
            owners << serve;
        return owners;
    }

    void keep(const CLI::Option &option, const QString &value)
    {
        if (option.check_lname("config"))
            m_completion.configFile = value;
        else if (option.check_lname("control-socket"))
            m_completion.controlSocket = value;
    }

    void step(const QString &word)
    {
        if (const CLI::Option *option = std::exchange(m_valueOf, nullptr)) {
            keep(*option, word);
            return;
        }
        if (word == QStringLiteral("--")) {
            m_onlyArguments = true;
        } else if (word.startsWith(u'-') && word.size() > 1 && !m_onlyArguments) {
            const CLI::Option *option = find(word);
            if (option && option->get_items_expected_max() > 0) {
                if (word.contains(u'='))
                    keep(*option, word.section(u'=', 1));
                else
                    m_valueOf = option;
            }
        } else if (const CLI::App *child = childNamed(word)) {
            m_command = child;
        } else {
            ++m_arguments;
        }
    }

    const CLI::App *childNamed(const QString &word) const
    {
        for (const CLI::App *child : shownCommands(*m_command)) {
            if (child->get_name() == word.toStdString())
                return child;
        }
        return nullptr;
    }

    void offer(const QString &word, const QString &help)
    {
        if (word.startsWith(m_current))
            m_completion.candidates.append({word, help});
    }

    void values(const CLI::App *command, const CLI::Option &option, const QString &typed)
    {
        m_completion.source = sourceOf(command, option);
        m_completion.typed = typed;
        for (const QString &choice : choicesOf(option))
            offer(m_completion.prefix + choice, {});
    }

    void options()
    {
        if (const qsizetype equals = m_current.indexOf(u'='); equals > 0) {
            const CLI::Option *option = find(m_current);
            if (!option)
                return;
            m_completion.prefix = m_current.first(equals + 1);
            values(m_command, *option, m_current.sliced(equals + 1));
            return;
        }
        for (const CLI::App *owner : optionOwners())
            offerOptions(*owner);
    }

    void offerOptions(const CLI::App &command)
    {
        for (const CLI::Option *option : command.get_options()) {
            if (option->get_group().empty())
                continue;
            const QString help = fromStd(option->get_description()).section(QStringLiteral(". "), 0, 0);
            // A letter is known by who uses it; one of them is offered where there is nothing longer.
            for (const std::string &name : option->get_lnames()) {
                const QString word = QStringLiteral("--") + fromStd(name);
                if (!isOffered(word))
                    offer(word, help);
            }
            if (option->get_lnames().empty()) {
                for (const std::string &name : option->get_snames())
                    offer(u'-' + fromStd(name), help);
            }
        }
    }

    /// --help is every command's.
    bool isOffered(const QString &word) const
    {
        const auto &all = m_completion.candidates;
        return std::any_of(all.begin(), all.end(),
                           [&](const Completion::Candidate &candidate) { return candidate.word == word; });
    }

    void arguments()
    {
        if (m_arguments == 0) {
            for (const CLI::App *child : shownCommands(*m_command))
                offer(fromStd(child->get_name()), fromStd(child->get_description()));
        }
        int place = 0;
        for (const CLI::Option *option : m_command->get_options()) {
            if (!option->get_positional())
                continue;
            const int most = option->get_items_expected_max();
            if (m_arguments < place + most) {
                argument(*option);
                return;
            }
            place += most;
        }
    }

    void argument(const CLI::Option &option)
    {
        if (nameOf(m_command).starts_with("config ") && option.get_name(true, false) == "KEY") {
            for (const auto &row : config::settings())
                offer(row.key(), QLatin1String(row.help));
            return;
        }
        values(m_command, option, m_current);
    }

    const CLI::App &m_app;
    const CLI::App *m_command;
    const CLI::Option *m_valueOf = nullptr; ///< The next word is its value.
    bool m_onlyArguments = false;
    int m_arguments = 0;
    QString m_current;
    Completion m_completion;
};

} // namespace

Completion complete(const CLI::App &app, const QStringList &words)
{
    return Walk(app, words).finish();
}

} // namespace cring::app
