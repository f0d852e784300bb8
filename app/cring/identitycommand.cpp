// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/identitycommand.h"

#include "core/base/log.h"
#include "core/config/endpoint.h"

#include <QHostAddress>
#include <QJsonArray>

namespace cring::app {

using service::IdentitySurvey;
using ssh::Adoption;

namespace {

/// As clients on this machine name the ring.
QString hostOf(const config::Config &config)
{
    const QStringList hosts = ssh::ringHosts(config, {});
    return hosts.isEmpty() ? QStringLiteral("localhost") : hosts.constFirst();
}

QString verdictName(IdentitySurvey::Sight::Verdict verdict)
{
    switch (verdict) {
    case IdentitySurvey::Sight::Verdict::Known:
        return QStringLiteral("known");
    case IdentitySurvey::Sight::Verdict::Missing:
        return QStringLiteral("missing");
    case IdentitySurvey::Sight::Verdict::Unasked:
        break;
    }
    return QStringLiteral("unasked");
}

QJsonObject toJson(const IdentitySurvey::Row &row, bool byService)
{
    QJsonArray servers;
    for (const IdentitySurvey::Sight &sight : row.servers) {
        QJsonObject server{{QStringLiteral("name"), sight.server},
                           {QStringLiteral("account"), verdictName(sight.verdict)}};
        if (!sight.problem.isEmpty())
            server.insert(QStringLiteral("problem"), sight.problem);
        servers.append(server);
    }
    QJsonObject object{{QStringLiteral("place"), row.place},
                       {QStringLiteral("hosts"), QJsonArray::fromStringList(row.hosts)},
                       {QStringLiteral("fingerprint"), row.fingerprint},
                       {QStringLiteral("ofTheRing"), row.ofTheRing},
                       {QStringLiteral("account"), QString::fromLatin1(row.account)},
                       {QStringLiteral("name"), row.name},
                       {QStringLiteral("servers"), servers}};
    if (byService)
        object.insert(QStringLiteral("byService"), true);
    else if (!row.askedAt.isEmpty())
        object.insert(QStringLiteral("askedAt"), row.askedAt);
    if (!row.problem.isEmpty())
        object.insert(QStringLiteral("problem"), row.problem);
    return object;
}

/// "charm1, charm2; missing on charm3".
QString whoKnows(const IdentitySurvey::Row &row)
{
    QStringList known;
    QStringList missing;
    QStringList unasked;
    for (const IdentitySurvey::Sight &sight : row.servers) {
        if (sight.verdict == IdentitySurvey::Sight::Verdict::Known)
            known << sight.server;
        else if (sight.verdict == IdentitySurvey::Sight::Verdict::Missing)
            missing << sight.server;
        else
            unasked << sight.server;
    }
    QStringList parts;
    if (!known.isEmpty())
        parts << known.join(QStringLiteral(", "));
    if (!missing.isEmpty())
        parts << QStringLiteral("missing on ") + missing.join(QStringLiteral(", "));
    if (!unasked.isEmpty())
        parts << QStringLiteral("not asked: ") + unasked.join(QStringLiteral(", "));
    return parts.join(QStringLiteral("; "));
}

QString kvWords(const Adoption &adoption)
{
    const QString what = QStringLiteral("The other account's key-value databases (charm kv) ");
    return (adoption.kvBackup.isEmpty()
                ? what + QStringLiteral("would be moved aside, out of %1\n").arg(plain(adoption.kvFolder))
                : what + QStringLiteral("are %1\n").arg(plain(adoption.kvBackup)));
}

PaintedTable::Cell cell(const QString &text, Tone tone = Tone::Plain)
{
    return {plain(text), tone};
}

} // namespace

// ---- list ----

IdentityListCommand::IdentityListCommand(ServiceCommandContext context, config::Config configured,
                                         bool offline)
    : RingCommand(std::move(context), std::move(configured))
    , m_offline(offline)
    , m_secrets(QProcessEnvironment::systemEnvironment())
{
}

void IdentityListCommand::handleRing(const Ring &ring)
{
    // What the monitor would tell a service's log is in the table.
    log::setLevel(log::Level::Error);
    const IdentitySurvey::Question question{
        ring.config, ssh::KeyPlaces::of(QProcessEnvironment::systemEnvironment()), ring.primary, !m_offline};
    m_survey = std::make_unique<IdentitySurvey>(question, m_secrets, m_clock, m_random);
    connect(m_survey.get(), &IdentitySurvey::finished, this, [this] {
        m_rows = m_survey->rows();
        askService(0);
    });
    m_survey->start();
}

/// Whose the keys are that no server could be asked about.
void IdentityListCommand::askService(qsizetype from)
{
    for (qsizetype at = from; hasService() && !m_offline && at < m_rows.size(); ++at) {
        const IdentitySurvey::Row &row = m_rows[at];
        if (!row.ofTheRing || !row.account.isEmpty() || row.fingerprint.isEmpty())
            continue;
        m_asked = true;
        tryCall(QStringLiteral("accounts.show"), {{QStringLiteral("account"), row.fingerprint}},
                [this, at](const Result<QJsonObject> &answer) {
                    m_asked = false;
                    if (answer)
                        takeAccount(at, *answer);
                    askService(at + 1);
                });
        return;
    }
    report();
}

void IdentityListCommand::handleServiceGone()
{
    if (std::exchange(m_asked, false))
        report();
}

void IdentityListCommand::takeAccount(qsizetype at, const QJsonObject &shown)
{
    using Sight = IdentitySurvey::Sight;
    IdentitySurvey::Row &row = m_rows[at];
    const QJsonObject account = shown.value(QLatin1String("account")).toObject();
    row.account = account.value(QLatin1String("id")).toString().toLatin1();
    row.name = account.value(QLatin1String("name")).toString();
    row.servers.clear();
    for (const QJsonValue value : shown.value(QLatin1String("servers")).toArray()) {
        const QJsonObject server = value.toObject();
        const QString state = server.value(QLatin1String("state")).toString();
        row.servers.append({server.value(QLatin1String("name")).toString(),
                            state == QStringLiteral("lacks") ? Sight::Verdict::Missing
                            : state == QStringLiteral("same") || state == QStringLiteral("differs")
                                ? Sight::Verdict::Known
                                : Sight::Verdict::Unasked,
                            server.value(QLatin1String("problem")).toString()});
    }
    m_byService.insert(at);
}

QString IdentityListCommand::knownWords(qsizetype at) const
{
    const IdentitySurvey::Row &row = m_rows.at(at);
    if (m_byService.contains(at))
        return whoKnows(row) + QStringLiteral(", as the service last saw it");
    return row.problem.isEmpty() ? whoKnows(row) : row.problem;
}

void IdentityListCommand::report()
{
    const bool partly = !m_offline && std::ranges::any_of(m_rows, [](const IdentitySurvey::Row &row) {
        return row.ofTheRing && row.account.isEmpty();
    });
    const int exitCode = partly ? PartlyDone : Ok;
    if (json()) {
        QJsonArray rows;
        for (qsizetype at = 0; at < m_rows.size(); ++at)
            rows.append(toJson(m_rows.at(at), m_byService.contains(at)));
        printJson({{QStringLiteral("identities"), rows},
                   {QStringLiteral("ringHosts"), QJsonArray::fromStringList(m_survey->ringHosts())}});
        finish(exitCode);
        return;
    }
    PaintedTable table;
    table.addRow({{QStringLiteral("HOST"), Tone::Faint},
                  {QStringLiteral("KEY"), Tone::Faint},
                  {QStringLiteral("ACCOUNT"), Tone::Faint},
                  {QStringLiteral("NAME"), Tone::Faint},
                  {QStringLiteral("KNOWN ON"), Tone::Faint}});
    for (qsizetype at = 0; at < m_rows.size(); ++at) {
        const IdentitySurvey::Row &row = m_rows.at(at);
        const QString host = row.hosts.isEmpty() ? row.place : row.hosts.join(QStringLiteral(", "));
        const QString account =
            row.account.isEmpty() ? QStringLiteral("?") : QString::fromLatin1(row.account);
        const bool other = !row.ofTheRing && row.problem.isEmpty();
        table.addRow({cell(host, Tone::Strong), cell(row.fingerprint.left(19)), cell(account), cell(row.name),
                      other ? cell(QStringLiteral("no host of this ring"), Tone::Faint)
                            : cell(knownWords(at), row.problem.isEmpty() ? Tone::Plain : Tone::Warning)});
    }
    if (m_rows.isEmpty())
        print(QStringLiteral("The charm client has no key on this machine.\n"));
    else
        print(table.toString(terminal()));
    advise();
    finish(exitCode);
}

void IdentityListCommand::advise()
{
    QSet<QByteArray> accounts;
    bool withRing = false;
    bool elsewhere = false;
    for (const IdentitySurvey::Row &row : m_rows) {
        if (!row.account.isEmpty())
            accounts.insert(row.account);
        const bool here = std::ranges::any_of(
            row.hosts, [this](const QString &host) { return m_survey->ringHosts().contains(host); });
        withRing = withRing || here;
        elsewhere = elsewhere || (row.ofTheRing && !here);
    }
    if (!withRing && elsewhere)
        ServiceCommand::advise(QStringLiteral(
            "There is no key for the ring's own name: under it, a charm client would become a new account. "
            "`cring identity adopt` gives it the key that is used with a server."));
    if (accounts.size() > 1)
        ServiceCommand::advise(QStringLiteral("These keys are different accounts: what one has stored, the "
                                              "others do not see. `charm link` joins two."));
    if (qEnvironmentVariableIsSet("CHARM_IDENTITY_KEY"))
        ServiceCommand::advise(QStringLiteral(
            "CHARM_IDENTITY_KEY is set: the charm client takes that key for every host, and none of these."));
}

// ---- adopt ----

IdentityAdoptCommand::IdentityAdoptCommand(ServiceCommandContext context, config::Config configured,
                                           Options options)
    : RingCommand(std::move(context), std::move(configured))
    , m_options(std::move(options))
    , m_places(ssh::KeyPlaces::of(QProcessEnvironment::systemEnvironment()))
{
}

Result<QString> IdentityAdoptCommand::chooseSource(const Ring &ring, const QString &to) const
{
    if (!m_options.from.isEmpty())
        return m_options.from;
    QList<ssh::ClientKey> ofServers;
    QStringList all;
    bool hasAServers = false;
    for (const ssh::ClientKey &key : ssh::clientKeys(m_places)) {
        all << key.host;
        const bool isAServers = std::ranges::any_of(
            ring.config.servers, [&](const config::Server &server) { return server.url.host() == key.host; });
        hasAServers = hasAServers || (isAServers && key.host == to && !key.problem);
        if (!isAServers || key.host == to || key.problem)
            continue;
        // One key under several names is one choice.
        if (std::ranges::none_of(ofServers, [&](const auto &other) { return other.digest == key.digest; }))
            ofServers.append(key);
    }
    if (ofServers.size() == 1)
        return ofServers.constFirst().host;
    // A server and the ring under one name: the client has its key already.
    if (ofServers.isEmpty() && hasAServers)
        return to;
    if (ofServers.isEmpty())
        return Error{Code::NotFound,
                     QStringLiteral("the charm client has no key for any of the ring's servers here. %1")
                         .arg(all.isEmpty()
                                  ? QStringLiteral("It has none at all in %1").arg(m_places.charmData)
                                  : QStringLiteral("It has keys for %1: --from HOST takes one of these")
                                        .arg(all.join(QStringLiteral(", "))))};
    QStringList choices;
    for (const ssh::ClientKey &key : ofServers)
        choices << QStringLiteral("%1 (%2)").arg(key.host, key.fingerprint);
    return Error{
        Code::ControlBadParams,
        QStringLiteral("the servers' names have different keys: %1. Say which with --from HOST; `cring "
                       "identity list` shows the account of each")
            .arg(choices.join(QStringLiteral(", ")))};
}

void IdentityAdoptCommand::handleRing(const Ring &ring)
{
    const QString to = m_options.to.isEmpty() ? hostOf(ring.config) : m_options.to;
    const Result<QString> from = chooseSource(ring, to);
    const Result<Adoption> plan = from ? ssh::planAdoption(m_places, *from, to) : from.error();
    if (!plan) {
        fail(plan.error());
        return;
    }
    if (plan->state == Adoption::State::Same) {
        report(ring, *plan, "same");
        return;
    }
    if (plan->state == Adoption::State::Different && !m_options.replace) {
        fail({Code::KeyExists,
              QStringLiteral(
                  "%1 has another key already (%2), and with it another account, whose files would not be "
                  "seen any more. --replace gives %1 the key of %3, and keeps the other one, and its "
                  "key-value databases, beside "
                  "it")
                  .arg(to, plan->toFile, plan->from)});
        return;
    }
    if (m_options.dryRun) {
        report(ring, *plan, "dry-run");
        return;
    }
    carryOut(ring, *plan);
}

void IdentityAdoptCommand::carryOut(const Ring &ring, const Adoption &plan)
{
    const bool replaces = plan.state == Adoption::State::Different;
    const QString question =
        replaces ? QStringLiteral("Give %1 the key of %2, and keep the one that it has beside it?")
                 : QStringLiteral("Give %1 the key of %2?");
    if (!isConfirmed(question.arg(plain(plan.to), plain(plan.from)), m_options.yes))
        return;
    const auto done = ssh::adopt(m_places, plan.from, plan.to, m_options.replace, SystemClock().wall());
    if (!done)
        fail(done.error());
    else
        report(ring, *done, "adopted");
}

void IdentityAdoptCommand::report(const Ring &ring, const Adoption &adoption, const char *outcome)
{
    const bool dryRun = qstrcmp(outcome, "dry-run") == 0;
    const auto http = config::parseEndpoint(ring.config.address);
    const auto ssh = config::parseEndpoint(ring.config.sshAddress);
    if (json()) {
        QJsonObject object{{QStringLiteral("outcome"), QString::fromLatin1(outcome)},
                           {QStringLiteral("from"), adoption.from},
                           {QStringLiteral("to"), adoption.to},
                           {QStringLiteral("fromFile"), adoption.fromFile},
                           {QStringLiteral("toFile"), adoption.toFile}};
        if (!adoption.backup.isEmpty())
            object.insert(QStringLiteral("backup"), adoption.backup);
        if (!adoption.kvFolder.isEmpty())
            object.insert(QStringLiteral("kvFolder"), adoption.kvFolder);
        if (!adoption.kvBackup.isEmpty())
            object.insert(QStringLiteral("kvBackup"), adoption.kvBackup);
        if (dryRun)
            object.insert(QStringLiteral("replaces"), adoption.state == Adoption::State::Different);
        printJson(object);
    } else if (adoption.state == Adoption::State::Same) {
        print(adoption.to == adoption.from
                  ? QStringLiteral("%1 is a server's name as well, and has its key already.\n")
                        .arg(plain(adoption.to))
                  : QStringLiteral("%1 has the key of %2 already.\n")
                        .arg(plain(adoption.to), plain(adoption.from)));
    } else {
        print(QStringLiteral("%1 %2 the key of %3: %4\n")
                  .arg(plain(adoption.to), dryRun ? QStringLiteral("would get") : QStringLiteral("has"),
                       plain(adoption.from), plain(adoption.toFile)));
        if (!adoption.backup.isEmpty())
            print(QStringLiteral("The key that it had is %1\n").arg(plain(adoption.backup)));
        if (!adoption.kvFolder.isEmpty())
            print(kvWords(adoption));
    }
    if (!json() && !dryRun && http && ssh)
        advise(QStringLiteral("Charm clients on this machine use the ring with\n  export CHARM_HOST=%1 "
                              "CHARM_SSH_PORT=%2 CHARM_HTTP_PORT=%3")
                   .arg(plain(adoption.to))
                   .arg(ssh->port)
                   .arg(http->port));
    if (qEnvironmentVariableIsSet("CHARM_IDENTITY_KEY"))
        advise(QStringLiteral(
            "CHARM_IDENTITY_KEY is set: the charm client takes that key for every host. Unset it."));
    finish(Ok);
}

} // namespace cring::app
