// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/command.h"
#include "app/cring/configtransfer.h"
#include "app/cring/effectivetoml.h"
#include "app/cring/errorexit.h"
#include "app/cring/secretinput.h"
#include "app/cring/serverkeycheck.h"
#include "core/config/document.h"
#include "core/config/edit.h"
#include "core/config/settings.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace cring::app {

namespace {

QJsonValue toJson(const config::Value &value)
{
    return std::visit([](const auto &held) { return QJsonValue(held); }, value);
}

template <typename Owner>
QJsonArray listJson(const QList<Owner> &owners, std::span<const config::Setting<Owner>> rows)
{
    QJsonArray array;
    for (const Owner &owner : owners) {
        QJsonObject object;
        for (const auto &row : rows)
            object.insert(QLatin1String(row.name), toJson(row.read(owner)));
        array.append(object);
    }
    return array;
}

QJsonArray problemsJson(const QList<config::Problem> &problems)
{
    QJsonArray array;
    for (const config::Problem &problem : problems) {
        QJsonObject object{{QStringLiteral("code"), codeName(problem.code)},
                           {QStringLiteral("key"), problem.key},
                           {QStringLiteral("message"), problem.detail},
                           {QStringLiteral("source"), problem.place.source}};
        if (problem.place.line > 0) {
            object.insert(QStringLiteral("line"), problem.place.line);
            object.insert(QStringLiteral("column"), problem.place.column);
        }
        array.append(object);
    }
    return array;
}

void showJson(const config::Loaded &loaded, const Output &out)
{
    QJsonObject values;
    for (const auto &row : config::settings())
        values.insert(row.key(),
                      QJsonObject{{QStringLiteral("value"), toJson(row.read(loaded.config))},
                                  {QStringLiteral("default"), toJson(row.read(config::Config{}))},
                                  {QStringLiteral("origin"), originName(loaded.originOf(row.key()))},
                                  {QStringLiteral("type"), row.typeName()},
                                  {QStringLiteral("range"), row.range()},
                                  {QStringLiteral("choices"), QJsonArray::fromStringList(row.choiceList())},
                                  {QStringLiteral("needsRestart"), config::needsRestart(row.key())},
                                  {QStringLiteral("help"), QString(QLatin1String(row.help))}});
    out.json({{QStringLiteral("file"), loaded.file},
              {QStringLiteral("settings"), values},
              {QStringLiteral("servers"), listJson(loaded.config.servers, config::serverSettings())},
              {QStringLiteral("backups"), listJson(loaded.config.backups, config::backupSettings())},
              {QStringLiteral("warnings"), QJsonArray::fromStringList(loaded.warnings)},
              {QStringLiteral("problems"), problemsJson(loaded.problems)}});
}

int show(const Context &context)
{
    const Output out = context.output();
    const config::Loaded loaded = config::load(context.sources());
    if (out.isJson())
        showJson(loaded, out);
    else
        out.raw(effectiveToml(loaded, [&out](Tone tone, const QString &text) {
                    return out.paint(tone, text);
                }).toUtf8());
    report(loaded, out);
    return isReadable(loaded) ? Ok : BadConfiguration;
}

int get(const Context &context, const QString &key)
{
    const Output out = context.output();
    const config::Loaded loaded = config::load(context.sources());
    if (!isReadable(loaded)) {
        report(loaded, out);
        return BadConfiguration;
    }
    const auto value = config::valueOf(loaded.config, key);
    if (!value) {
        out.error(value.error().detail);
        return NotFound;
    }
    if (out.isJson())
        out.json({{QStringLiteral("key"), key}, {QStringLiteral("value"), toJson(value.value())}});
    else
        out.line(config::toPlain(value.value()));
    return Ok;
}

/// Into the file, unless it would make the file worse.
Status change(const QString &path, const QString &key, const QString &value)
{
    const Result<QByteArray> before = config::readFile(path);
    if (!before)
        return before.error();
    const Result<QByteArray> after = config::withValue(*before, key, value);
    if (!after)
        return after.error();
    if (key == QLatin1String("identity.server_key")) {
        if (const auto problem = judgeServerKey(config::loadText(*after, path).config))
            return Error{problem->code, problem->detail};
    }
    return config::writeFile(path, *after);
}

int set(const Context &context, const QString &key, const QString &value)
{
    const Output out = context.output();
    const QString path = context.configPath();
    if (const Status status = change(path, key, value); !status) {
        out.error(status.error().toString());
        if (status.error().code == Code::NotFound)
            return NotFound;
        return status.error().code == Code::ConfigFile ? Failed : BadConfiguration;
    }
    if (out.isJson())
        out.json({{QStringLiteral("file"), path},
                  {QStringLiteral("key"), key},
                  {QStringLiteral("value"), value},
                  {QStringLiteral("needsRestart"), config::needsRestart(key)}});
    out.note(QStringLiteral("Set %1 in %2. %3")
                 .arg(key, path,
                      config::needsRestart(key) ? QStringLiteral("A running service takes it when it is "
                                                                 "started again.")
                                                : QStringLiteral("`cring reload` has a running service "
                                                                 "take it.")));
    return Ok;
}

int validate(const Context &context, const std::string &file)
{
    const Output out = context.output();
    config::Sources sources = context.sources();
    if (!file.empty()) {
        // The file by itself: what this shell happens to export says nothing about it.
        sources = {};
        sources.file = QString::fromStdString(file);
    }
    config::Loaded loaded = config::load(sources);
    if (auto problem = loaded.ok() ? judgeServerKey(loaded.config) : std::nullopt)
        loaded.problems.append(*problem);
    if (out.isJson())
        out.json({{QStringLiteral("valid"), loaded.ok()},
                  {QStringLiteral("file"), loaded.file},
                  {QStringLiteral("problems"), problemsJson(loaded.problems)},
                  {QStringLiteral("warnings"), QJsonArray::fromStringList(loaded.warnings)}});
    else
        report(loaded, out);
    if (loaded.ok() && !out.isJson())
        out.line(loaded.file.isEmpty()
                     ? QStringLiteral("The environment is a valid configuration; there is no file.")
                     : QStringLiteral("%1 is valid.").arg(loaded.file));
    return loaded.ok() ? Ok : BadConfiguration;
}

void addSetAndGet(CLI::App *family, Context &context)
{
    const auto key = std::make_shared<std::string>();
    const auto value = std::make_shared<std::string>();

    CLI::App *getCommand = family->add_subcommand("get", "Print one setting");
    getCommand->add_option("KEY", *key, "For example service.address or server.charm1.weight")->required();
    getCommand->callback([&context, key] {
        context.run = [&context, key] {
            return get(context, QString::fromStdString(*key));
        };
    });

    CLI::App *setCommand = family->add_subcommand("set", "Change one setting in the file; its comments stay");
    setCommand->add_option("KEY", *key, "As for `config get`")->required();
    auto *given = setCommand->add_option(
        "VALUE", *value,
        "For example :35354, 2s or 16KiB; with --secret-stdin keychain (the default) or file:PATH");
    const auto secret = std::make_shared<bool>(false);
    setCommand->add_flag("--secret-stdin", *secret,
                         "Store the key that comes on standard input, and set where it is kept");
    setCommand->callback([&context, key, value, secret, given] {
        if (!*secret && given->count() == 0)
            throw CLI::RequiredError("VALUE");
        context.run = [&context, key, value, secret] {
            const QString name = QString::fromStdString(*key);
            const QString text = QString::fromStdString(*value);
            return *secret ? setSecret(context.configPath(), name, text, context.output())
                           : set(context, name, text);
        };
    });
}

void addText(CLI::App *family, Context &context, const char *name, const char *help, QString (*text)())
{
    family->add_subcommand(name, help)->callback([&context, text] {
        context.run = [&context, text] {
            context.output().raw(text().toUtf8());
            return Ok;
        };
    });
}

} // namespace

void addConfig(CLI::App &app, Context &context)
{
    CLI::App *family = app.add_subcommand("config", "Look at, check and change the configuration");
    family->require_subcommand(1);

    family->add_subcommand("show", "Print every setting, and where its value comes from")
        ->callback([&context] {
            context.run = [&context] {
                return show(context);
            };
        });
    addSetAndGet(family, context);

    const auto file = std::make_shared<std::string>();
    CLI::App *validateCommand =
        family->add_subcommand("validate", "Report everything that is wrong; exit 4 if anything is");
    validateCommand->add_option("--file", *file, "Check this file by itself, without the environment")
        ->type_name("FILE");
    validateCommand->callback([&context, file] {
        context.run = [&context, file] {
            return validate(context, *file);
        };
    });

    addConfigTransfer(*family, context);
    addText(family, context, "sample", "Print a configuration file with every setting", config::sampleFile);
    addText(family, context, "reference", "Print the page of all settings (Markdown)", config::referencePage);
}

} // namespace cring::app
