// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/validate.h"

#include "core/config/endpoint.h"
#include "core/config/notifysettings.h"
#include "core/config/secretfile.h"
#include "core/config/serverurl.h"
#include "core/config/tlsfiles.h"
#include "core/config/value.h"
#include "core/config/window.h"

#include <QFile>
#include <QHostAddress>

namespace cring::config {

namespace {

/// sockaddr_un.sun_path of Linux holds 108 bytes with the closing NUL.
constexpr qsizetype kSocketPathBytes = 107;

QString serverKey(qsizetype index, const char *field)
{
    return QStringLiteral("server[%1].%2").arg(index).arg(QLatin1String(field));
}

/// One spelling for each host: without the root's dot, addresses as Qt writes them, IPv4 not dressed up as
/// IPv6.
QString canonicalHost(const QString &host)
{
    QString name = host.toLower();
    if (name.endsWith(QLatin1Char('.')))
        name.chop(1);
    const QHostAddress address(name);
    if (address.isNull())
        return name;
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    return isV4 ? QHostAddress(v4).toString() : address.toString();
}

/// The names by which a service of this machine is reached; the rest of 127.0.0.0/8 are addresses of their
/// own. Connecting to the unspecified address leads here too.
bool isLoopbackName(const QString &host)
{
    const QString name = canonicalHost(host);
    return name == QLatin1String("localhost") || name == QLatin1String("127.0.0.1") ||
           name == QLatin1String("::1") || name == QLatin1String("0.0.0.0") || name == QLatin1String("::");
}

/// Whether two URLs lead to one server, as far as that can be told without resolving names.
bool isSameServer(const QUrl &one, const QUrl &other)
{
    return one.port() == other.port() && (canonicalHost(one.host()) == canonicalHost(other.host()) ||
                                          (isLoopbackName(one.host()) && isLoopbackName(other.host())));
}

/// Whether connecting to host:port would reach what listens at front. Names are compared, not resolved.
bool reaches(const Endpoint &front, const QString &host, int port)
{
    if (front.port == 0 || front.port != port)
        return false;
    const bool everyAddress =
        front.host.isEmpty() || front.host == QLatin1String("0.0.0.0") || front.host == QLatin1String("::");
    return canonicalHost(host) == canonicalHost(front.host) ||
           (isLoopbackName(host) && (everyAddress || isLoopbackName(front.host)));
}

class Checks
{
public:
    explicit Checks(const Config &config)
        : m_config(config)
    {
    }

    QList<Problem> all()
    {
        fronts();
        tls();
        identity();
        controlSocket();
        servers();
        backups();
        m_problems += notifyProblems(m_config.notify);
        enoughServers();
        return std::move(m_problems);
    }

private:
    void problem(Code code, const QString &key, const QString &detail)
    {
        m_problems.append(Problem{code, key, detail});
    }

    std::optional<Endpoint> front(const char *key, const QString &text)
    {
        const auto endpoint = parseEndpoint(text);
        if (endpoint)
            return endpoint.value();
        problem(endpoint.error().code, QLatin1String(key), endpoint.error().detail);
        return std::nullopt;
    }

    void fronts()
    {
        m_http = front("service.address", m_config.address);
        m_ssh = front("service.ssh_address", m_config.sshAddress);
        for (const auto &[at, key] :
             {std::pair(m_http, "service.address"), std::pair(m_ssh, "service.ssh_address")}) {
            if (at && at->port == 0)
                problem(Code::ConfigBadValue, QLatin1String(key),
                        QStringLiteral("\"%1\" takes another port with each start, which no client could "
                                       "know: name one from 1 to 65535")
                            .arg(at->toString()));
        }
        if (m_http && m_ssh && m_http->port != 0 && *m_http == *m_ssh)
            problem(Code::ConfigBadValue, QStringLiteral("service.ssh_address"),
                    QStringLiteral("address and ssh_address are both %1: HTTP and SSH need a port each")
                        .arg(m_http->toString()));
        if (!m_config.metricsAddress.isEmpty())
            metrics();
    }

    void metrics()
    {
        const QString key = QStringLiteral("service.metrics_address");
        const auto at = front("service.metrics_address", m_config.metricsAddress);
        // The default gives way to what a person has chosen: the service starts without it, and says so.
        if (!at || at->port == 0 || m_config.metricsAddress == Config{}.metricsAddress)
            return;
        for (const auto &[other, name] : {std::pair(m_http, "address"), std::pair(m_ssh, "ssh_address")}) {
            if (other && *other == *at)
                problem(Code::ConfigBadValue, key,
                        QStringLiteral("%1 and metrics_address are both %2: each needs a port of its own")
                            .arg(QLatin1String(name), at->toString()));
        }
    }

    template <typename T>
    void judge(const char *key, const Result<T> &read)
    {
        if (!read)
            problem(read.error().code, QLatin1String(key), read.error().detail);
    }

    void tls()
    {
        if (m_config.tlsCert.isEmpty() != m_config.tlsKey.isEmpty()) {
            const bool lacksKey = m_config.tlsKey.isEmpty();
            problem(Code::ConfigIncomplete,
                    lacksKey ? QStringLiteral("service.tls_cert") : QStringLiteral("service.tls_key"),
                    QStringLiteral("%1 is set and %2 is not: HTTPS needs both")
                        .arg(lacksKey ? QStringLiteral("tls_cert") : QStringLiteral("tls_key"),
                             lacksKey ? QStringLiteral("tls_key") : QStringLiteral("tls_cert")));
        }
        const bool both = !m_config.tlsCert.isEmpty() && !m_config.tlsKey.isEmpty();
        const qsizetype before = m_problems.size();
        if (!m_config.tlsCert.isEmpty())
            judge("service.tls_cert", readCertificates(m_config.tlsCert));
        if (!m_config.tlsKey.isEmpty())
            judge("service.tls_key", readPrivateKey(m_config.tlsKey));
        // Each is good by itself: now whether they are good together.
        if (both && m_problems.size() == before)
            judge("service.tls_key", readServerTls(m_config.tlsCert, m_config.tlsKey));
        if (!m_config.caFile.isEmpty())
            judge("service.ca_file", readCertificates(m_config.caFile));
    }

    /// A credential is there only for the service itself.
    void identity()
    {
        const auto look = [this](const char *key, const QString &place) {
            if (const QString path = secretPath(place, QString()); !path.isEmpty())
                judge(key, readSecretFile(path));
        };
        look("identity.key", m_config.identity.key);
        look("identity.server_key", m_config.identity.serverKey);
        look("service.metrics_token", m_config.metricsToken);
        if (m_config.accounts != QLatin1String("forward") && m_config.identity.serverKey.isEmpty())
            problem(
                Code::ConfigIncomplete, QStringLiteral("service.accounts"),
                QStringLiteral("\"%1\" needs the servers' signing key, to answer in their place: name the "
                               ".ssh/charm_server_ed25519 of one of them in identity.server_key")
                    .arg(m_config.accounts));
    }

    void controlSocket()
    {
        const QString &path = m_config.controlSocket;
        if (path.isEmpty())
            return;
        if (!path.startsWith(QLatin1Char('/')))
            problem(Code::ConfigBadValue, QStringLiteral("service.control_socket"),
                    QStringLiteral("\"%1\" is not an absolute path").arg(path));
        else if (QFile::encodeName(path).size() > kSocketPathBytes)
            problem(Code::ConfigBadValue, QStringLiteral("service.control_socket"),
                    QStringLiteral("the path is longer than the %1 bytes that a socket's may have")
                        .arg(kSocketPathBytes));
    }

    void servers()
    {
        for (qsizetype i = 0; i < m_config.servers.size(); ++i) {
            const Server &server = m_config.servers[i];
            if (server.url.isEmpty()) {
                problem(Code::ConfigIncomplete, serverKey(i, "url"),
                        QStringLiteral("this server has no url; add url = \"http://HOST:PORT\""));
                continue;
            }
            duplicates(i);
            itself(i);
        }
    }

    void duplicates(qsizetype i)
    {
        const Server &server = m_config.servers[i];
        for (qsizetype j = 0; j < i; ++j) {
            const Server &other = m_config.servers[j];
            const auto twice = [&](const char *field, const QString &value) {
                problem(Code::ConfigBadValue, serverKey(i, field),
                        QStringLiteral("two servers have the %1 \"%2\"; each needs its own")
                            .arg(QLatin1String(field), value));
            };
            if (isSameServer(server.url, other.url)) {
                // The defaults of name and id come from the URL: one message is enough.
                problem(Code::ConfigBadValue, serverKey(i, "url"), sameServer(server.url, other.url));
                return;
            }
            if (server.name == other.name)
                twice("name", server.name);
            if (server.id == other.id)
                twice("id", server.id);
            else
                ambiguous(i, j);
        }
    }

    static QString sameServer(const QUrl &one, const QUrl &other)
    {
        const QString lesson = QStringLiteral("two copies on one server are one copy");
        if (canonicalHost(one.host()) == canonicalHost(other.host()))
            return QStringLiteral("%1 is there twice; %2").arg(hostAndPort(one), lesson);
        return QStringLiteral("%1 and %2 are the same server, for both are this machine; %3")
            .arg(hostAndPort(other), hostAndPort(one), lesson);
    }

    /// Commands take a name or an id: one word must not mean two servers.
    void ambiguous(qsizetype i, qsizetype j)
    {
        const Server &server = m_config.servers[i];
        const Server &other = m_config.servers[j];
        const auto both = [&](const char *field, const QString &word, const char *others) {
            problem(Code::ConfigBadValue, serverKey(i, field),
                    QStringLiteral("the %1 \"%2\" is another server's %3; choose another")
                        .arg(QLatin1String(field), word, QLatin1String(others)));
        };
        if (server.name == other.id)
            both("name", server.name, "id");
        if (server.id == other.name)
            both("id", server.id, "name");
    }

    void itself(qsizetype i)
    {
        const Server &server = m_config.servers[i];
        const QString host = server.url.host();
        const auto loop = [&](const char *field, const char *key, const QString &what, const Endpoint &at,
                              const char *remedy) {
            problem(
                Code::ConfigBadValue, serverKey(i, field),
                QStringLiteral("%1 leads to this service itself, which listens at %2; give the server %3, "
                               "or the service with service.%4")
                    .arg(what, at.toString(), QLatin1String(remedy), QLatin1String(key)));
        };
        if (m_http && reaches(*m_http, host, server.url.port()))
            loop("url", "address", server.name, *m_http, "another port");
        if (m_ssh && reaches(*m_ssh, host, server.sshPort))
            loop("ssh_port", "ssh_address",
                 QStringLiteral("the SSH port %1 of %2").arg(server.sshPort).arg(server.name), *m_ssh,
                 "another one (ssh_port, or --ssh-port N)");
    }

    void backups()
    {
        for (qsizetype i = 0; i < m_config.backups.size(); ++i) {
            const Backup &backup = m_config.backups[i];
            const QString key = QStringLiteral("backup[%1].").arg(i);
            if (backup.url.isEmpty())
                problem(Code::ConfigIncomplete, key + QStringLiteral("url"),
                        QStringLiteral("this backup has no url; add the S3 endpoint"));
            else
                backupUrl(key + QStringLiteral("url"), backup.url);
            if (backup.bucket.isEmpty())
                problem(Code::ConfigIncomplete, key + QStringLiteral("bucket"),
                        QStringLiteral("this backup has no bucket; add its name"));
            if (!backup.window.isEmpty() && !parseWindow(backup.window))
                problem(Code::ConfigBadValue, key + QStringLiteral("window"),
                        QStringLiteral("expected two times of day, for example \"22:00-06:00\""));
            if (!backup.caFile.isEmpty())
                judge(qPrintable(key + QStringLiteral("ca_file")), readCertificates(backup.caFile));
            backupDuplicates(i);
        }
    }

    void backupDuplicates(qsizetype i)
    {
        const Backup &backup = m_config.backups[i];
        for (qsizetype j = 0; j < i; ++j) {
            const Backup &other = m_config.backups[j];
            const auto twice = [&](const char *field, const QString &value) {
                problem(Code::ConfigBadValue,
                        QStringLiteral("backup[%1].%2").arg(i).arg(QLatin1String(field)),
                        QStringLiteral("two backups have the %1 \"%2\"; each needs its own")
                            .arg(QLatin1String(field), value));
            };
            if (backup.url == other.url && backup.bucket == other.bucket) {
                twice("bucket", backup.bucket);
                return;
            }
            if (backup.name == other.name)
                twice("name", backup.name);
            if (backup.id == other.id)
                twice("id", backup.id);
        }
    }

    void backupUrl(const QString &key, const QString &text)
    {
        const QUrl url(text, QUrl::StrictMode);
        const bool web = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
        const bool bare = url.userInfo().isEmpty() &&
                          (url.path().isEmpty() || url.path() == QLatin1String("/")) && !url.hasQuery() &&
                          !url.hasFragment();
        if (!url.isValid() || !web || url.host().isEmpty() || !bare)
            problem(
                Code::ConfigBadValue, key,
                QStringLiteral("expected an S3 endpoint, https://HOST or http://HOST:PORT, without a path, "
                               "credentials or a query"));
    }

    void enoughServers()
    {
        const qsizetype count = m_config.servers.size();
        const bool hasBackup = !m_config.backups.isEmpty();
        if (count >= 2 || (count == 1 && hasBackup))
            return;
        // After a fire: the service answers for the accounts itself, and writes nothing.
        if (count == 0 && hasBackup && m_config.accounts == QLatin1String("closed") &&
            !m_config.identity.serverKey.isEmpty())
            return;
        const QString add = QStringLiteral("the ring keeps copies on at least two, or on one and in a bucket "
                                           "([[backup]]). Add a [[server]] with name and url to the "
                                           "configuration file, or another --host URL");
        problem(Code::ConfigIncomplete, QStringLiteral("server"),
                (count == 0 ? QStringLiteral("no server is configured; ")
                            : QStringLiteral("only one server is configured; ")) +
                    add);
    }

    const Config &m_config;
    std::optional<Endpoint> m_http;
    std::optional<Endpoint> m_ssh;
    QList<Problem> m_problems;
};

} // namespace

QList<Problem> validate(const Config &config)
{
    return Checks(config).all();
}

QStringList warnings(const Config &config)
{
    QStringList list;
    if (config.replicas == 1 && config.servers.size() > 1)
        list.append(
            QStringLiteral("replicas = 1 keeps one copy of each file: a server that is lost takes its files "
                           "with it"));
    const auto cutsShort = [&](const char *key, milliseconds wait) {
        if (config.limits.idleTime <= wait)
            list.append(
                QStringLiteral("limits.idle_time (%1) is not longer than %2 (%3): a client that waits for a "
                               "slow server is cut off before the next server is asked or an error is "
                               "answered")
                    .arg(formatDuration(config.limits.idleTime), QLatin1String(key), formatDuration(wait)));
    };
    cutsShort("timing.answer_timeout", config.timing.answerTimeout);
    cutsShort("timing.read_timeout", config.timing.readTimeout);
    return list + notifyWarnings(config.notify);
}

} // namespace cring::config
