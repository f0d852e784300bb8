// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sessionbus.h"

#include "tests/support/spin.h"

#include <QDir>
#include <QFile>
#include <QStandardPaths>

namespace cring::test {

namespace {

constexpr int kLimit = 10'000;
/// As /usr/share/dbus-1/session.conf has it, but for what is started by being asked for.
constexpr const char *kBusConfig = R"(<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=%1</listen>
  <auth>EXTERNAL</auth>
  %2
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
)";

} // namespace

Status wantProgram(const QString &program, const QString &package)
{
    if (!QStandardPaths::findExecutable(program).isEmpty())
        return {};
    return Error{Code::NotFound, QStringLiteral("%1 is missing: apt-get install %2").arg(program, package)};
}

Status SessionBus::start(const QString &folder, const QString &services)
{
    if (Status status = wantProgram(QStringLiteral("dbus-daemon"), QStringLiteral("dbus-daemon")); !status)
        return status;
    QDir().mkpath(folder);
    QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    const QString config = folder + QStringLiteral("/bus.conf");
    QFile file(config);
    const QString activation =
        services.isEmpty() ? QString() : QStringLiteral("<servicedir>%1</servicedir>").arg(services);
    if (!file.open(QIODevice::WriteOnly) ||
        file.write(QString::fromLatin1(kBusConfig).arg(folder, activation).toUtf8()) < 0)
        return Error{Code::NotFound, QStringLiteral("cannot write ") + config};
    file.close();
    m_process.setStandardErrorFile(QProcess::nullDevice());
    m_process.start(QStringLiteral("dbus-daemon"),
                    {QStringLiteral("--config-file=") + config, QStringLiteral("--nofork"),
                     QStringLiteral("--nopidfile"), QStringLiteral("--print-address")});
    if (!spinUntil([this] { return m_process.canReadLine(); }, kLimit))
        return Error{Code::NotFound,
                     QStringLiteral("dbus-daemon does not start: ") + m_process.errorString()};
    m_address = QString::fromUtf8(m_process.readLine().trimmed());
    return {};
}

void SessionBus::stop()
{
    m_address.clear();
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.kill();
    m_process.waitForFinished(kLimit);
}

} // namespace cring::test
