// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/replicascommand.h"

#include "app/cring/errorexit.h"
#include "core/accounts/shellquote.h"
#include "core/base/words.h"
#include "core/config/tlsfiles.h"
#include "core/service/signals.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTimer>

#include <algorithm>
#include <array>

namespace cring::app {

using accounts::InitProgress;
using accounts::InitReport;

namespace {

http::Origin originOf(const config::Config &config, const config::Server &server)
{
    http::Origin origin;
    origin.host = server.url.host();
    origin.tls = server.url.scheme() == QLatin1String("https");
    origin.port = static_cast<quint16>(server.url.port(origin.tls ? 443 : 35354));
    if (origin.tls) {
        origin.ssl = QSslConfiguration::defaultConfiguration();
        if (const auto authorities = config::readCertificates(config.caFile); authorities)
            origin.ssl.setCaCertificates(*authorities);
    }
    return origin;
}

Result<ReplicaPlace> placeOf(const config::Config &config, const config::Server &server)
{
    if (server.data.isEmpty())
        return Error{Code::ConfigIncomplete,
                     QStringLiteral(
                         "the configuration does not say where the data of %1 are. Add it: cring config set "
                         "server.%1.data /PATH, or ssh://USER@HOST/PATH")
                         .arg(server.name)};
    const Result<config::NodePlace> node = config::parseNodePlace(server.data);
    if (!node)
        return node.error();
    return ReplicaPlace{server.name, *node, originOf(config, server)};
}

QString inShell(const QString &path)
{
    const Result<QByteArray> quoted = accounts::shellQuoted({path});
    return plain(quoted ? QString::fromUtf8(*quoted) : path);
}

/// Of its own: the first server's unit may be on the same machine, and is usually called "charm".
QString unitName(const QString &folder)
{
    QString name = QFileInfo(folder).fileName();
    static const QRegularExpression others(QStringLiteral("[^A-Za-z0-9_-]"));
    name.replace(others, QStringLiteral("-"));
    const bool isOwn = name.startsWith(QLatin1String("charm")) && name != QLatin1String("charm");
    return isOwn ? name : QStringLiteral("charm-") + name;
}

} // namespace

Result<ReplicaPlace> findReplica(const config::Config &config, const QString &word)
{
    for (const config::Server &server : config.servers) {
        if (server.name == word || server.id == word)
            return placeOf(config, server);
    }
    if (!word.contains(QLatin1Char('/')))
        return Error{Code::NotFound,
                     QStringLiteral("there is no server \"%1\" in the configuration, and a data "
                                    "directory is /PATH or ssh://USER@HOST/PATH")
                         .arg(word)};
    const Result<config::NodePlace> node = config::parseNodePlace(word);
    if (!node)
        return node.error();
    for (const config::Server &server : config.servers) {
        const auto own = config::parseNodePlace(server.data);
        if (own && *own == *node)
            return placeOf(config, server);
    }
    return ReplicaPlace{node->toString(), *node, {}};
}

// ---- what both share ----

ReplicasCommand::ReplicasCommand(ReplicasContext context)
    : m_context(std::move(context))
{
}

ReplicasCommand::~ReplicasCommand()
{
    m_stop.request_stop();
}

int ReplicasCommand::run()
{
    service::UnixSignals signals;
    connect(&signals, &service::UnixSignals::terminated, this, [this] { m_stop.request_stop(); });
    QMetaObject::invokeMethod(this, &ReplicasCommand::start, Qt::QueuedConnection);
    return QCoreApplication::exec();
}

void ReplicasCommand::finish(int exitCode)
{
    QCoreApplication::exit(exitCode);
}

void ReplicasCommand::fail(const Error &error)
{
    m_context.terminal.complain(plain(withCode(error)));
    finish(error.code == Code::JobEnded ? Interrupted : exitCodeFor(error.code));
}

void ReplicasCommand::print(const QString &text)
{
    m_context.terminal.print(text);
}

void ReplicasCommand::printJson(const QJsonObject &object)
{
    print(QString::fromUtf8(jsonText(object, QJsonDocument::Compact)) + QLatin1Char('\n'));
}

std::unique_ptr<accounts::INode> ReplicasCommand::nodeOf(const config::NodePlace &place) const
{
    const auto access = accounts::SshAccess::standard(QDir::homePath(), qEnvironmentVariable("SSH_AUTH_SOCK"),
                                                      m_context.serviceHosts);
    return accounts::makeNode(place, access, m_clock, m_stop.get_token());
}

void ReplicasCommand::askServer(const http::Origin &origin,
                                std::function<void(const Result<accounts::ServerAnswer> &)> answered)
{
    m_question = std::make_unique<accounts::ServerQuestion>(origin);
    // Queued: what is called may ask another one.
    connect(m_question.get(), &accounts::ServerQuestion::answered, this, answered, Qt::QueuedConnection);
    m_question->ask();
}

// ---- init ----

ReplicasInitCommand::ReplicasInitCommand(ReplicasContext context, Options options)
    : ReplicasCommand(std::move(context))
    , m_options(std::move(options))
{
}

config::ServerChange ReplicasInitCommand::joining() const
{
    config::ServerChange change;
    QUrl url = m_options.url;
    if (url.isEmpty()) {
        const QString own =
            m_options.plan.address.isEmpty() ? QStringLiteral("localhost") : m_options.plan.address;
        url.setScheme(QStringLiteral("http"));
        url.setHost(m_to.node.isLocal() ? own : m_to.node.host);
        url.setPort(m_options.plan.httpPort);
    }
    change.url = url.toString();
    change.sshPort = QString::number(m_options.plan.sshPort);
    change.data = m_to.node.toString();
    return change;
}

/// Before anything is made: a name or an address that the ring would not take later.
Status ReplicasInitCommand::checkJoining() const
{
    if (m_options.join.isEmpty())
        return {};
    for (const config::Server &server : m_context.config.servers) {
        const auto place = config::parseNodePlace(server.data);
        if (server.name == m_options.join && !(place && *place == m_to.node))
            return Error{
                Code::ConfigBadValue,
                QStringLiteral("there is a server %1 already, and its data are elsewhere (%2)")
                    .arg(server.name, server.data.isEmpty() ? QStringLiteral("not told") : server.data)};
        if (server.name == m_options.join)
            return {};
    }
    const Result<QByteArray> tried = config::withServer(m_context.configText, m_options.join, joining());
    return tried ? Status() : Status(tried.error());
}

void ReplicasInitCommand::start()
{
    const Result<ReplicaPlace> from = findReplica(m_context.config, m_options.from);
    const Result<ReplicaPlace> to = findReplica(m_context.config, m_options.to);
    for (const auto *place : {&from, &to}) {
        if (!*place) {
            fail(place->error());
            return;
        }
    }
    m_from = *from;
    m_to = *to;
    handleProgress({InitProgress::Phase::Checking, 0, 0});
    const QPointer<QObject> self(this);
    m_workers.run([this, self] {
        // What keeps it from being read, the work itself will meet, too.
        const auto text = accounts::readAll(*nodeOf(m_to.node), accounts::ReplicaInit::kEnvironment);
        m_workers.post(self, [this, text = text ? *text : QByteArray()] { handleEnvironment(text); });
    });
}

/// Of a server that is there already, or was begun: where it listens does not change by itself.
void ReplicasInitCommand::handleEnvironment(const QByteArray &text)
{
    using Plan = accounts::ReplicaPlan;
    static constexpr std::array<std::pair<const char *, quint16 Plan::*>, 4> kPorts{
        {{"HTTP_PORT", &Plan::httpPort},
         {"SSH_PORT", &Plan::sshPort},
         {"STATS_PORT", &Plan::statsPort},
         {"HEALTH_PORT", &Plan::healthPort}}};
    const QHash<QByteArray, QString> there = accounts::readEnvironment(text);
    for (const auto &[name, port] : kPorts) {
        const quint16 number = there.value(name).toUShort();
        if (number != 0 && !m_options.given.contains(name))
            m_options.plan.*port = number;
    }
    if (m_options.plan.address.isEmpty())
        m_options.plan.address = there.value("BIND_ADDRESS");
    if (const Status status = checkJoining(); !status) {
        fail(status.error());
        return;
    }
    if (!m_options.plan.issuer.isEmpty()) {
        begin();
    } else if (m_from.origin) {
        askServer(*m_from.origin, [this](const Result<accounts::ServerAnswer> &answer) {
            if (!answer) {
                fail(
                    {answer.error().code,
                     QStringLiteral("the issuer of %1 is not known, for the server %2. Start it, or give its "
                                    "CHARM_SERVER_PUBLIC_URL with --issuer")
                         .arg(m_from.name, answer.error().detail)});
                return;
            }
            m_options.plan.issuer = answer->issuer;
            begin();
        });
    } else {
        fail({Code::ConfigIncomplete,
              QStringLiteral(
                  "%1 is no server of the configuration, so its issuer cannot be asked for: give its "
                  "CHARM_SERVER_PUBLIC_URL with --issuer")
                  .arg(m_from.name)});
    }
}

void ReplicasInitCommand::begin()
{
    const QPointer<QObject> self(this);
    m_workers.run([this, self] {
        const auto source = nodeOf(m_from.node);
        const auto target = nodeOf(m_to.node);
        const auto told = [this, self](const InitProgress &progress) {
            m_workers.post(self, [this, progress] { handleProgress(progress); });
        };
        accounts::ReplicaInit init(*source, *target, m_options.plan, QDir::tempPath(), m_stop.get_token(),
                                   told);
        m_workers.post(self, [this, result = init.run()] { handleEnd(result); });
    });
}

void ReplicasInitCommand::handleProgress(const InitProgress &progress)
{
    const QString phase = accounts::phaseName(progress.phase);
    if (m_context.json && phase != std::exchange(m_phase, phase))
        printJson({{QStringLiteral("phase"), phase}});
    ProgressLine::Point point{phase, progress.done, {}};
    if (progress.total > 0)
        point.total = progress.total;
    m_line.add(point, m_clock.steady());
    if (!m_context.json && !m_context.quiet)
        m_context.terminal.progress(m_line.text());
}

QString ReplicasInitCommand::startWords(const InitReport &report) const
{
    const QString there = m_to.node.isLocal() ? QString() : QStringLiteral(" on %1").arg(m_to.node.machine());
    return QStringLiteral("Start it%1, either way:\n"
                          "  sudo cp %2 /etc/systemd/system/%3.service && sudo systemctl daemon-reload && "
                          "sudo systemctl enable --now %3\n"
                          "  (set -a; . %4; exec charm serve)\n")
        .arg(plain(there), inShell(report.unitFile), unitName(m_to.node.path),
             inShell(report.environmentFile));
}

QString ReplicasInitCommand::joinWords() const
{
    return QStringLiteral("Then take it into the ring; its files come by themselves:\n"
                          "  cring backends add NAME --url http://HOST:%1 --ssh-port %2 --data %3\n"
                          "  cring replicas check NAME\n")
        .arg(m_options.plan.httpPort)
        .arg(m_options.plan.sshPort)
        .arg(plain(m_to.node.toString()));
}

void ReplicasInitCommand::handleEnd(const Result<InitReport> &result)
{
    if (!result) {
        fail(result.error());
        return;
    }
    const bool isThere = result->outcome == InitReport::Outcome::AlreadyThere;
    if (m_context.json) {
        printJson({{QStringLiteral("summary"),
                    QJsonObject{{QStringLiteral("made"), !isThere},
                                {QStringLiteral("resumed"), result->outcome == InitReport::Outcome::Resumed},
                                {QStringLiteral("place"), m_to.node.toString()},
                                {QStringLiteral("kid"), QString::fromLatin1(result->kid)},
                                {QStringLiteral("accounts"), result->accounts},
                                {QStringLiteral("bytes"), result->bytes},
                                {QStringLiteral("environmentFile"), result->environmentFile},
                                {QStringLiteral("unitFile"), result->unitFile},
                                {QStringLiteral("environment"), QString::fromUtf8(result->environment)},
                                {QStringLiteral("unit"), QString::fromUtf8(result->unit)}}}});
    } else if (isThere) {
        print(QStringLiteral("%1 is a server of this cluster already: nothing to make.\n")
                  .arg(plain(m_to.name)));
    } else {
        print(QStringLiteral("Made the data directory of a new server at %1: the key of %2, and %3 (%4).\n")
                  .arg(plain(m_to.node.toString()), plain(m_from.name),
                       words::counted(result->accounts, "account"), words::bytes(result->bytes)));
    }
    const bool joins = !m_options.join.isEmpty();
    if (!m_context.quiet && (joins || !isThere) && !result->unitFile.isEmpty())
        m_context.terminal.advise(startWords(*result) + (joins ? QString() : joinWords()));
    if (!joins) {
        finish(Ok);
        return;
    }
    m_kid = result->kid;
    awaitServer();
}

void ReplicasInitCommand::awaitServer()
{
    if (m_stop.stop_requested()) {
        fail({Code::JobEnded, QStringLiteral("called off. The same command goes on where it was")});
        return;
    }
    config::Server server;
    server.url = QUrl(*joining().url);
    askServer(originOf(m_context.config, server),
              [this](const Result<accounts::ServerAnswer> &answer) { handleAnswer(answer); });
}

void ReplicasInitCommand::handleAnswer(const Result<accounts::ServerAnswer> &answer)
{
    constexpr std::chrono::milliseconds pause{1'000};
    const QString url = *joining().url;
    if (answer) {
        const accounts::CheckFinding finding = accounts::judgeAnswer(answer, m_kid, m_options.plan.issuer);
        if (!finding.ok) {
            fail({Code::ConfigBadValue, QStringLiteral("at %1: %2").arg(url, finding.text)});
            return;
        }
        if (!m_context.json)
            print(QStringLiteral("%1: %2.\n").arg(plain(url), plain(finding.text)));
        finish(Ok);
        return;
    }
    const QString why = answer.error().detail;
    if (why != std::exchange(m_awaiting, why)) {
        if (m_context.json)
            printJson({{QStringLiteral("phase"), QStringLiteral("waiting")},
                       {QStringLiteral("url"), url},
                       {QStringLiteral("text"), why}});
        else if (!m_context.quiet)
            m_context.terminal.advise(
                plain(QStringLiteral("Waiting for %1 (it %2). Ctrl-C ends that; the same command goes on.")
                          .arg(url, why)));
    }
    QTimer::singleShot(pause, this, &ReplicasInitCommand::awaitServer);
}

// ---- check ----

ReplicasCheckCommand::ReplicasCheckCommand(ReplicasContext context, QStringList names)
    : ReplicasCommand(std::move(context))
    , m_names(std::move(names))
{
}

void ReplicasCheckCommand::start()
{
    QStringList wanted = m_names;
    for (const config::Server &server : m_context.config.servers) {
        if (m_names.isEmpty() && !server.data.isEmpty())
            wanted += server.name;
    }
    if (wanted.isEmpty()) {
        fail({Code::ConfigIncomplete,
              QStringLiteral("no server of the configuration says where its data are: cring config "
                             "set server.NAME.data /PATH, or ssh://USER@HOST/PATH")});
        return;
    }
    for (const QString &name : wanted) {
        const Result<ReplicaPlace> place = findReplica(m_context.config, name);
        if (!place) {
            fail(place.error());
            return;
        }
        m_places += *place;
    }
    next();
}

void ReplicasCheckCommand::next()
{
    if (m_at == m_places.size()) {
        if (m_context.json)
            printJson({{QStringLiteral("summary"), QJsonObject{{QStringLiteral("ok"), m_passed}}}});
        finish(m_passed ? Ok : DoneWithFindings);
        return;
    }
    const QPointer<QObject> self(this);
    m_workers.run([this, self, place = m_places.at(m_at).node] {
        const auto node = nodeOf(place);
        m_workers.post(self,
                       [this, check = accounts::checkFolder(*node, QDir::tempPath(), m_stop.get_token())] {
                           handleFolder(check);
                       });
    });
}

void ReplicasCheckCommand::handleFolder(const accounts::FolderCheck &check)
{
    if (m_stop.stop_requested()) {
        finish(Interrupted);
        return;
    }
    accounts::FolderCheck all = check;
    if (m_kid.isEmpty())
        m_kid = check.kid;
    else if (!check.kid.isEmpty() && check.kid != m_kid)
        all.findings.append(
            {QStringLiteral("cluster"), false,
             QStringLiteral("its server key is not that of %1: these two do not stand for each other")
                 .arg(m_places.constFirst().name)});
    const auto &origin = m_places.at(m_at).origin;
    if (origin)
        askServer(*origin,
                  [this, all](const Result<accounts::ServerAnswer> &answer) { handleServer(all, answer); });
    else
        report(all);
}

void ReplicasCheckCommand::handleServer(accounts::FolderCheck check,
                                        const Result<accounts::ServerAnswer> &answer)
{
    check.findings.append(accounts::judgeAnswer(answer, check.kid, m_issuer));
    if (answer && m_issuer.isEmpty())
        m_issuer = answer->issuer;
    report(check);
}

void ReplicasCheckCommand::report(const accounts::FolderCheck &check)
{
    const QString name = m_places.at(m_at).name;
    PaintedTable table;
    for (const accounts::CheckFinding &finding : check.findings) {
        if (m_context.json)
            printJson({{QStringLiteral("name"), name},
                       {QStringLiteral("what"), finding.what},
                       {QStringLiteral("ok"), finding.ok},
                       {QStringLiteral("text"), finding.text}});
        table.addRow({{plain(name), Tone::Strong},
                      {finding.what, Tone::Faint},
                      {finding.ok ? QStringLiteral("ok") : QStringLiteral("failed"),
                       finding.ok ? Tone::Good : Tone::Bad},
                      {plain(finding.text)}});
    }
    if (!m_context.json)
        print(table.toString(m_context.terminal));
    m_passed = m_passed && check.passed();
    ++m_at;
    next();
}

} // namespace cring::app
