// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>
#include <QString>
#include <QUrl>

#include <algorithm>
#include <chrono>

namespace cring::config {

using std::chrono::milliseconds;

/// One Charm server of the ring.
struct Server
{
    QString name; ///< Shown to people. With --host it is HOST:PORT of the URL.
    QString id;   ///< Placement hangs on it; the first name unless the file says otherwise. Never shown.
    QUrl url;     ///< http or https, host and port; no path, no credentials.
    quint16 sshPort = 35353; ///< On the host of url.
    double weight = 1.0;     ///< Share of the files relative to the others; > 0.
    /// Where its data directory is: a path, or ssh://USER@HOST:PORT/PATH (parseNodePlace()); "" = not said.
    QString data;
    /// Not of the file, but of the state (`cring backends drain`): owns nothing, gives away what it holds.
    bool draining = false;

    bool operator==(const Server &) const = default;
};

/// One S3 target: a bucket that gets every file.
struct Backup
{
    QString name; ///< Shown to people. By default the bucket's.
    QString id;   ///< What is known of the bucket hangs on it; the first name unless the file says otherwise.
    QString url;  ///< http or https, host and port; no path.
    QString bucket;
    QString region = QStringLiteral("us-east-1");
    QString addressing = QStringLiteral("auto"); ///< auto | path | virtual
    QString caFile;                              ///< PEM; "" = the system's authorities.
    /// Where the keys are kept, never the keys: keychain | env | credential:NAME | file:PATH.
    QString accessKey = QStringLiteral("keychain");
    QString secretKey = QStringLiteral("keychain"); ///< As accessKey.
    /// As accessKey; auto = none, or with accessKey = env whatever is set there.
    QString sessionToken = QStringLiteral("auto");
    QString accounts;          ///< Charm ids, separated by commas or blanks; "" = every account.
    QString window;            ///< "22:00-06:00", local time: only then it is written to; "" = always.
    qint64 bytesPerSecond = 0; ///< Towards the bucket; 0 = as fast as it goes.
    int holdDeletes = 1'000;   ///< More of them at once wait for a person, without versions; 0 = never.
    milliseconds verifyInterval{24 * 3'600'000}; ///< The bucket's listing is compared with what is known.
    milliseconds deepVerifyInterval{30LL * 24 * 3'600'000}; ///< Every object is read.
    milliseconds drillInterval{7LL * 24 * 3'600'000};       ///< Some files are restored; 0 = never.

    bool operator==(const Backup &) const = default;
};

/// Where the keys are kept that bring tokens for work that no client waits for; never the keys.
struct Identity
{
    /// The person's own Charm key: auto (as the charm client finds it) | keychain | file:PATH |
    /// credential:NAME.
    QString key = QStringLiteral("auto");
    /// The servers' signing key: "" (not here) | keychain | file:PATH | credential:NAME.
    QString serverKey;

    bool operator==(const Identity &) const = default;
};

/// Bounds on what clients may ask of the front.
struct Limits
{
    qint64 headerBytes = 16 * 1024;          ///< Request line and header fields together.
    qint64 bodyBytes = 1024LL * 1024 * 1024; ///< The Charm servers' own limit (server/middleware.go:22).
    milliseconds headerTime{20'000}; ///< From the first byte (or the connect) to the end of the header.
    milliseconds idleTime{90'000};   ///< Between two requests of a connection, and without progress in one.
    int connections = 4096;
    int connectionsPerAddress = 2048;

    bool operator==(const Limits &) const = default;
};

/// How long the ring waits for servers. docs/design of each: the write path in docs/architecture.md.
struct Timing
{
    milliseconds connectTimeout{1'500};
    milliseconds continueTimeout{2'000}; ///< For a server's 100 Continue.
    milliseconds stallBudget{2'000};     ///< Pauses in all that one server may cause while a quorum moves on.
    milliseconds answerTimeout{
        3'000}; ///< From the tail (or a whole small request) to the answer, then in doubt.
    milliseconds readTimeout{1'500};    ///< For the head of a download, and between two pieces of it.
    milliseconds listingTimeout{1'000}; ///< For the others once one listing is there.
    milliseconds sshBannerTimeout{1'000};
    milliseconds sshIdleTime{600'000}; ///< At least 3 minutes: charm link waits 60 s, twice.
    milliseconds probeInterval{5'000};
    milliseconds probeTimeout{2'000};
    milliseconds secondLook{60'000}; ///< After a copy in doubt was mended.
    milliseconds drainTime{30'000};  ///< For requests under way when the service stops.

    bool operator==(const Timing &) const = default;
};

/// How copies are looked after: how fast, and how often by itself.
struct Repair
{
    int filesPerSecond = 1'000;                 ///< Gone through by a job; 0 = as fast as it goes.
    qint64 bytesPerSecond = 50LL * 1024 * 1024; ///< Read by a job; 0 = as fast as it goes.
    milliseconds scrubInterval{24 * 3'600'000}; ///< From the end of one to the beginning of the next.
    milliseconds deepVerifyInterval{30LL * 24 * 3'600'000}; ///< The same, with every copy read.
    milliseconds tombstoneTime{365LL * 24 * 3'600'000};     ///< A delete is remembered for this long.
    qint64 conflictBytes =
        1024LL * 1024 * 1024; ///< For versions that are kept aside, in the state directory.

    bool operator==(const Repair &) const = default;
};

/// Bodies of uploads that a server is still owed, in the state directory.
struct Spool
{
    qint64 diskBudget = 10LL * 1024 * 1024 * 1024; ///< Bytes.

    bool operator==(const Spool &) const = default;
};

/// Who is told of what has to be known while nobody looks, beside the window.
struct Notify
{
    QString webhook; ///< Gets a POST of JSON: an address, or as webhookToken where one is kept; "" = none.
    QString
        webhookToken; ///< Where its bearer token is kept: keychain | credential:NAME | file:PATH; "" = none.
    QString smtpServer;                                ///< HOST or HOST:PORT; "" = no mail.
    QString smtpSecurity = QStringLiteral("starttls"); ///< starttls | tls | none
    QString smtpUser;                                  ///< "" = no login.
    QString smtpPassword;                              ///< As webhookToken.
    QString mailFrom;                                  ///< "" = the first of mailTo.
    QString mailTo;                                    ///< Separated by commas or blanks.
    QString deadman;                                   ///< Gets a GET while all is well; as webhook.
    milliseconds deadmanInterval{300'000};
    QString caFile; ///< PEM; "" = the system's authorities.
    bool writesRefused = true;
    bool degraded = true;
    bool backupOverdue = true;
    bool damageFound = true;
    bool keychainLocked = true;
    milliseconds degradedAfter{300'000};         ///< Before it is told.
    milliseconds overdueAfter{24LL * 3'600'000}; ///< Of the oldest change that a bucket has not got.

    bool isUsed() const { return !webhook.isEmpty() || !smtpServer.isEmpty() || !deadman.isEmpty(); }

    bool operator==(const Notify &) const = default;
};

/// Everything a person can set, validated. A value: copy it, compare it, keep it.
struct Config
{
    QString address =
        QStringLiteral("localhost:35354"); ///< HOST:PORT of the HTTP front; ":35354" is every address.
    QString sshAddress = QStringLiteral("localhost:35353"); ///< HOST:PORT of the SSH front.
    /// HOST:PORT of `/metrics`, `/healthz` and `/readyz`; "" = off.
    QString metricsAddress = QStringLiteral("localhost:35355");
    /// Where the token is kept that `/metrics` asks for: keychain | credential:NAME | file:PATH; "" = none.
    QString metricsToken;
    QString tlsCert; ///< PEM file; with tlsKey the front speaks HTTPS.
    QString tlsKey;  ///< PEM file.
    QString
        caFile; ///< PEM file with the authorities that may sign the servers' certificates; "" = the system's.
    int replicas = 3;       ///< R = min(replicas, servers).
    bool localCopy = false; ///< A copy on this machine's disk counts while no quorum can be reached.
    /// forward: SSH goes to the servers; standby: and to the service's own account server while none answers;
    /// closed: to that alone, which makes no accounts.
    QString accounts = QStringLiteral("forward");
    QString logLevel = QStringLiteral("info");  ///< debug | info | warning | error
    QString logFormat = QStringLiteral("auto"); ///< auto | text | json
    QString controlSocket; ///< "" = $XDG_RUNTIME_DIR/charmedring/control.sock, else /run/charmedring.
    QList<Server> servers;
    QList<Backup> backups;
    Identity identity;
    Limits limits;
    Timing timing;
    Repair repair;
    Spool spool;
    Notify notify;

    /// min(replicas, servers that are not drained).
    int effectiveReplicas() const
    {
        return static_cast<int>(
            std::min<qsizetype>(replicas, std::ranges::count(servers, false, &Server::draining)));
    }

    /// A copy on this machine's disk may count as one: it goes to the bucket, or to the servers.
    bool countsLocalCopy() const { return localCopy || !backups.isEmpty(); }

    /// floor(R / 2) + 1.
    int quorum() const { return effectiveReplicas() / 2 + 1; }

    /// A reload compares, to tell what changed.
    bool operator==(const Config &) const = default;
};

} // namespace cring::config
