// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/playground/childprocess.h"
#include "app/playground/waiter.h"
#include "core/base/result.h"

#include <QProcessEnvironment>
#include <QUrl>

#include <memory>
#include <optional>

namespace cring::playground {

class CharmCluster;

struct RingServer
{
    QString name;
    QUrl url;
    quint16 sshPort = 0;
    QString data = {}; ///< Its data directory, where the ring may reach it; "" = it may not.
};

struct RingOptions
{
    QString program; ///< The cring binary.
    QString home;    ///< Its HOME and XDG folders; made when it is not there.
    QString address = QStringLiteral("127.0.0.1");
    quint16 httpPort = 0; ///< 0 = free ones, chosen when it starts.
    quint16 sshPort = 0;
    std::optional<quint16> metricsPort; ///< Without one there are no metrics; 0 = a free one.
    QList<RingServer> servers;
    QString serviceLines;            ///< More lines for [service].
    QString configLines;             ///< More sections.
    QStringList arguments;           ///< After `serve --config FILE`.
    QProcessEnvironment environment; ///< What differs in it from this process's, it gets as well.
    Waiter waiter = blockingWaiter();
};

/// `cring serve` with a configuration file of its own. Not thread-safe. Ends with this object.
class RingProcess
{
public:
    explicit RingProcess(RingOptions options);
    virtual ~RingProcess() = default;

    /// A ring in front of this cluster, where the cluster's issuer says that it listens.
    static RingOptions optionsFor(CharmCluster &cluster);

    /// Writes the file, runs it, waits for the first HTTP answer, whatever its status (10 s at most).
    Status start();
    /// SIGTERM, SIGKILL after the grace time. The exit code, or -1 when it was killed.
    int stop(milliseconds grace = milliseconds(10'000));
    void kill9();
    /// Sends any other signal, such as SIGHUP.
    void sendSignal(int signal);
    bool isRunning() const;
    qint64 processId() const;
    /// Null before the first start.
    ChildProcess *process() { return m_process.get(); }
    /// Runs the command line as the same user with the same folders, for `cring status` and the like.
    std::unique_ptr<ChildProcess> command(const QStringList &arguments) const;

    QUrl url() const;

    const QString &address() const { return m_options.address; }

    quint16 httpPort() const { return m_options.httpPort; }

    quint16 sshPort() const { return m_options.sshPort; }

    /// 0 when there are no metrics.
    quint16 metricsPort() const { return m_options.metricsPort.value_or(0); }

    QString configFile() const { return m_options.home + QStringLiteral("/config/charmedring/config.toml"); }

    QByteArray configText() const;

    /// From start to the first answer.
    milliseconds startTook() const { return m_startTook; }

    QByteArray logTail(int lines = 60) const;

    QString logFile() const { return m_options.home + QStringLiteral("/cring.log"); }

    RingOptions &options() { return m_options; }

private:
    bool writeConfig() const;
    QProcessEnvironment environment() const;

    RingOptions m_options;
    std::unique_ptr<ChildProcess> m_process;
    milliseconds m_startTook{0};
};

} // namespace cring::playground
