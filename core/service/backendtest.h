// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/clock.h"
#include "core/config/config.h"
#include "core/service/accounttrial.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>

QT_BEGIN_NAMESPACE
class QTcpSocket;
QT_END_NAMESPACE

namespace cring::service {

/// What the service's own probe found out, as far as a person wants to know it.
struct ProbeFinding
{
    QString problem; ///< Why the probe failed; empty when the server answered.
    QString misfit;  ///< Why it is no replica of the others; empty when it fits.
    QString kid;     ///< Of the key it signs with; empty when it showed none.
    QString issuer;
    std::optional<qint64> clockSkewMs; ///< > 0: its clock is ahead of ours.
    QString warning;
    QByteArray publicKey; ///< 32 bytes, of the key it signs with.
};

/// A test of one server, step by step, for a person who wants to know what is wrong and what to do: name,
/// HTTP port, signing key, issuer, the scheme that clients will speak, clock, SSH banner, SSH host key; with
/// the person's own identity whether the account is known there, a real write, read and delete; and the data
/// directory, where the configuration names one. Steps
/// that cannot be tried after a failed one are left out. Asynchronous, on the event loop; each step is
/// bounded. Deleting it stops it.
class BackendTest : public QObject
{
    Q_OBJECT

public:
    struct Step
    {
        /// "name" | "http" | "key" | "issuer" | "scheme" | "clock" | "ssh" | "hostkey" | "account" | "write"
        /// | "read" | "delete" | "data"
        QString name;
        bool ok = false;
        QString text;  ///< What was found; when not ok, what to do as well.
        qint64 ms = 0; ///< How long it took.
    };

    /// Runs one probe and calls back once, unless `context` died before.
    using Probe = std::function<void(QObject *context, std::function<void(const ProbeFinding &)> done)>;

    /// Looks at the server's SSH host key, 32 bytes, without a login. Calls back as the probe does.
    using HostKey =
        std::function<void(QObject *context, std::function<void(const Result<QByteArray> &)> done)>;
    /// Looks at the server's data directory: in words what it is, or what is wrong with it. `kid`: of the key
    /// that the server signs with, empty when it showed none. Calls back as the probe does.
    using DataLook = std::function<void(QObject *context, const QByteArray &kid,
                                        std::function<void(const Result<QString> &)> done)>;
    /// A token of the person's own identity.
    using OwnToken = std::function<void(QObject *context, replica::ITokenSource::Done done)>;

    /// What it works with. Steps whose means are not given are left out.
    struct Means
    {
        Probe probe;
        HostKey hostKey = {};
        OwnToken ownToken = {};
        AccountTrial::Means account = {};
        DataLook data = {};
        std::optional<bool> frontHasTls = {}; ///< What clients speak to the ring.
        IRandom *random = nullptr;            ///< With account. Outlives the test.
    };

    /// The clock must outlive the test.
    BackendTest(const config::Server &server, const config::Timing &timing, const IClock &clock, Means means,
                QObject *parent = nullptr);
    ~BackendTest() override;

    void start();

    const QList<Step> &steps() const { return m_steps; }

    bool passed() const;

Q_SIGNALS:
    void stepDone(const cring::service::BackendTest::Step &step);
    /// Comes once, after the last step.
    void finished();

private:
    void resolve();
    void tryHttp();
    void runProbe();
    void handleProbe(const ProbeFinding &finding);
    void trySsh();
    void handleSshBytes();
    void lookAtHostKey();
    void handleHostKey(const Result<QByteArray> &hostKey);
    void tryAccount();
    void handleToken(const Result<replica::Credentials> &token);
    void judgeScheme();
    void judgeClock();
    void connectTo(quint16 port, void (BackendTest::*connected)(), std::chrono::milliseconds limit);
    void dropSocket();
    void handleNoConnection(const QString &why);
    void begin(const char *step);
    void end(bool ok, const QString &text);
    /// Nothing more is to be asked of the server.
    void lookAtData();
    void finish();

    const config::Server m_server;
    const config::Timing m_timing;
    const IClock &m_clock;
    const Means m_means;
    ProbeFinding m_finding;
    std::unique_ptr<AccountTrial> m_trial;
    QList<Step> m_steps;
    QString m_current;
    std::chrono::milliseconds m_began{0}; ///< The current step, on the steady clock.
    int m_lookup = -1;
    QTcpSocket *m_socket = nullptr;
    QTimer m_limit;
    QByteArray m_banner;
    bool m_reached = false; ///< m_socket was connected.
};

} // namespace cring::service
