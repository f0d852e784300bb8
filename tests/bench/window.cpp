// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/measure.h"
#include "tests/support/cringprocess.h"
#include "tests/support/desktopsession.h"
#include "tests/support/httpclient.h"
#include "tests/support/spin.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

/// What the window costs while much happens: `charmedring` on a display, in front of a ring whose clients are
/// refused something ten times a second, which is an event each, and store a file each second besides.
namespace {

using namespace cring;
using namespace cring::test;

struct Options
{
    int seconds = 600;
    int eventsPerSecond = 10;
    int page = 7;      ///< Activity, where each event becomes a row.
    int settling = 20; ///< Seconds before the time begins: the first look at everything.
};

struct Sample
{
    double seconds = 0; ///< Since the begin.
    double cpu = 0;     ///< Seconds of the process.
    qint64 resident = 0;
};

constexpr int kLimitMs = 60'000;
constexpr double kSampleEvery = 30;
constexpr double kMiB = 1024.0 * 1024;

int fail(const QString &words)
{
    std::fprintf(stderr, "error: %s\n", qPrintable(words));
    return 1;
}

/// The number of the newest event that the ring has recorded.
qint64 lastEvent(CringProcess &ring)
{
    const QByteArray out = ring.runCommand({QStringLiteral("log"), QStringLiteral("--json")}).out;
    qint64 last = 0;
    for (const QByteArray &line : out.split('\n'))
        last =
            std::max(last, QJsonDocument::fromJson(line).object().value(QStringLiteral("seq")).toInteger());
    return last;
}

double loadAverage()
{
    double load = 0;
    return ::getloadavg(&load, 1) == 1 ? load : 0;
}

/// The ring, its servers, a desktop and the program.
class Stage
{
public:
    Status set(int page)
    {
        if (Status status = m_cluster.start(); !status)
            return status;
        m_ring = std::make_unique<CringProcess>(m_cluster);
        if (Status status = m_ring->start(); !status)
            return status;
        m_client = std::make_unique<HttpClient>(m_ring->url());
        m_token = m_cluster.token();
        // No file can be stored where a folder stands: the ring says so itself.
        if (const HttpResponse answer = store("folder/file"); answer.status != 200)
            return Error{Code::NotFound, QString::fromUtf8(answer.text())};
        Status desktop = m_desktop.startBus();
        if (desktop)
            desktop = m_desktop.startDisplay();
        if (desktop)
            desktop = m_desktop.startWindowManager();
        if (desktop)
            desktop = m_desktop.startPanel();
        if (!desktop)
            return desktop;
        return startWindow(page);
    }

    /// False when it was not refused.
    bool beRefused() { return store("folder").status >= 400; }
    bool storeOne(int number) { return store("file" + QByteArray::number(number % 100)).status == 200; }

    CringProcess &ring() { return *m_ring; }
    qint64 window() const { return m_program->processId(); }
    bool isRunning() const { return m_program->state() == QProcess::Running; }

private:
    HttpResponse store(const QByteArray &path)
    {
        return m_client->upload("/v1/fs/" + path, "0123456789", m_token);
    }

    Status startWindow(int page)
    {
        QProcessEnvironment environment = m_desktop.environment();
        environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("en_GB.UTF-8"));
        environment.remove(QStringLiteral("QT_QPA_PLATFORM"));
        m_program = std::make_unique<playground::ChildProcess>();
        m_program->setProcessEnvironment(environment);
        m_program->setStandardErrorFile(m_desktop.home() + QStringLiteral("/charmedring.log"));
        m_program->start(QFileInfo(CringProcess::program()).path() + QStringLiteral("/charmedring"),
                         {QStringLiteral("--control-socket"),
                          m_ring->options().home + QStringLiteral("/run/charmedring/control.sock")});
        const auto xdotool = [this](const QStringList &arguments) {
            return m_desktop.run(QStringLiteral("xdotool"), arguments);
        };
        const bool isThere = spinUntil(
            [&] {
                return !xdotool({QStringLiteral("search"), QStringLiteral("--onlyvisible"),
                                 QStringLiteral("--name"), QStringLiteral("Charmed Ring")})
                            .isEmpty();
            },
            kLimitMs);
        if (!isThere)
            return Error{Code::NotFound, QStringLiteral("the window does not come; is xdotool installed?")};
        xdotool({QStringLiteral("search"), QStringLiteral("--onlyvisible"), QStringLiteral("--name"),
                 QStringLiteral("Charmed Ring"), QStringLiteral("windowactivate"), QStringLiteral("--sync")});
        xdotool({QStringLiteral("key"), QStringLiteral("ctrl+%1").arg(page)});
        return {};
    }

    CharmCluster m_cluster{3};
    std::unique_ptr<CringProcess> m_ring;
    std::unique_ptr<HttpClient> m_client;
    QByteArray m_token;
    DesktopSession m_desktop;
    std::unique_ptr<playground::ChildProcess> m_program;
};

/// Events at their times, whatever one takes, and a sample now and then. Nothing when the ring answers
/// otherwise than it should.
std::vector<Sample> measure(Stage &stage, const Options &options, int seconds)
{
    std::vector<Sample> samples;
    QElapsedTimer since;
    since.start();
    const auto now = [&] {
        return static_cast<double>(since.elapsed()) / 1000;
    };
    const auto sample = [&] {
        samples.push_back({now(), bench::cpuSeconds(stage.window()), bench::residentMemory(stage.window())});
    };
    sample();
    for (int event = 0; event < seconds * options.eventsPerSecond; ++event) {
        const double due = static_cast<double>(event) / options.eventsPerSecond;
        spinUntil([&] { return now() >= due; }, kLimitMs);
        const bool well = stage.beRefused() && (event % options.eventsPerSecond != 0 ||
                                                stage.storeOne(event / options.eventsPerSecond));
        if (!well || !stage.isRunning())
            return {};
        if (now() - samples.back().seconds >= kSampleEvery)
            sample();
    }
    sample();
    return samples;
}

double percent(const Sample &from, const Sample &to)
{
    return to.seconds > from.seconds ? (to.cpu - from.cpu) / (to.seconds - from.seconds) * 100 : 0;
}

void print(const std::vector<Sample> &samples)
{
    std::printf("%8s %8s %10s\n", "s", "CPU %", "RSS MiB");
    for (size_t i = 1; i < samples.size(); ++i)
        std::printf("%8.0f %8.2f %10.1f\n", samples[i].seconds, percent(samples[i - 1], samples[i]),
                    static_cast<double>(samples[i].resident) / kMiB);
}

int run(const Options &options)
{
    Stage stage;
    if (const Status status = stage.set(options.page); !status)
        return fail(status.error().toString());
    if (measure(stage, options, options.settling).empty())
        return fail(QStringLiteral("the ring or the window does not do what it should"));
    const qint64 before = lastEvent(stage.ring());
    const double loadBefore = loadAverage();
    const std::vector<Sample> samples = measure(stage, options, options.seconds);
    if (samples.empty())
        return fail(QStringLiteral("the ring or the window does not do what it should"));
    const double loadAfter = loadAverage();
    const qint64 events = lastEvent(stage.ring()) - before;
    print(samples);
    const double seconds = samples.back().seconds - samples.front().seconds;
    std::printf("page %d, %.0f s, %lld events (%.1f a second), load average %.1f before and %.1f after\n",
                options.page, seconds, static_cast<long long>(events), static_cast<double>(events) / seconds,
                loadBefore, loadAfter);
    std::printf(
        "CPU %.2f %% of one core; memory %.1f MiB at the begin, %.1f MiB at the end, %.1f MiB at most\n",
        percent(samples.front(), samples.back()), static_cast<double>(samples.front().resident) / kMiB,
        static_cast<double>(samples.back().resident) / kMiB,
        static_cast<double>(bench::peakMemory(stage.window())) / kMiB);
    return events >= static_cast<qint64>(options.eventsPerSecond) * options.seconds ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Measures what the window costs while something happens ten times a second"));
    const QCommandLineOption seconds(QStringLiteral("seconds"), QStringLiteral("For how long (600)"),
                                     QStringLiteral("S"), QStringLiteral("600"));
    const QCommandLineOption rate(QStringLiteral("rate"), QStringLiteral("Events a second (10)"),
                                  QStringLiteral("N"), QStringLiteral("10"));
    const QCommandLineOption page(QStringLiteral("page"), QStringLiteral("1 to 8; 7 is Activity"),
                                  QStringLiteral("N"), QStringLiteral("7"));
    parser.addOptions({seconds, rate, page});
    parser.addHelpOption();
    parser.process(application);
    Options options;
    options.seconds = parser.value(seconds).toInt();
    options.eventsPerSecond = parser.value(rate).toInt();
    options.page = parser.value(page).toInt();
    if (options.seconds < 1 || options.eventsPerSecond < 1 || options.page < 1 || options.page > 8)
        return fail(QStringLiteral("see --help"));
    if (!qEnvironmentVariableIsSet("CRING_BIN"))
        qputenv("CRING_BIN", QFile::encodeName(QCoreApplication::applicationDirPath()));
    return run(options);
}
