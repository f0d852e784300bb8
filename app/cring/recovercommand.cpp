// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/recovercommand.h"

#include "app/cring/recoverykitcommand.h"
#include "app/cring/standardinput.h"
#include "core/accounts/newdatadirectory.h"
#include "core/backup/target.h"
#include "core/base/words.h"
#include "core/config/edit.h"
#include "core/config/secretfile.h"
#include "core/service/accountsaving.h"
#include "core/service/statedirectory.h"
#include "core/service/staterecovery.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>

namespace cring::app {

using backup::AccountSnapshot;
using backup::Credentials;

namespace {

QString momentOf(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC).toString(QStringLiteral("yyyy-MM-dd HH:mm 'UTC'"));
}

Result<Credentials> fromEnvironment()
{
    Credentials keys;
    keys.accessKey = qgetenv("AWS_ACCESS_KEY_ID");
    keys.secretKey = Secret(qgetenv("AWS_SECRET_ACCESS_KEY"));
    keys.sessionToken = Secret(qgetenv("AWS_SESSION_TOKEN"));
    if (keys.accessKey.isEmpty() || keys.secretKey.isEmpty())
        return Error{Code::SecretMissing,
                     QStringLiteral("the bucket's keys are not there: put them into AWS_ACCESS_KEY_ID and "
                                    "AWS_SECRET_ACCESS_KEY, or give them with --secret-stdin")};
    return keys;
}

/// A line each: access key, secret key, and a session token where there is one.
Result<Credentials> fromInput()
{
    const auto text = readStandardInput(config::kLongestSecret);
    if (!text)
        return text.error();
    QList<QByteArrayView> lines;
    QByteArrayView rest = text->view();
    while (!rest.isEmpty()) {
        const qsizetype end = rest.indexOf('\n');
        lines.append((end < 0 ? rest : rest.first(end)).trimmed());
        rest = end < 0 ? QByteArrayView() : rest.sliced(end + 1);
    }
    if (lines.size() < 2 || lines[0].isEmpty() || lines[1].isEmpty())
        return Error{
            Code::SecretMissing,
            QStringLiteral("standard input has to have the access key in its first line, and the secret "
                           "key in its second one")};
    Credentials keys;
    keys.accessKey = lines[0].toByteArray();
    keys.secretKey = Secret(lines[1].toByteArray());
    if (lines.size() > 2 && !lines[2].isEmpty())
        keys.sessionToken = Secret(lines[2].toByteArray());
    return keys;
}

/// With the numbers that were handed out beyond what a server had written down.
accounts::AccountSet withFloors(accounts::AccountSet accounts, const std::map<QByteArray, quint64> &floors)
{
    for (const auto &[key, value] : floors) {
        const qsizetype slash = key.indexOf('/');
        const auto account = accounts.find(key.left(slash));
        if (slash < 0 || account == accounts.end())
            continue;
        quint64 &sequence = account->second.sequences[QByteArray::fromPercentEncoding(key.mid(slash + 1))];
        sequence = std::max(sequence, value);
    }
    return accounts;
}

} // namespace

RecoverCommand::RecoverCommand(ServiceCommandContext context, Options options)
    : m_context(std::move(context))
    , m_options(std::move(options))
{
}

RecoverCommand::~RecoverCommand() = default;

int RecoverCommand::run()
{
    if (const Status ready = prepare(); !ready)
        return fail(ready.error());
    std::optional<Error> error;
    m_search = std::make_unique<backup::SnapshotSearch>(*m_client, *m_kit);
    connect(m_search.get(), &backup::SnapshotSearch::passedOver, this, &RecoverCommand::handlePassedOver);
    connect(m_search.get(), &backup::SnapshotSearch::found, this, [] { QCoreApplication::quit(); });
    connect(m_search.get(), &backup::SnapshotSearch::failed, this, [&error](const Error &why) {
        error = why;
        QCoreApplication::quit();
    });
    m_search->start();
    QCoreApplication::exec();
    return error ? fail(*error) : finish();
}

/// Everything that can be refused before a server is asked.
Status RecoverCommand::prepare()
{
    if (m_options.kit == QLatin1String("-") && m_options.secretStdin)
        return Error{
            Code::ControlBadParams,
            QStringLiteral("standard input cannot be the kit and the keys: name a file for --kit, or put the "
                           "keys into the environment")};
    if (m_options.serverData.isEmpty()) {
        m_directory = QDir::current().absoluteFilePath(m_options.out);
        if (m_options.out.isEmpty()) {
            const auto state = service::stateDirectory();
            if (!state)
                return state.error();
            m_directory = *state;
        }
        if (const Status unused = service::checkUnused(m_directory); !unused)
            return unused;
        if (m_options.writeConfig && QFileInfo::exists(m_options.configFile))
            return Error{Code::ConfigFile,
                         QStringLiteral("there is a configuration already, %1: move it away, or "
                                        "leave out --write-config")
                             .arg(m_options.configFile)};
    }
    auto kit = readKit(m_options.kit, m_context.terminal, m_context.quiet);
    if (!kit)
        return kit.error();
    m_kit = std::move(*kit);
    auto keys = m_options.secretStdin ? fromInput() : fromEnvironment();
    if (!keys)
        return keys.error();
    auto endpoint = backup::endpointOf(m_options.backup);
    if (!endpoint)
        return endpoint.error();
    m_client = std::make_unique<backup::S3Client>(std::move(*endpoint), backup::S3Limits(), m_clock, m_random,
                                                  m_workers);
    m_client->setCredentials(std::move(*keys));
    return {};
}

void RecoverCommand::handlePassedOver(const QByteArray &key, const QString &why)
{
    m_context.terminal.complain(QStringLiteral("the snapshot of %1 is passed over: %2")
                                    .arg(momentOf(AccountSnapshot::timeOf(key)), why));
}

int RecoverCommand::finish()
{
    const AccountSnapshot &snapshot = m_search->snapshot();
    advise(QStringLiteral("The accounts are those of %1.").arg(momentOf(snapshot.madeMs)));
    return m_options.serverData.isEmpty() ? makeState(snapshot) : makeServers(snapshot);
}

int RecoverCommand::makeServers(const AccountSnapshot &snapshot)
{
    const auto state = service::accountsIn(snapshot);
    if (!state)
        return fail(state.error());
    if (!snapshot.serverKey)
        return fail(
            {Code::SnapshotInvalid,
             QStringLiteral("the snapshot has no servers' key (identity.server_key was not set when it was "
                            "made), and without it a server would be another one")});
    const auto key = charm::ServerKey::parse(snapshot.serverKey->view());
    if (!key)
        return fail({Code::SnapshotInvalid, QStringLiteral("the servers' key in it ") + key.error().detail});
    const accounts::AccountSet accounts = withFloors(state->accounts, snapshot.floors);
    for (const QString &path : m_options.serverData) {
        if (const Status made = accounts::makeDataDirectory(path, *key, accounts, m_clock); !made)
            return fail(made.error());
    }
    const QString issuer = QString::fromUtf8(snapshot.issuer);
    if (m_context.json) {
        m_context.terminal.print(
            QString::fromUtf8(
                jsonText({{QStringLiteral("accounts"), static_cast<qint64>(accounts.size())},
                          {QStringLiteral("issuer"), issuer},
                          {QStringLiteral("serverData"), QJsonArray::fromStringList(m_options.serverData)},
                          {QStringLiteral("snapshotMs"), snapshot.madeMs}},
                         QJsonDocument::Compact)) +
            u'\n');
        return Ok;
    }
    for (const QString &path : m_options.serverData)
        m_context.terminal.print(
            QStringLiteral("%1: %2. Start a server on it, as the user that owns it, with\n"
                           "  CHARM_SERVER_DATA_DIR=%1 CHARM_SERVER_PUBLIC_URL=%3 charm serve\n")
                .arg(plain(path), words::counted(static_cast<qint64>(accounts.size()), "account"),
                     plain(issuer)));
    advise(QStringLiteral(
        "When every server has been started, name them in the configuration, start the service, "
        "and bring the files back with `cring backup restore --to-backends`."));
    return Ok;
}

int RecoverCommand::makeState(const AccountSnapshot &snapshot)
{
    const auto made = service::recoverState(snapshot, *m_kit, m_directory, m_clock, m_random);
    if (!made)
        return fail(made.error());
    const QByteArray text = service::configurationFor(m_options.backup, *made);
    if (m_options.writeConfig) {
        if (const Status written = config::writeFile(m_options.configFile, text); !written)
            return fail(written.error());
    }
    if (m_context.json) {
        QJsonObject object{{QStringLiteral("accounts"), made->accounts},
                           {QStringLiteral("issuer"), QString::fromUtf8(snapshot.issuer)},
                           {QStringLiteral("stateDirectory"), m_directory},
                           {QStringLiteral("serverKey"), made->serverKeyFile},
                           {QStringLiteral("snapshotMs"), snapshot.madeMs}};
        if (m_options.writeConfig)
            object.insert(QStringLiteral("configFile"), m_options.configFile);
        else
            object.insert(QStringLiteral("configuration"), QString::fromUtf8(text));
        m_context.terminal.print(QString::fromUtf8(jsonText(object, QJsonDocument::Compact)) + u'\n');
        return Ok;
    }
    m_context.terminal.print(m_options.writeConfig
                                 ? QStringLiteral("%1 brought back into %2; the configuration is %3\n")
                                       .arg(words::counted(made->accounts, "account"), plain(m_directory),
                                            plain(m_options.configFile))
                                 : QString::fromUtf8(text));
    if (!m_options.writeConfig)
        advise(QStringLiteral(
                   "%1 brought back into %2. The configuration is printed: put it into %3, or run this "
                   "again elsewhere with --write-config.")
                   .arg(words::counted(made->accounts, "account"), plain(m_directory),
                        plain(m_options.configFile)));
    if (made->serverKeyFile.isEmpty())
        advise(QStringLiteral(
            "The snapshot has no servers' key: the service cannot answer in the servers' place. Put "
            "the key that they had into identity.server_key."));
    advise(QStringLiteral(
               "With the bucket's keys in the environment, `cring serve` now answers charm clients from the "
               "bucket. Their servers were %1: an https address needs service.tls_cert and tls_key. New "
               "servers: `cring backup recover --server-data DIR`, with the same kit and bucket.")
               .arg(plain(QString::fromUtf8(snapshot.issuer))));
    return Ok;
}

int RecoverCommand::fail(const Error &error)
{
    m_context.terminal.complain(withCode(error));
    return exitCodeFor(error.code);
}

void RecoverCommand::advise(const QString &text)
{
    if (!m_context.quiet)
        m_context.terminal.advise(text);
}

} // namespace cring::app
