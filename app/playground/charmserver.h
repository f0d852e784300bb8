// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/childprocess.h"
#include "app/playground/filestree.h"
#include "app/playground/waiter.h"
#include "core/base/result.h"

#include <QUrl>

#include <optional>

namespace cring::playground {

/// What a `charm serve` process is started with. Ports of 0 are chosen when it starts, and kept from then on.
struct CharmServerOptions
{
    QString name = QStringLiteral("charm"); ///< For people, and for the log file's name.
    QString program;                        ///< See findCharm(); has to be runnable by the unprivileged user.
    QString dataDir;                        ///< Made when it is not there.
    QString logFile;                        ///< "" = dataDir + ".log".
    QString address = QStringLiteral("127.0.0.1");
    quint16 httpPort = 0;
    quint16 sshPort = 0;
    quint16 healthPort = 0;
    quint16 statsPort = 0;
    QString publicUrl;         ///< The issuer of its tokens; "" = its own URL.
    qint64 userMaxStorage = 0; ///< Bytes an account may hold; 0 = no limit.
    QString tlsCert;           ///< PEM file; with tlsKey it speaks HTTPS.
    QString tlsKey;
    QStringList extraEnvironment; ///< NAME=VALUE
    Waiter waiter = blockingWaiter();
};

/// One real Charm server. Not thread-safe. Ends with this object.
class CharmServer
{
public:
    explicit CharmServer(CharmServerOptions options);

    /// Runs it and waits until it hands out its keys (10 s at most). Ports that somebody took meanwhile are
    /// replaced, unless they were in use by this server before or named in the options.
    Status start();
    /// In order: SIGTERM, then SIGKILL after 3 s. Keeps ports and data.
    void stop();
    /// As a power cut would end the process. Blocks until it is gone.
    void kill9();
    /// SIGSTOP: the kernel still accepts connections and takes bytes, nobody answers.
    void pause();
    /// SIGCONT.
    void resume();
    /// stop() and start() on the same ports.
    Status restart();
    bool isRunning() const;
    qint64 processId() const;

    const QString &name() const { return m_options.name; }

    const QString &address() const { return m_options.address; }

    quint16 httpPort() const { return m_options.httpPort; }

    quint16 sshPort() const { return m_options.sshPort; }

    const QString &dataDir() const { return m_options.dataDir; }

    QString filesDir() const { return m_options.dataDir + QStringLiteral("/files"); }

    /// Where it listens, with scheme and port.
    QUrl url() const;
    /// The iss of its tokens.
    QString issuer() const;

    /// What it stores now.
    FilesTree files() const { return readTree(filesDir()); }

    /// The last lines of its log.
    QByteArray logTail(int lines = 40) const;

    /// For the next start.
    CharmServerOptions &options() { return m_options; }

private:
    bool prepareDataDir();
    void choosePorts();
    QProcessEnvironment environment() const;
    Status launch();
    bool answers() const;

    CharmServerOptions m_options;
    bool m_portsAreChosen = false; ///< By us, and not yet proven: they may be replaced.
    std::unique_ptr<ChildProcess> m_process;
};

} // namespace cring::playground
