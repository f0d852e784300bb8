// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/service/backendtest.h"

#include "core/base/words.h"

#include <QHostAddress>
#include <QHostInfo>
#include <QTcpSocket>

#include <algorithm>

namespace cring::service {

namespace {

constexpr std::chrono::milliseconds lookupTime{3'000};
/// RFC 4253, 4.2: the identification line has at most 255 bytes; lines may come before it, but Charm sends
/// none.
constexpr qsizetype maxBanner = 255;
/// Tokens have no leeway and live for an hour; a person's clock that is this far off will drift further.
constexpr qint64 goodSkewMs = 2'000;

} // namespace

BackendTest::BackendTest(const config::Server &server, const config::Timing &timing, const IClock &clock,
                         Means means, QObject *parent)
    : QObject(parent)
    , m_server(server)
    , m_timing(timing)
    , m_clock(clock)
    , m_means(std::move(means))
{
    m_limit.setSingleShot(true);
}

BackendTest::~BackendTest()
{
    if (m_lookup >= 0)
        QHostInfo::abortHostLookup(m_lookup);
    dropSocket();
}

bool BackendTest::passed() const
{
    return std::all_of(m_steps.begin(), m_steps.end(), [](const Step &step) { return step.ok; });
}

void BackendTest::start()
{
    resolve();
}

void BackendTest::begin(const char *step)
{
    m_current = QString::fromLatin1(step);
    m_began = m_clock.steady();
}

void BackendTest::end(bool ok, const QString &text)
{
    m_steps.append({m_current, ok, text, (m_clock.steady() - m_began).count()});
    Q_EMIT stepDone(m_steps.last());
}

void BackendTest::lookAtData()
{
    dropSocket();
    if (!m_means.data) {
        finish();
        return;
    }
    begin("data");
    m_means.data(this, m_finding.kid.toLatin1(), [this](const Result<QString> &found) {
        end(found.ok(), found ? *found : found.error().detail);
        finish();
    });
}

void BackendTest::finish()
{
    dropSocket();
    Q_EMIT finished();
}

void BackendTest::resolve()
{
    begin("name");
    const QString host = m_server.url.host();
    connect(&m_limit, &QTimer::timeout, this, [this, host] {
        QHostInfo::abortHostLookup(std::exchange(m_lookup, -1));
        end(false,
            QStringLiteral("no answer about the name %1; check the network and the name servers").arg(host));
        lookAtData();
    });
    m_limit.start(lookupTime);
    m_lookup = QHostInfo::lookupHost(host, this, [this, host](const QHostInfo &info) {
        m_lookup = -1;
        m_limit.stop();
        if (info.error() != QHostInfo::NoError || info.addresses().isEmpty()) {
            end(false, QStringLiteral("the name %1 is not known (%2); check its spelling in url")
                           .arg(host, info.errorString()));
            lookAtData();
            return;
        }
        QStringList addresses;
        for (const QHostAddress &address : info.addresses())
            addresses.append(address.toString());
        end(true, QStringLiteral("%1 stands for %2").arg(host, words::enumeration(addresses)));
        tryHttp();
    });
}

void BackendTest::connectTo(quint16 port, void (BackendTest::*connected)(), std::chrono::milliseconds limit)
{
    dropSocket();
    m_socket = new QTcpSocket(this);
    m_socket->setReadBufferSize(maxBanner + 1);
    m_reached = false;
    connect(m_socket, &QTcpSocket::connected, this, [this, connected] {
        m_reached = true;
        (this->*connected)();
    });
    connect(m_socket, &QTcpSocket::errorOccurred, this,
            [this] { handleNoConnection(m_socket->errorString()); });
    m_limit.disconnect(this);
    connect(&m_limit, &QTimer::timeout, this,
            [this, limit] { handleNoConnection(QStringLiteral("nothing within %1 ms").arg(limit.count())); });
    m_limit.start(limit);
    m_socket->connectToHost(m_server.url.host(), port);
}

void BackendTest::dropSocket()
{
    m_limit.stop();
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    m_socket->abort();
    m_socket->deleteLater();
    m_socket = nullptr;
}

void BackendTest::handleNoConnection(const QString &why)
{
    const bool isSsh = m_current == QStringLiteral("ssh");
    if (!isSsh) {
        end(false, QStringLiteral(
                       "port %1 cannot be reached (%2); is `charm serve` running there, and does a firewall "
                       "let us through?")
                       .arg(m_server.url.port(80))
                       .arg(why));
    } else if (m_reached) {
        end(false, QStringLiteral(
                       "port %1 accepts, but no SSH banner came (%2); if the server hangs, restart it, else "
                       "check ssh_port")
                       .arg(m_server.sshPort)
                       .arg(why));
    } else {
        end(false,
            QStringLiteral("port %1 cannot be reached (%2); check ssh_port, CHARM_SERVER_SSH_PORT and the "
                           "firewall")
                .arg(m_server.sshPort)
                .arg(why));
    }
    // Without HTTP the probe has nothing to say, but SSH may: is the machine up at all?
    if (isSsh) {
        dropSocket();
        tryAccount();
    } else {
        trySsh();
    }
}

void BackendTest::tryHttp()
{
    begin("http");
    const int byScheme = m_server.url.scheme() == QStringLiteral("https") ? 443 : 80;
    connectTo(static_cast<quint16>(m_server.url.port(byScheme)), &BackendTest::runProbe,
              m_timing.connectTimeout);
}

void BackendTest::runProbe()
{
    end(true, QStringLiteral("port %1 accepts connections").arg(m_socket->peerPort()));
    dropSocket();
    begin("key");
    m_means.probe(this, [this](const ProbeFinding &finding) { handleProbe(finding); });
}

void BackendTest::handleProbe(const ProbeFinding &finding)
{
    m_finding = finding;
    if (!finding.problem.isEmpty() || finding.kid.isEmpty()) {
        const QString why = finding.problem.isEmpty() ? QStringLiteral("showed no key") : finding.problem;
        end(false, QStringLiteral("the server %1; is it a Charm server, v0.12 or later?").arg(why));
        trySsh();
        return;
    }
    if (!finding.misfit.isEmpty()) {
        end(false, QStringLiteral(
                       "%1. Every server needs the same key and CHARM_SERVER_PUBLIC_URL: copy them from a "
                       "server that works, then test again")
                       .arg(finding.misfit));
        trySsh();
        return;
    }
    end(true, QStringLiteral("signs with key %1…, as the others do").arg(finding.kid.left(12)));
    begin("issuer");
    end(!finding.issuer.isEmpty(),
        finding.issuer.isEmpty()
            ? QStringLiteral("its issuer is not known; is /.well-known/openid-configuration "
                             "answered?")
            : QStringLiteral("its tokens say %1").arg(finding.issuer));
    judgeScheme();
    judgeClock();
    trySsh();
}

/// A client speaks the scheme of the issuer to the ring, whatever the servers speak (server/auth.go:63).
void BackendTest::judgeScheme()
{
    if (!m_means.frontHasTls || m_finding.issuer.isEmpty())
        return;
    begin("scheme");
    const QString scheme = m_finding.issuer.section(QLatin1Char(':'), 0, 0);
    const bool wantsTls = scheme == QStringLiteral("https");
    if (wantsTls == *m_means.frontHasTls)
        end(true, QStringLiteral("clients speak %1 to the ring, and so does it").arg(scheme));
    else if (wantsTls)
        end(false,
            QStringLiteral(
                "clients will speak https to the ring, as the issuer has it, and the ring speaks http: "
                "set service.tls_cert and service.tls_key, unless something before the ring does it"));
    else
        end(false,
            QStringLiteral(
                "clients will speak http to the ring, as the issuer has it, and the ring speaks https: "
                "give all servers an https CHARM_SERVER_PUBLIC_URL, or take service.tls_cert out"));
}

void BackendTest::judgeClock()
{
    begin("clock");
    const qint64 skew = m_finding.clockSkewMs.value_or(0);
    if (!m_finding.warning.isEmpty())
        end(false, m_finding.warning + QStringLiteral("; set the clock, or let NTP do it"));
    else if (!m_finding.clockSkewMs)
        end(true, QStringLiteral("it does not tell its time"));
    else if (qAbs(skew) <= goodSkewMs)
        end(true, QStringLiteral("agrees with ours"));
    else
        end(true, QStringLiteral("%1 %2 ours")
                      .arg(words::duration(std::chrono::milliseconds(qAbs(skew))),
                           skew > 0 ? QStringLiteral("ahead of") : QStringLiteral("behind")));
}

void BackendTest::trySsh()
{
    begin("ssh");
    m_banner.clear();
    connectTo(m_server.sshPort, &BackendTest::handleSshBytes,
              m_timing.connectTimeout + m_timing.sshBannerTimeout);
    connect(m_socket, &QTcpSocket::readyRead, this, &BackendTest::handleSshBytes);
}

void BackendTest::handleSshBytes()
{
    m_banner += m_socket->read(maxBanner + 1 - m_banner.size());
    const qsizetype lineEnd = m_banner.indexOf('\n');
    if (lineEnd < 0 && m_banner.size() <= maxBanner)
        return;
    const QByteArray banner = m_banner.left(lineEnd).trimmed();
    const bool speaksSsh = banner.startsWith("SSH-2.0-");
    if (speaksSsh)
        end(true, QStringLiteral("greets with %1").arg(QString::fromLatin1(banner.left(64))));
    else
        end(false, QStringLiteral("port %1 does not speak SSH; check ssh_port").arg(m_server.sshPort));
    dropSocket();
    if (speaksSsh && m_means.hostKey)
        lookAtHostKey();
    else
        tryAccount();
}

void BackendTest::lookAtHostKey()
{
    begin("hostkey");
    m_means.hostKey(this, [this](const Result<QByteArray> &hostKey) { handleHostKey(hostKey); });
}

/// One key is both, so servers that share the one share the other (server/ssh.go:65, server/server.go:137).
void BackendTest::handleHostKey(const Result<QByteArray> &hostKey)
{
    if (!hostKey)
        end(false, QStringLiteral("%1; if it is a Charm server, restart it, else check ssh_port")
                       .arg(hostKey.error().detail));
    else if (m_finding.publicKey.isEmpty())
        end(false,
            QStringLiteral("its SSH host key has nothing to be compared with: it showed no signing key"));
    else if (*hostKey != m_finding.publicKey)
        end(false,
            QStringLiteral("its SSH host key is not the key that it signs tokens with: port %1 is another "
                           "server's, or something stands between. Check ssh_port")
                .arg(m_server.sshPort));
    else
        end(true, m_finding.misfit.isEmpty()
                      ? QStringLiteral("its SSH host key is the key that it and the others sign with")
                      : QStringLiteral("its SSH host key is the key that it signs with"));
    tryAccount();
}

void BackendTest::tryAccount()
{
    // A server that is none of the ring's gets no token of a person's.
    const bool fits = m_finding.problem.isEmpty() && m_finding.misfit.isEmpty() && !m_finding.kid.isEmpty();
    if (!fits || !m_means.ownToken || !m_means.account.ask || !m_means.random) {
        lookAtData();
        return;
    }
    begin("account");
    m_means.ownToken(this, [this](const Result<replica::Credentials> &token) { handleToken(token); });
}

void BackendTest::handleToken(const Result<replica::Credentials> &token)
{
    if (!token) {
        end(false, QStringLiteral("your identity brought no token, so nothing was written: %1")
                       .arg(token.error().detail));
        lookAtData();
        return;
    }
    m_trial = std::make_unique<AccountTrial>(*token, m_means.account, *m_means.random);
    // The first step has begun with the wait for the token.
    connect(m_trial.get(), &AccountTrial::began, this, [this](const char *step) {
        if (m_current != QLatin1String(step))
            begin(step);
    });
    connect(m_trial.get(), &AccountTrial::ended, this,
            [this](bool ok, const QString &text) { end(ok, text); });
    connect(m_trial.get(), &AccountTrial::finished, this, &BackendTest::lookAtData);
    m_trial->start();
}

} // namespace cring::service
