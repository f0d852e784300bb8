// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/playground/interrupt.h"
#include "app/playground/scratchfolder.h"
#include "tests/chaos/report.h"
#include "tests/chaos/sabotage.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <cmath>
#include <cstdio>
#include <random>

namespace {

using namespace cring;
using namespace cring::chaos;

constexpr int Breached = 1;
constexpr int Usage = 2;
constexpr int NoRun = 3; ///< It says nothing about the ring.
constexpr int Interrupted = 130;
/// Of the load, for each kill of the ring, when nothing else is said.
constexpr int SecondsForKill = 1;
constexpr int LeastSeconds = 10;

void say(const QString &words)
{
    std::fprintf(stderr, "%s\n", qPrintable(words));
}

void print(const QByteArray &text)
{
    std::fwrite(text.constData(), 1, static_cast<size_t>(text.size()), stdout);
    std::fflush(stdout);
}

/// The command line as options; nothing when it is wrong.
class Arguments
{
public:
    Arguments()
    {
        m_parser.setApplicationDescription(QStringLiteral(
            "Kills a ring, its servers and its clients' connections under load, and judges what is left"));
        m_parser.addOptions({m_seed, m_kills, m_clients, m_duration, m_operations, m_heal, m_noServerFaults,
                             m_powerCuts, m_serverKey, m_localCopy, m_sabotage, m_plan, m_keep, m_debug});
        m_parser.addHelpOption();
        m_parser.process(*QCoreApplication::instance());
    }

    std::optional<ChaosOptions> options() const
    {
        ChaosOptions options;
        bool good = true;
        const auto number = [&](const QCommandLineOption &option, int least) {
            bool isNumber = false;
            const int value = m_parser.value(option).toInt(&isNumber);
            good = good && isNumber && value >= least;
            return value;
        };
        options.script.clients = number(m_clients, 1);
        options.script.accounts = std::min(options.script.accounts, options.script.clients);
        options.faults.kills = number(m_kills, 0);
        options.faults.serverFaults = !m_parser.isSet(m_noServerFaults);
        options.operations = number(m_operations, 0);
        options.healLimit = std::chrono::seconds(number(m_heal, 1));
        const int seconds = m_parser.isSet(m_duration)
                                ? number(m_duration, 1)
                                : std::max(LeastSeconds, SecondsForKill * options.faults.kills);
        options.faults.duration = std::chrono::seconds(seconds);
        options.site.accounts = options.script.accounts;
        options.site.serverKey = m_parser.isSet(m_serverKey);
        options.site.localCopy = m_parser.isSet(m_localCopy);
        options.site.powerCuts = m_parser.isSet(m_powerCuts);
        options.site.debug = m_parser.isSet(m_debug);
        if (m_parser.isSet(m_sabotage)) {
            const QByteArray kind = m_parser.value(m_sabotage).toUtf8();
            options.sabotage = kind == "all" ? Sabotage::kinds() : QByteArrayList{kind};
            good = good && (kind == "all" || Sabotage::kinds().contains(kind));
        }
        const quint64 seed = m_parser.isSet(m_seed) ? m_parser.value(m_seed).toULongLong(&good)
                                                    : static_cast<quint64>(std::random_device()());
        options.script.seed = options.faults.seed = options.site.seed = seed;
        return good ? std::optional(options) : std::nullopt;
    }

    bool showsPlan() const { return m_parser.isSet(m_plan); }
    bool keeps() const { return m_parser.isSet(m_keep); }

private:
    static QCommandLineOption flag(const char *name, const QString &words)
    {
        return {QString::fromLatin1(name), words};
    }

    static QCommandLineOption value(const char *name, const QString &words, const char *shown,
                                    const char *byDefault = "")
    {
        return {QString::fromLatin1(name), words, QString::fromLatin1(shown), QString::fromLatin1(byDefault)};
    }

    QCommandLineParser m_parser;
    QCommandLineOption m_seed = value("seed", QStringLiteral("The plan follows from it (a new one)"), "N");
    QCommandLineOption m_kills =
        value("kills", QStringLiteral("How often the ring is killed (10)"), "N", "10");
    QCommandLineOption m_clients = value("clients", QStringLiteral("At the same time (8)"), "N", "8");
    QCommandLineOption m_duration =
        value("duration", QStringLiteral("Of the load (a second for each kill, 10 at least)"), "SECONDS");
    QCommandLineOption m_operations = value(
        "ops", QStringLiteral("Each client ends after so many operations, instead of by the time"), "N", "0");
    QCommandLineOption m_heal =
        value("heal", QStringLiteral("For the servers to become equal afterwards (60)"), "SECONDS", "60");
    QCommandLineOption m_noServerFaults =
        flag("no-server-faults", QStringLiteral("Servers are neither killed nor stopped"));
    QCommandLineOption m_powerCuts =
        flag("power-cuts", QStringLiteral("The ring's machine loses its power when it is killed: what it had "
                                          "not brought to its disk is lost"));
    QCommandLineOption m_serverKey =
        flag("server-key", QStringLiteral("Give the ring the operator's server key"));
    QCommandLineOption m_localCopy =
        flag("local-copy", QStringLiteral("Let a copy on the ring's disk stand in for a server"));
    QCommandLineOption m_sabotage =
        value("sabotage",
              QStringLiteral("Do damage that the oracle has to find: all, or one of ") +
                  QString::fromUtf8(Sabotage::kinds().join(", ")),
              "KIND");
    QCommandLineOption m_plan = flag("plan", QStringLiteral("Print the plan, and do nothing"));
    QCommandLineOption m_keep = flag("keep", QStringLiteral("Keep the servers' and the ring's folders"));
    QCommandLineOption m_debug = flag("debug", QStringLiteral("Let the ring log every message"));
};

int run(ChaosOptions options)
{
    const QByteArray seed = "seed " + QByteArray::number(options.script.seed) + '\n';
    print(seed);
    // The servers' unprivileged user has to reach its folder through this one.
    QFile::setPermissions(options.site.folder,
                          QFile::permissions(options.site.folder) | QFile::ExeGroup | QFile::ExeOther);
    Chaos chaos(options);
    const Status ran = chaos.run();
    if (playground::Interrupt::requested()) {
        say(QStringLiteral("interrupted"));
        return Interrupted;
    }
    print(report(options, chaos.findings()));
    if (!ran)
        say(QStringLiteral("error: ") + ran.error().toString());
    print(seed);
    return !ran ? NoRun : chaos.findings().good() ? 0 : Breached;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const Arguments arguments;
    std::optional<ChaosOptions> options = arguments.options();
    if (!options) {
        say(QStringLiteral("error: see --help"));
        return Usage;
    }
    if (arguments.showsPlan()) {
        print(planText(*options));
        return 0;
    }
    const playground::Interrupt interrupt;
    options->interrupted = &playground::Interrupt::requested;
    options->progress = say;
    options->site.program = QCoreApplication::applicationDirPath() + QStringLiteral("/cring");
    const QString name = QStringLiteral("charmedring-chaos-XXXXXX");
    if (arguments.keeps()) {
        QTemporaryDir folder(QDir::tempPath() + u'/' + name);
        folder.setAutoRemove(false);
        options->site.folder = folder.path();
        say(QStringLiteral("everything is kept in %1").arg(folder.path()));
        return run(*options);
    }
    const playground::ScratchFolder folder(name);
    options->site.folder = folder.path();
    return run(*options);
}
