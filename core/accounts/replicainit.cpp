// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/replicainit.h"

#include "core/accounts/charmfolder.h"

#include <QCryptographicHash>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <array>

namespace cring::accounts {

using namespace charmfolder;

namespace {

constexpr quint32 kFolderMode = 0700;
constexpr quint32 kFileMode = 0600;
constexpr qint64 kMostDatabase = 64LL * 1024 * 1024 * 1024;
constexpr qsizetype kPiece = 256 * 1024;

Error refused(const QString &why)
{
    return Error{Code::ReplicaTarget, why};
}

/// What goes by itself, or by trying again: then what has been made is still good.
bool canGoOn(Code code)
{
    constexpr std::array kPassing{Code::BackendUnreachable, Code::BackendTimeout, Code::BackendProtocol,
                                  Code::HostKeyUnknown,     Code::LoginRefused,   Code::JobEnded};
    return std::ranges::find(kPassing, code) != kPassing.end();
}

} // namespace

const QString ReplicaInit::kEnvironment = QStringLiteral("charm.env");
const QString ReplicaInit::kUnit = QStringLiteral("charm.service");

QString phaseName(InitProgress::Phase phase)
{
    switch (phase) {
    case InitProgress::Phase::Checking:
        return QStringLiteral("checking");
    case InitProgress::Phase::Keys:
        return QStringLiteral("placing the keys");
    case InitProgress::Phase::Copying:
        return QStringLiteral("copying the accounts");
    case InitProgress::Phase::Sending:
        return QStringLiteral("placing the accounts");
    case InitProgress::Phase::Settings:
        return QStringLiteral("writing the settings");
    case InitProgress::Phase::Finishing:
        break;
    }
    return QStringLiteral("finishing");
}

ReplicaInit::ReplicaInit(INode &source, INode &target, ReplicaPlan plan, QString scratch,
                         const std::stop_token &stop, Progress progress)
    : m_source(source)
    , m_target(target)
    , m_plan(std::move(plan))
    , m_scratch(std::move(scratch))
    , m_stop(stop)
    , m_progress(std::move(progress))
{
}

void ReplicaInit::tell(InitProgress::Phase phase, qint64 done, qint64 total) const
{
    if (m_progress)
        m_progress({phase, done, total});
}

Result<InitReport> ReplicaInit::run()
{
    const Status status = carryOut();
    m_keys.reset();
    if (status)
        return m_report;
    if (!m_isOurs || status.error().code == Code::ReplicaTarget)
        return status.error();
    if (canGoOn(status.error().code))
        return Error{status.error().code,
                     status.error().detail +
                         QStringLiteral(". What was made so far is kept at %1: the same command goes "
                                        "on from there")
                             .arg(m_target.shown(QString()))};
    takeAway();
    return status.error();
}

Status ReplicaInit::carryOut()
{
    tell(InitProgress::Phase::Checking);
    if (const Status status = checkPlan(m_plan); !status)
        return status;
    if (m_source.place() == m_target.place())
        return refused(
            QStringLiteral("%1 is the server that is to be copied").arg(m_target.shown(QString())));
    Result<ServerKeys> keys = readServerKeys(m_source);
    if (!keys)
        return keys.error();
    m_keys = std::move(*keys);
    m_report.kid = m_keys->key.kid();
    const Result<TargetSurvey> survey = surveyTarget(m_target, m_keys->key.publicKey());
    if (!survey)
        return survey.error();
    m_marker = survey->marker;
    switch (survey->state) {
    case TargetSurvey::State::IsWhole:
        m_report.outcome = InitReport::Outcome::AlreadyThere;
        if (completePlan())
            nameFiles();
        return {};
    case TargetSurvey::State::Begun:
        m_report.outcome = InitReport::Outcome::Resumed;
        m_isOurs = true;
        return goOn();
    case TargetSurvey::State::Free:
        break;
    }
    const Status begun = begin();
    return begun ? goOn() : begun;
}

Status ReplicaInit::goOn()
{
    for (const auto &step :
         {&ReplicaInit::placeKeys, &ReplicaInit::placeDatabase, &ReplicaInit::writeSettings}) {
        if (const Status status = (this->*step)(); !status)
            return status;
    }
    tell(InitProgress::Phase::Finishing);
    return m_target.remove(InitMarker::kName);
}

Status ReplicaInit::begin()
{
    if (const Status status = checkRoom(m_source, m_target); !status)
        return status;
    if (m_marker.madeFolder) {
        if (const Status status = m_target.makeFolder(QString(), kFolderMode); !status)
            return status;
        m_isOurs = true; // Until the marker is there, this run alone knows.
    }
    if (const Status status = writeMarker(); !status)
        return status;
    m_isOurs = true;
    return {};
}

Status ReplicaInit::writeMarker()
{
    return writeAll(m_target, InitMarker::kName, m_marker.toJson(), kFileMode);
}

Status ReplicaInit::makeFolder(const QString &path)
{
    const Result<std::optional<NodeEntry>> entry = m_target.stat(path);
    if (!entry)
        return entry.error();
    if (!*entry)
        return m_target.makeFolder(path, kFolderMode);
    if ((*entry)->kind == NodeEntry::Kind::Folder)
        return {};
    return refused(QStringLiteral("%1 is there and no folder").arg(m_target.shown(path)));
}

Status ReplicaInit::placeKeys()
{
    tell(InitProgress::Phase::Keys);
    // Before the database: a server that somebody starts too early makes no other key, then.
    for (const QString &folder : {kSsh, kDb, kFiles}) {
        if (const Status status = makeFolder(folder); !status)
            return status;
    }
    if (const Status status = placeKey(kKey, m_keys->text.view()); !status)
        return status;
    return placeKey(kPublicKey, m_keys->publicText);
}

Status ReplicaInit::placeKey(const QString &path, QByteArrayView text)
{
    const Result<std::optional<NodeEntry>> entry = m_target.stat(path);
    if (!entry)
        return entry.error();
    if (!*entry)
        return writeAll(m_target, path, text, kFileMode);
    const Result<Secret> there = readSecret(m_target, path);
    if (!there)
        return there.error();
    if (there->view() == text)
        return {};
    return refused(
        QStringLiteral(
            "%1 holds another key by now: was a server started in the unfinished folder? Remove the "
            "folder and begin again")
            .arg(m_target.shown(path)));
}

Status ReplicaInit::placeDatabase()
{
    const Result<std::optional<NodeEntry>> entry = m_target.stat(kDatabase);
    if (!entry)
        return entry.error();
    if (*entry)
        return keepDatabase();
    tell(InitProgress::Phase::Copying);
    const QTemporaryDir folder(m_scratch + QStringLiteral("/cring-init-XXXXXX"));
    if (!folder.isValid())
        return Error{Code::NodeFile,
                     QStringLiteral("no folder can be made in %1: %2").arg(m_scratch, folder.errorString())};
    const QString file = folder.filePath(QStringLiteral("accounts.db"));
    const Result<DatabaseCopy> copy = copyDatabase(
        m_source, file, m_stop, [this](qint64 bytes) { tell(InitProgress::Phase::Copying, bytes); });
    if (!copy)
        return copy.error();
    m_marker.databaseDigest = copy->digest;
    m_marker.accounts = m_report.accounts = copy->accounts;
    m_report.bytes = copy->bytes;
    // First, so that the next run knows the database for ours.
    if (const Status status = writeMarker(); !status)
        return status;
    return sendDatabase(file);
}

Status ReplicaInit::sendDatabase(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{Code::NodeFile, QStringLiteral("%1 cannot be read: %2").arg(path, file.errorString())};
    const qint64 size = file.size();
    qint64 sent = 0;
    tell(InitProgress::Phase::Sending, sent, size);
    const auto next = [&]() -> Result<QByteArray> {
        QByteArray piece = file.read(kPiece);
        if (piece.isEmpty() && !file.atEnd())
            return Error{Code::NodeFile,
                         QStringLiteral("%1 cannot be read: %2").arg(path, file.errorString())};
        sent += piece.size();
        tell(InitProgress::Phase::Sending, sent, size);
        return piece;
    };
    return m_target.write(kDatabase, next, kFileMode);
}

/// One that is there is whole: it was renamed into its place. It is never replaced, for a server may have it
/// open.
Status ReplicaInit::keepDatabase()
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const Status read = m_target.read(kDatabase, kMostDatabase, [&](QByteArrayView piece) {
        hash.addData(piece);
        m_report.bytes += piece.size();
        return Status();
    });
    if (!read)
        return read;
    m_report.accounts = m_marker.accounts;
    if (hash.result().toHex() == m_marker.databaseDigest)
        return {};
    return refused(
        QStringLiteral(
            "a server has written to %1 before it was finished. If it is to stay, remove %2 there; "
            "else remove the folder and begin again")
            .arg(m_target.shown(kDatabase), InitMarker::kName));
}

Result<QString> ReplicaInit::ask(const QStringList &argv)
{
    NodeCommand command;
    command.argv = argv;
    const Result<NodeOutcome> outcome = m_target.run(command);
    if (!outcome)
        return outcome.error();
    return outcome->exitStatus == 0 ? QString::fromUtf8(outcome->out).trimmed() : QString();
}

/// What only that machine knows.
Status ReplicaInit::completePlan()
{
    const QString root = m_target.fullPath(QString());
    const auto fill = [this](QString &field, const QStringList &argv, const QString &otherwise) -> Status {
        if (!field.isEmpty())
            return {};
        const Result<QString> answer = ask(argv);
        if (!answer)
            return answer.error();
        field = answer->isEmpty() ? otherwise : *answer;
        return {};
    };
    const auto shell = [&root](const char *script) {
        return QStringList{QStringLiteral("sh"), QStringLiteral("-c"), QString::fromLatin1(script),
                           QStringLiteral("sh"), root};
    };
    Status status = fill(m_plan.dataDir, shell("cd -- \"$1\" && pwd"), root);
    if (status)
        status = fill(m_plan.user, {QStringLiteral("stat"), QStringLiteral("-c"), QStringLiteral("%U"), root},
                      QString());
    if (status)
        status =
            fill(m_plan.program, shell("command -v charm || exit 1"), QStringLiteral("/usr/local/bin/charm"));
    return status ? checkPlan(m_plan) : status;
}

void ReplicaInit::nameFiles()
{
    m_report.environmentFile = m_plan.dataDir + QLatin1Char('/') + kEnvironment;
    m_report.unitFile = m_plan.dataDir + QLatin1Char('/') + kUnit;
}

Status ReplicaInit::writeSettings()
{
    tell(InitProgress::Phase::Settings);
    if (const Status status = completePlan(); !status)
        return status;
    nameFiles();
    m_report.environment = environmentText(m_plan);
    m_report.unit = unitText(m_plan, m_report.environmentFile);
    if (const Status status = writeAll(m_target, kEnvironment, m_report.environment, kFileMode); !status)
        return status;
    return writeAll(m_target, kUnit, m_report.unit, kFileMode);
}

/// As far as it goes: nobody is helped by a second error.
void ReplicaInit::takeAway()
{
    for (const QString &path : {kUnit, kEnvironment, kDatabase, kPublicKey, kKey, InitMarker::kName}) {
        // The marker goes last of the files, so that a run that dies here can be gone on with.
        if (path == InitMarker::kName) {
            for (const QString &folder : {kFiles, kDb, kSsh})
                (void)m_target.remove(folder);
        }
        (void)m_target.remove(INode::partName(path));
        (void)m_target.remove(path);
    }
    if (m_marker.madeFolder)
        (void)m_target.remove(QString());
}

} // namespace cring::accounts
