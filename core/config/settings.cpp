// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/settings.h"

#include <algorithm>
#include <array>

namespace cring::config {

namespace {

template <typename Owner, auto... Path>
auto &at(Owner &owner)
{
    return (owner.*....*Path);
}

constexpr qint64 kHour = 3'600'000;
constexpr qint64 kDay = 24 * kHour;

const auto kSettings = std::to_array<Setting<Config>>({
    {{"service", "address", "--address", Type::Address, 1, 0, "",
      "Where charm clients connect by HTTP. \":35354\" opens it to the network; the default is this machine "
      "alone."},
     &at<Config, &Config::address>},
    {{"service", "ssh_address", "--ssh-address", Type::Address, 1, 0, "",
      "Where charm clients connect by SSH. The Go original's --ssh-proxy-address means the same."},
     &at<Config, &Config::sshAddress>},
    {{"service", "metrics_address", "--metrics-address", Type::Address, 0, 0, "",
      "Where the service shows how it is, by plain HTTP: /metrics for Prometheus, "
      "/healthz, /readyz. \"\" turns it off. When something else has the default address, the service starts "
      "without it and warns."},
     &at<Config, &Config::metricsAddress>},
    {{"service", "metrics_token", "", Type::KeyFile, 0, 0, "",
      "Where the bearer token is kept that /metrics asks for. Empty: whoever reaches the address may ask. "
      "/healthz and /readyz tell everybody."},
     &at<Config, &Config::metricsToken>},
    {{"service", "replicas", "--replicas", Type::Count, 1, 16, "",
      "Copies of each file, on as many servers; with fewer servers, one copy on each. A write succeeds when "
      "more than half of them have it."},
     &at<Config, &Config::replicas>},
    {{"service", "local_copy", "--local-copy", Type::Switch, 0, 0, "",
      "While no quorum of servers can be reached, a copy on this machine's disk counts as one: with three "
      "copies, one server is enough then. The servers get the file when they are back. A disk that is lost "
      "before that may take acknowledged files with it."},
     &at<Config, &Config::localCopy>},
    {{"service", "accounts", "--accounts", Type::Choice, 0, 0, "forward standby closed",
      "Who answers charm clients by SSH, where they log in. forward: a Charm server. standby: the service "
      "itself while no server answers, from the accounts as they were last synchronised. closed: the service "
      "itself, always; nobody makes an account or links a key then. The latter two need "
      "identity.server_key."},
     &at<Config, &Config::accounts>},
    {{"service", "log_level", "--log-level", Type::Choice, 0, 0, "debug info warning error",
      "Least severe message that is written. --debug is short for --log-level debug."},
     &at<Config, &Config::logLevel>},
    {{"service", "log_format", "--log-format", Type::Choice, 0, 0, "auto text json",
      "How messages are written. auto: with fields into systemd's journal, where there is one, else as text. "
      "json: an object a line."},
     &at<Config, &Config::logFormat>},
    {{"service", "tls_cert", "--tls-cert", Type::File, 0, 0, "",
      "PEM file with the certificate (and its chain) of the HTTP front; with tls_key it speaks HTTPS. Needed "
      "when the servers' public URL is https, for charm clients speak the scheme of that URL."},
     &at<Config, &Config::tlsCert>},
    {{"service", "tls_key", "--tls-key", Type::File, 0, 0, "", "PEM file with the private key of tls_cert."},
     &at<Config, &Config::tlsKey>},
    {{"service", "ca_file", "--ca-file", Type::File, 0, 0, "",
      "PEM file with the authorities that may sign the certificates of https servers, instead of the "
      "system's."},
     &at<Config, &Config::caFile>},
    {{"service", "control_socket", "--control-socket", Type::File, 0, 0, "",
      "Socket on which the service answers `cring status` and the like. Empty: "
      "$XDG_RUNTIME_DIR/charmedring/control.sock, or /run/charmedring/control.sock for a system service."},
     &at<Config, &Config::controlSocket>},

    {{"identity", "key", "", Type::KeyFile, 0, 0, "auto",
      "The person's own Charm key. auto: as the charm client finds it, in CHARM_DATA_DIR or its default, "
      "under "
      "the servers' and this service's host names. Never a key that no charm client uses: a Charm server "
      "makes "
      "an account for every key that it does not know."},
     &at<Config, &Config::identity, &Identity::key>},
    {{"identity", "server_key", "", Type::KeyFile, 0, 0, "",
      "The servers' signing key, .ssh/charm_server_ed25519 of their data directories: with it the service "
      "makes "
      "tokens for any account. Whoever can read that file can do the same."},
     &at<Config, &Config::identity, &Identity::serverKey>},

    {{"limits", "header_bytes", "", Type::Bytes, 1024, 1 << 20, "",
      "Request line and header fields of a request together; more is refused with 431."},
     &at<Config, &Config::limits, &Limits::headerBytes>},
    {{"limits", "body_bytes", "", Type::Bytes, 1, 1LL << 40, "",
      "Largest upload; more is refused with 413 before it is read. Charm servers take no more than 1GiB."},
     &at<Config, &Config::limits, &Limits::bodyBytes>},
    {{"limits", "header_time", "", Type::Duration, 100, kHour, "",
      "For a client to send its whole request header, from its first byte on; for a TLS handshake as well."},
     &at<Config, &Config::limits, &Limits::headerTime>},
    {{"limits", "idle_time", "", Type::Duration, 100, 24 * kHour, "",
      "For a client's connection without progress, within a request or between two."},
     &at<Config, &Config::limits, &Limits::idleTime>},
    {{"limits", "connections", "", Type::Count, 1, 1'000'000, "", "Clients' connections at the same time."},
     &at<Config, &Config::limits, &Limits::connections>},
    {{"limits", "connections_per_address", "", Type::Count, 1, 1'000'000, "", "Of these, from one address."},
     &at<Config, &Config::limits, &Limits::connectionsPerAddress>},

    {{"timing", "connect_timeout", "", Type::Duration, 10, 60'000, "", "For a connection to a server."},
     &at<Config, &Config::timing, &Timing::connectTimeout>},
    {{"timing", "continue_timeout", "", Type::Duration, 10, 60'000, "",
      "For a server to agree to an upload (100 Continue) before it is left behind."},
     &at<Config, &Config::timing, &Timing::continueTimeout>},
    {{"timing", "stall_budget", "", Type::Duration, 10, 600'000, "",
      "Pauses in all that one slow server may cause in an upload while a quorum could go on."},
     &at<Config, &Config::timing, &Timing::stallBudget>},
    {{"timing", "answer_timeout", "", Type::Duration, 10, 600'000, "",
      "For a server's answer after the last byte was sent; then its copy is in doubt."},
     &at<Config, &Config::timing, &Timing::answerTimeout>},
    {{"timing", "read_timeout", "", Type::Duration, 10, 600'000, "",
      "For the head of a download and between two pieces of it, before another server is asked."},
     &at<Config, &Config::timing, &Timing::readTimeout>},
    {{"timing", "listing_timeout", "", Type::Duration, 10, 600'000, "",
      "For the remaining servers once one has answered a listing."},
     &at<Config, &Config::timing, &Timing::listingTimeout>},
    {{"timing", "ssh_banner_timeout", "", Type::Duration, 10, 60'000, "",
      "For a server's SSH banner before the next server gets the session."},
     &at<Config, &Config::timing, &Timing::sshBannerTimeout>},
    {{"timing", "ssh_idle_time", "", Type::Duration, 180'000, 24 * kHour, "",
      "For an SSH session without a byte either way. At least 3m: `charm link` waits for a person."},
     &at<Config, &Config::timing, &Timing::sshIdleTime>},
    {{"timing", "probe_interval", "", Type::Duration, 100, kHour, "",
      "Between two health checks of a server."},
     &at<Config, &Config::timing, &Timing::probeInterval>},
    {{"timing", "probe_timeout", "", Type::Duration, 10, 60'000, "",
      "For a server's answer to a health check."},
     &at<Config, &Config::timing, &Timing::probeTimeout>},
    {{"timing", "second_look", "", Type::Duration, 100, kHour, "",
      "After a copy in doubt was mended, before it is read again: a server that was stopped may act late."},
     &at<Config, &Config::timing, &Timing::secondLook>},
    {{"timing", "drain_time", "", Type::Duration, 0, kHour, "",
      "For requests under way to end when the service is asked to stop."},
     &at<Config, &Config::timing, &Timing::drainTime>},

    {{"repair", "files_per_second", "", Type::Count, 0, 1'000'000, "",
      "Files that background work goes through in a second, a tenth of it while clients' requests are under "
      "way. 0: as fast as it goes."},
     &at<Config, &Config::repair, &Repair::filesPerSecond>},
    {{"repair", "bytes_per_second", "", Type::Bytes, 0, 1LL << 40, "",
      "Bytes of files that background work reads in a second, to compare them; a tenth of it while clients' "
      "requests are under way. 0: as fast as it goes."},
     &at<Config, &Config::repair, &Repair::bytesPerSecond>},
    {{"repair", "scrub_interval", "", Type::Duration, 1'000, 365 * kDay, "",
      "From the end of one scrub, which compares names and sizes on all servers with the catalogue, to the "
      "next."},
     &at<Config, &Config::repair, &Repair::scrubInterval>},
    {{"repair", "deep_verify_interval", "", Type::Duration, 1'000, 365 * kDay, "",
      "From the end of one scrub that reads every copy to the next."},
     &at<Config, &Config::repair, &Repair::deepVerifyInterval>},
    {{"repair", "tombstone_time", "", Type::Duration, kDay, 87'600 * kHour, "",
      "How long a delete is remembered: a server that was away for longer can bring its files back."},
     &at<Config, &Config::repair, &Repair::tombstoneTime>},
    {{"repair", "conflict_bytes", "", Type::Bytes, 0, 1LL << 40, "",
      "Room in the state directory for versions of files that were written past the ring and are kept until "
      "a "
      "person chooses or discards them. When it is full, nothing more is written over."},
     &at<Config, &Config::repair, &Repair::conflictBytes>},

    {{"spool", "disk_budget", "", Type::Bytes, 0, 1LL << 40, "",
      "Room in the state directory for bodies of uploads that a server is still owed. A body that no quorum "
      "of "
      "servers has is never given up for another one: when it is full of these, uploads are refused unless a "
      "quorum of servers takes them."},
     &at<Config, &Config::spool, &Spool::diskBudget>},

    {{"notify", "webhook", "", Type::Web, 0, 0, "",
      "Address that gets an HTTP POST of JSON for each notice. One that is a secret itself, as many are, is "
      "better kept in a file or the keychain."},
     &at<Config, &Config::notify, &Notify::webhook>},
    {{"notify", "webhook_token", "", Type::KeyFile, 0, 0, "",
      "Where the bearer token for the webhook is kept, if it wants one."},
     &at<Config, &Config::notify, &Notify::webhookToken>},
    {{"notify", "smtp_server", "", Type::Text, 0, 260, "",
      "Mail server that takes the notices, as HOST or HOST:PORT; without a port 587, with tls 465. Empty: no "
      "mail."},
     &at<Config, &Config::notify, &Notify::smtpServer>},
    {{"notify", "smtp_security", "", Type::Choice, 0, 0, "starttls tls none",
      "starttls: TLS is begun on a plain connection, and nothing is sent if it cannot be. tls: from the "
      "first "
      "byte. none: only for a mail server of this machine or network, and without a password over the "
      "latter."},
     &at<Config, &Config::notify, &Notify::smtpSecurity>},
    {{"notify", "smtp_user", "", Type::Text, 0, 255, "", "Name to log in with there. Empty: no login."},
     &at<Config, &Config::notify, &Notify::smtpUser>},
    {{"notify", "smtp_password", "", Type::KeyFile, 0, 0, "", "Where the password for that is kept."},
     &at<Config, &Config::notify, &Notify::smtpPassword>},
    {{"notify", "mail_from", "", Type::Text, 0, 320, "",
      "Address that mail comes from. Empty: the first of mail_to."},
     &at<Config, &Config::notify, &Notify::mailFrom>},
    {{"notify", "mail_to", "", Type::Text, 0, 4096, "", "Addresses that get mail, separated by commas."},
     &at<Config, &Config::notify, &Notify::mailTo>},
    {{"notify", "deadman", "", Type::Web, 0, 0, "",
      "Address that gets a GET for as long as there is nothing to be told: whoever keeps it raises the alarm "
      "when the calls stop, even when this machine has died."},
     &at<Config, &Config::notify, &Notify::deadman>},
    {{"notify", "deadman_interval", "", Type::Duration, 1'000, 24 * kHour, "", "Between two of these calls."},
     &at<Config, &Config::notify, &Notify::deadmanInterval>},
    {{"notify", "ca_file", "", Type::File, 0, 0, "",
      "PEM file with the authorities that may sign the certificates of all of these, instead of the "
      "system's."},
     &at<Config, &Config::notify, &Notify::caFile>},
    {{"notify", "writes_refused", "", Type::Switch, 0, 0, "", "Tell when uploads fail."},
     &at<Config, &Config::notify, &Notify::writesRefused>},
    {{"notify", "degraded", "", Type::Switch, 0, 0, "", "Tell when something is wrong for a while."},
     &at<Config, &Config::notify, &Notify::degraded>},
    {{"notify", "backup_overdue", "", Type::Switch, 0, 0, "",
      "Tell when a change has waited for a bucket for too long."},
     &at<Config, &Config::notify, &Notify::backupOverdue>},
    {{"notify", "damage_found", "", Type::Switch, 0, 0, "",
      "Tell when a check has found something that waits for a person."},
     &at<Config, &Config::notify, &Notify::damageFound>},
    {{"notify", "keychain_locked", "", Type::Switch, 0, 0, "",
      "Tell when a backup waits for keys that a person has to unlock."},
     &at<Config, &Config::notify, &Notify::keychainLocked>},
    {{"notify", "degraded_after", "", Type::Duration, 0, 24 * kHour, "",
      "How long something has to be wrong before it is told, while nobody is refused."},
     &at<Config, &Config::notify, &Notify::degradedAfter>},
    {{"notify", "overdue_after", "", Type::Duration, 60'000, 365 * kDay, "",
      "How long a change may wait for a bucket before the backup is overdue."},
     &at<Config, &Config::notify, &Notify::overdueAfter>},
});

const auto kServerSettings = std::to_array<Setting<Server>>({
    {{"server", "name", "", Type::Text, 1, 64, "", "Shown to people. By default HOST:PORT of the URL."},
     &at<Server, &Server::name>},
    {{"server", "id", "", Type::Text, 1, 64, "",
      "Placement hangs on it: keep it when the server is renamed or moves to another URL. By default the "
      "name."},
     &at<Server, &Server::id>},
    {{"server", "url", "", Type::Url, 0, 0, "",
      "http:// or https://, host and port; without a port, 35354 (Charm's) for http and 443 for https."},
     &at<Server, &Server::url>},
    {{"server", "ssh_port", "", Type::Port, 1, 65535, "",
      "SSH port of the Charm server, on the host of the URL."},
     &at<Server, &Server::sshPort>},
    {{"server", "weight", "", Type::Weight, 0, 0, "",
      "Share of the files relative to the other servers, for example its disk in TB."},
     &at<Server, &Server::weight>},
    {{"server", "data", "", Type::Node, 0, 0, "",
      "The server's data directory, for what only its database and keys can give: a path on this machine, or "
      "ssh://USER@HOST:PORT/PATH, with the keys, agent and known_hosts of the service's user, and sqlite3 "
      "there. "
      "Without it the ring does without."},
     &at<Server, &Server::data>},
});

const auto kBackupSettings = std::to_array<Setting<Backup>>({
    {{"backup", "name", "", Type::Text, 1, 64, "", "Shown to people. By default the bucket's name."},
     &at<Backup, &Backup::name>},
    {{"backup", "id", "", Type::Text, 1, 64, "",
      "What is known of the bucket hangs on it: keep it when the backup is renamed or its bucket moves to "
      "another URL. By default the name."},
     &at<Backup, &Backup::id>},
    {{"backup", "url", "", Type::Text, 0, 2048, "", "The S3 endpoint, for example https://s3.example.org."},
     &at<Backup, &Backup::url>},
    {{"backup", "bucket", "", Type::Text, 0, 63, "", "The bucket."}, &at<Backup, &Backup::bucket>},
    {{"backup", "region", "", Type::Text, 1, 64, "", "The region that requests are signed for."},
     &at<Backup, &Backup::region>},
    {{"backup", "addressing", "", Type::Choice, 0, 0, "auto path virtual",
      "How the bucket is named in requests. path: https://HOST/BUCKET/KEY. virtual: https://BUCKET.HOST/KEY. "
      "auto: virtual at Amazon, path elsewhere."},
     &at<Backup, &Backup::addressing>},
    {{"backup", "ca_file", "", Type::File, 0, 0, "",
      "PEM file with the authorities that may sign the endpoint's certificate, instead of the system's."},
     &at<Backup, &Backup::caFile>},
    {{"backup", "access_key", "", Type::Secret, 0, 0, "",
      "Where the access key is kept: keychain | env (AWS_ACCESS_KEY_ID) | credential:NAME | file:PATH."},
     &at<Backup, &Backup::accessKey>},
    {{"backup", "secret_key", "", Type::Secret, 0, 0, "",
      "Where the secret key is kept: keychain | env (AWS_SECRET_ACCESS_KEY) | credential:NAME | file:PATH."},
     &at<Backup, &Backup::secretKey>},
    {{"backup", "session_token", "", Type::KeyFile, 0, 0, "auto env",
      "Where the session token of temporary keys is kept. auto: with access_key = \"env\" AWS_SESSION_TOKEN "
      "where "
      "that is set, otherwise none."},
     &at<Backup, &Backup::sessionToken>},
    {{"backup", "accounts", "", Type::Text, 0, 65536, "",
      "Charm ids of the accounts whose files go there, separated by commas. Empty: every account."},
     &at<Backup, &Backup::accounts>},
    {{"backup", "window", "", Type::Text, 0, 11, "",
      "Time of day at which the bucket is written to, for example \"22:00-06:00\" (local time). Empty: "
      "always."},
     &at<Backup, &Backup::window>},
    {{"backup", "bytes_per_second", "", Type::Bytes, 0, 1LL << 40, "",
      "What uploads to the bucket may take of the line; 0: as much as there is."},
     &at<Backup, &Backup::bytesPerSecond>},
    {{"backup", "hold_deletes", "", Type::Count, 0, 1'000'000'000, "",
      "In a bucket without versions a delete is for good. More than so many that wait at once are held until "
      "a person says `cring backup release` or `cring backup discard`. 0: never."},
     &at<Backup, &Backup::holdDeletes>},
    {{"backup", "verify_interval", "", Type::Duration, 60'000, 365 * kDay, "",
      "From the end of one comparison of the bucket's listing with what is known to the next."},
     &at<Backup, &Backup::verifyInterval>},
    {{"backup", "deep_verify_interval", "", Type::Duration, kHour, 10 * 365 * kDay, "",
      "The same, with every object read."},
     &at<Backup, &Backup::deepVerifyInterval>},
    {{"backup", "drill_interval", "", Type::Duration, 0, 10 * 365 * kDay, "",
      "From the end of one restore drill to the next: some files are brought back to a temporary folder and "
      "compared. \"0s\": none by itself."},
     &at<Backup, &Backup::drillInterval>},
});

constexpr auto kShorthands = std::to_array<Shorthand>({
    {"--host", "URL",
     "A Charm server, once for each. The list replaces that of the file and is not saved. Its name is "
     "HOST:PORT; "
     "without a port, 35354 for http and 443 for https."},
    {"--ssh-backend-port", "PORT", "SSH port of every --host. Default: 35353."},
    {"--backup-url", "URL",
     "S3 endpoint: files are copied to a bucket there as well. The list of backups of the file is replaced."},
    {"--backup-bucket", "NAME", "S3 bucket."},
    {"--backup-zone", "REGION", "S3 region. Default: us-east-1."},
    {"--disable-accounts", "",
     "Turn away whoever has no account yet: accounts = \"closed\", and before --accounts. The variable takes "
     "1 "
     "or 0, true or false, yes or no, on or off."},
    {"--debug", "",
     "Write every message, for finding faults: log_level = \"debug\", and before --log-level. The variable "
     "takes 1 "
     "or 0, true or false, yes or no, on or off."},
});

constexpr auto kSections = std::to_array<Section>({
    {"service", false, "The service itself: where it listens and how many copies it keeps."},
    {"identity", false,
     "Keys for what the service does on its own, mending copies for instance: it needs tokens then. Without "
     "any, "
     "it uses clients' tokens that it has seen, until they expire. A key file is for its owner alone (mode "
     "0600); credential:NAME is a file that systemd hands to the service (LoadCredential=). keychain is that "
     "of "
     "the desktop; `cring config set KEY --secret-stdin` stores it there."},
    {"limits", false, "What clients may ask of the front. The defaults fit a household."},
    {"timing", false, "How long the ring waits for servers. Durations: \"1500ms\", \"2s\", \"10m\"."},
    {"repair", false, "How copies are looked after: how fast, and how often by itself."},
    {"spool", false, "Bodies of uploads, on this machine's disk until the servers have them."},
    {"notify", false,
     "Who is told of what has to be known while nobody looks: by a webhook, by mail, or by calls that stop. "
     "A "
     "notice goes out when something begins, again after 1, 10 and 60 minutes, and when it is over. `cring "
     "notify test` tries them. Secrets are kept as in [identity]."},
    {"server", true,
     "The Charm servers, one [[server]] each; at least two, or one and a [[backup]]. They share one server "
     "key "
     "and their accounts."},
    {"backup", true,
     "S3 targets, one [[backup]] each: every file is in every bucket, as the servers store it."},
});

} // namespace

std::span<const Setting<Config>> settings()
{
    return kSettings;
}

std::span<const Setting<Server>> serverSettings()
{
    return kServerSettings;
}

std::span<const Setting<Backup>> backupSettings()
{
    return kBackupSettings;
}

std::span<const Shorthand> shorthands()
{
    return kShorthands;
}

std::span<const Section> sections()
{
    return kSections;
}

bool needsRestart(const QString &key)
{
    static const QStringList fixed{
        QStringLiteral("service.address"),         QStringLiteral("service.ssh_address"),
        QStringLiteral("service.metrics_address"), QStringLiteral("service.accounts"),
        QStringLiteral("service.control_socket"),  QStringLiteral("service.tls_cert"),
        QStringLiteral("service.tls_key")};
    return fixed.contains(key) || key.startsWith(QLatin1String("limits."));
}

const Setting<Config> *findSetting(const QString &key)
{
    const auto found =
        std::ranges::find_if(kSettings, [&](const auto &setting) { return setting.key() == key; });
    return found == kSettings.end() ? nullptr : &*found;
}

} // namespace cring::config
