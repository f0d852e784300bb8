// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/configtransfer.h"

#include "app/cring/errorexit.h"
#include "app/cring/secretaccess.h"
#include "app/cring/serverkeycheck.h"
#include "core/config/bundle.h"
#include "core/config/edit.h"
#include "core/config/secretfile.h"

#include <QFile>
#include <QFileInfo>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace cring::app {

namespace {

/// Longest file that is taken for one of ours, in bytes.
constexpr qint64 kLongestFile = 4 * 1024 * 1024;

struct Options
{
    std::string file; ///< To write, or to read.
    bool withSecrets = false;
    bool passphraseFromInput = false;
    bool replace = false;
};

int fail(const Error &error, const Output &out)
{
    out.error(error.toString());
    return exitCodeFor(error.code);
}

QString named(const config::SecretPlace &place)
{
    return QStringLiteral("%1 (%2)").arg(place.name, place.place);
}

/// Made by the service manager for the service: no command reads or writes it.
bool isCredential(const config::SecretPlace &place)
{
    return place.place.startsWith(QLatin1String("credential:"));
}

// ---- export ----

/// All that can be had from here: half of a bundle would be found out on the day that it is needed. What the
/// service manager hands to the service alone is left out, and that is said.
Result<config::Bundle> bundleOf(const QByteArray &text, const config::Config &config, const Output &out)
{
    config::Bundle bundle{text, {}};
    const QList<config::SecretPlace> places = config::secretPlaces(config);
    for (const config::SecretPlace &place : places) {
        Result<Secret> secret = readSecret(place);
        if (secret)
            bundle.secrets.push_back({place, std::move(*secret)});
        else if (isCredential(place) && secret.error().code == Code::SecretMissing)
            out.warning(QStringLiteral("not in it: %1, which the service manager hands to the service alone")
                            .arg(named(place)));
        else
            return Error{
                secret.error().code,
                QStringLiteral("%1 cannot be taken along: %2").arg(named(place), secret.error().detail)};
    }
    return bundle;
}

Result<QByteArray> sealed(const QByteArray &text, const config::Config &config, bool passphraseFromInput,
                          const Output &out)
{
    const auto bundle = bundleOf(text, config, out);
    if (!bundle)
        return bundle.error();
    const auto passphrase = readPassphrase(passphraseFromInput, true);
    if (!passphrase)
        return passphrase.error();
    return config::sealBundle(*bundle, *passphrase);
}

void noteLeftOut(const config::Config &config, bool withSecrets, const Output &out)
{
    if (!config.tlsKey.isEmpty())
        out.note(QStringLiteral("Not in it: the files of service.tls_cert and service.tls_key."));
    if (withSecrets)
        return;
    const QList<config::SecretPlace> places = config::secretPlaces(config);
    for (const config::SecretPlace &place : places)
        out.note(QStringLiteral("Not in it: %1. --with-secrets takes it along, behind a passphrase.")
                     .arg(named(place)));
}

int exportTo(const Context &context, const Options &options)
{
    const Output out = context.output();
    const QString path = context.configPath();
    const Result<QByteArray> text = config::readFile(path);
    if (!text)
        return fail(text.error(), out);
    if (text->trimmed().isEmpty())
        return fail({Code::NotFound, QStringLiteral("there is nothing in %1 to export").arg(path)}, out);
    const config::Loaded loaded = config::loadText(*text, path);
    if (!loaded.ok()) {
        report(loaded, out);
        return BadConfiguration;
    }
    if (options.withSecrets && options.file.empty())
        return fail(
            {Code::ControlBadParams, QStringLiteral("say with --out which file the secrets are to go into")},
            out);
    QByteArray bytes = *text;
    if (options.withSecrets) {
        auto bundle = sealed(*text, loaded.config, options.passphraseFromInput, out);
        if (!bundle)
            return fail(bundle.error(), out);
        bytes = std::move(*bundle);
    }
    if (options.file.empty()) {
        out.raw(bytes);
    } else {
        QFile file(QString::fromStdString(options.file));
        const bool isNew = file.open(QIODevice::WriteOnly | QIODevice::NewOnly,
                                     QFileDevice::ReadOwner | QFileDevice::WriteOwner);
        if (!isNew && file.exists())
            return fail({Code::KeyExists,
                         QStringLiteral("%1 is there already, and is not written over").arg(file.fileName())},
                        out);
        if (!isNew || file.write(bytes) != bytes.size() || !file.flush()) {
            const QString reason = file.errorString();
            if (isNew)
                file.remove();
            return fail(
                {Code::ConfigFile, QStringLiteral("%1 cannot be written: %2").arg(file.fileName(), reason)},
                out);
        }
        if (out.isJson())
            out.json({{QStringLiteral("file"), QFileInfo(file).absoluteFilePath()},
                      {QStringLiteral("secrets"), options.withSecrets}});
        out.note(QStringLiteral("Wrote %1.").arg(file.fileName()));
    }
    noteLeftOut(loaded.config, options.withSecrets, out);
    return Ok;
}

// ---- import ----

/// A configuration as it is, or a bundle that the passphrase opens.
Result<config::Bundle> readSource(const QString &source, bool passphraseFromInput)
{
    QFile file(source);
    if (!file.exists())
        return Error{Code::NotFound, QStringLiteral("there is no file %1").arg(source)};
    if (!file.open(QIODevice::ReadOnly))
        return Error{Code::ConfigFile,
                     QStringLiteral("%1 cannot be read: %2").arg(source, file.errorString())};
    const QByteArray bytes = file.read(kLongestFile + 1);
    if (bytes.size() > kLongestFile)
        return Error{Code::ConfigFile, QStringLiteral("%1 is too long to be a configuration").arg(source)};
    if (!config::isSealedBundle(bytes))
        return config::Bundle{bytes, {}};
    const auto passphrase = readPassphrase(passphraseFromInput, false);
    if (!passphrase)
        return passphrase.error();
    auto bundle = config::openBundle(bytes, *passphrase);
    if (!bundle)
        return Error{bundle.error().code,
                     QStringLiteral("%1 cannot be opened: %2").arg(source, bundle.error().detail)};
    return bundle;
}

/// What is kept where the bundle's secrets are to go, and is another. Nothing is written over without a word,
/// and no file at all: it may be a running server's own key.
Result<std::vector<config::Bundle::Kept>> othersThere(const config::Bundle &bundle, bool replace)
{
    std::vector<config::Bundle::Kept> others;
    for (const config::Bundle::Kept &kept : bundle.secrets) {
        if (isCredential(kept.place))
            continue;
        Result<Secret> there = readSecret(kept.place);
        if (!there && there.error().code != Code::SecretMissing)
            return there.error();
        if (!there || there->view() == kept.secret.view())
            continue;
        if (kept.place.place.startsWith(QLatin1String("file:")))
            return Error{Code::KeyExists,
                         QStringLiteral("another secret is kept as %1: move that file away first")
                             .arg(named(kept.place))};
        if (!replace)
            return Error{Code::KeyExists,
                         QStringLiteral("another secret is kept as %1; --replace takes the new one")
                             .arg(named(kept.place))};
        others.push_back({kept.place, std::move(*there)});
    }
    return others;
}

/// Secrets on their way into their places. What was there before comes back unless all has gone well.
class Placing
{
public:
    explicit Placing(std::vector<config::Bundle::Kept> before)
        : m_before(std::move(before))
    {
    }
    ~Placing()
    {
        for (const config::SecretPlace &place : std::as_const(m_placed))
            takeBack(place);
    }
    Q_DISABLE_COPY_MOVE(Placing)

    Status place(config::Bundle &bundle, const Output &out)
    {
        for (config::Bundle::Kept &kept : bundle.secrets) {
            if (isCredential(kept.place)) {
                out.warning(QStringLiteral("%1 is the service manager's to hand over: put it there yourself")
                                .arg(named(kept.place)));
                continue;
            }
            const auto there = readSecret(kept.place);
            const bool isSame = there && there->view() == kept.secret.view();
            if (Status stored = isSame ? Status() : storeSecret(kept.place, std::move(kept.secret)); !stored)
                return stored;
            if (!isSame)
                m_placed.append(kept.place);
        }
        return {};
    }
    void keep() { m_placed.clear(); }

private:
    void takeBack(const config::SecretPlace &place)
    {
        const auto before = std::ranges::find_if(m_before, [&](const config::Bundle::Kept &kept) {
            return kept.place.name == place.name && kept.place.place == place.place;
        });
        if (before != m_before.end())
            (void)storeSecret(place, std::move(before->secret));
        else
            (void)removeSecret(place);
    }

    std::vector<config::Bundle::Kept> m_before;
    QList<config::SecretPlace> m_placed;
};

/// A key that the bundle brings is not there yet.
bool isBrought(const config::Problem &problem, const config::Bundle &bundle)
{
    return problem.code == Code::SecretMissing &&
           std::ranges::any_of(bundle.secrets, [&](const config::Bundle::Kept &kept) {
               return kept.place.name == problem.key;
           });
}

/// That is not there yet: what was put aside before stays.
QString asideOf(const QString &path)
{
    QString aside = path + QStringLiteral(".before");
    for (int number = 1; QFileInfo::exists(aside); ++number)
        aside = path + QStringLiteral(".before.%1").arg(number);
    return aside;
}

/// In the place of the configuration that is there, which is kept beside it.
int importFrom(const Context &context, const Options &options)
{
    const Output out = context.output();
    const QString source = QString::fromStdString(options.file);
    const QString path = context.configPath();
    Result<config::Bundle> bundle = readSource(source, options.passphraseFromInput);
    const Result<QByteArray> before = bundle ? config::readFile(path) : Result<QByteArray>(bundle.error());
    if (!before)
        return fail(before.error(), out);
    const bool isThere = !before->trimmed().isEmpty();
    if (isThere && !options.replace)
        return fail(
            {Code::ConfigFile,
             QStringLiteral("%1 is there already; --replace puts it aside and takes the new one").arg(path)},
            out);
    config::Loaded loaded = config::loadText(bundle->text, source);
    loaded.problems.removeIf([&](const config::Problem &problem) { return isBrought(problem, *bundle); });
    if (!loaded.ok()) {
        report(loaded, out);
        return BadConfiguration;
    }
    auto others = othersThere(*bundle, options.replace);
    if (!others)
        return fail(others.error(), out);
    Placing placing(std::move(*others));
    Status done = placing.place(*bundle, out);
    if (!done)
        return fail(done.error(), out);
    loaded = config::loadText(bundle->text, source);
    if (auto problem = loaded.ok() ? judgeServerKey(loaded.config) : std::nullopt)
        loaded.problems.append(*problem);
    if (!loaded.ok()) {
        report(loaded, out);
        return BadConfiguration;
    }
    const QString aside = asideOf(path);
    if (isThere)
        done = config::writeFile(aside, *before);
    if (done)
        done = config::writeFile(path, bundle->text);
    if (!done)
        return fail(done.error(), out);
    placing.keep();
    if (out.isJson())
        out.json({{QStringLiteral("file"), path},
                  {QStringLiteral("before"), isThere ? QJsonValue(aside) : QJsonValue()}});
    out.note(isThere ? QStringLiteral("%1 is the new one; what it was is in %2.").arg(path, aside)
                     : QStringLiteral("Made %1.").arg(path));
    return Ok;
}

} // namespace

void addConfigTransfer(CLI::App &family, Context &context)
{
    const auto options = std::make_shared<Options>();
    const auto addPassphrase = [&options](CLI::App *command) {
        command->add_flag("--passphrase-stdin", options->passphraseFromInput,
                          "The passphrase is the first line of standard input; else it is asked for");
    };

    CLI::App *exporting = family.add_subcommand(
        "export", "Print the configuration, or write a file that takes its secrets along");
    exporting->add_option("--out", options->file, "The file to write; it must not be there")
        ->type_name("FILE");
    exporting->add_flag("--with-secrets", options->withSecrets,
                        "Take the keys along, sealed with a passphrase");
    addPassphrase(exporting);
    exporting->callback([&context, options] {
        context.run = [&context, options] {
            return exportTo(context, *options);
        };
    });

    CLI::App *importing = family.add_subcommand(
        "import",
        "Take a whole configuration, if it is valid; one that is there stays unless told otherwise");
    importing->add_option("SOURCE", options->file, "The file to take, as it is or from `config export`")
        ->required()
        ->type_name("FILE");
    importing->add_flag("--replace", options->replace,
                        "Though there is one, which is then kept beside it as config.toml.before; other "
                        "secrets in the keychain are written over, files never");
    addPassphrase(importing);
    importing->callback([&context, options] {
        context.run = [&context, options] {
            return importFrom(context, *options);
        };
    });
}

} // namespace cring::app
