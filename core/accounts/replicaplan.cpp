// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/accounts/replicaplan.h"

#include <QRegularExpression>

#include <algorithm>
#include <array>

namespace cring::accounts {

namespace {

bool hasControls(const QString &text)
{
    return std::ranges::any_of(text, [](QChar c) { return c.unicode() < 0x20 || c.unicode() == 0x7f; });
}

/// Between double quotes a shell and systemd.exec(5) agree on what a backslash protects.
QByteArray quoted(const QString &value)
{
    QByteArray out = "\"";
    for (const char c : value.toUtf8()) {
        if (c == '"' || c == '\\' || c == '$' || c == '`')
            out += '\\';
        out += c;
    }
    return out + '"';
}

/// A word of a unit file, whose % begins a specifier (systemd.unit(5)) and whose $ a variable.
QByteArray unitWord(const QString &value)
{
    QByteArray out = "\"";
    for (const char c : value.toUtf8()) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (c == '%' || c == '$')
            out += c;
        out += c;
    }
    return out + '"';
}

/// A path that is the whole of a value: it is not unquoted there.
QByteArray unitPath(const QString &value)
{
    return value.toUtf8().replace('%', "%%");
}

bool isBelow(const QString &path, const char *folder)
{
    return path.startsWith(QLatin1String(folder) + QLatin1Char('/'));
}

} // namespace

Status checkPlan(const ReplicaPlan &plan)
{
    const auto refused = [](const QString &why) {
        return Error{Code::ConfigBadValue, why};
    };
    if (plan.issuer.isEmpty())
        return refused(
            QStringLiteral("the issuer of the other servers is not known: a server with another one "
                           "cannot stand for them. Start one of them, or name their "
                           "CHARM_SERVER_PUBLIC_URL"));
    std::array ports{plan.sshPort, plan.httpPort, plan.statsPort, plan.healthPort};
    std::ranges::sort(ports);
    if (ports.front() == 0 || std::ranges::adjacent_find(ports) != ports.end())
        return refused(
            QStringLiteral("the SSH, HTTP, metrics and health ports have to be four different ones"));
    for (const QString &word :
         {QString::fromUtf8(plan.issuer), plan.address, plan.dataDir, plan.user, plan.program}) {
        if (hasControls(word))
            return refused(QStringLiteral("control characters have no place in a server's settings"));
    }
    return {};
}

QByteArray environmentText(const ReplicaPlan &plan)
{
    QByteArray text =
        "# A Charm server that stands for the others of its ring: it has their key and their public URL.\n";
    const auto set = [&text](const char *name, const QString &value) {
        if (!value.isEmpty())
            text += QByteArray("CHARM_SERVER_") + name + '=' + quoted(value) + '\n';
    };
    set("DATA_DIR", plan.dataDir);
    set("PUBLIC_URL", QString::fromUtf8(plan.issuer));
    set("BIND_ADDRESS", plan.address);
    set("SSH_PORT", QString::number(plan.sshPort));
    set("HTTP_PORT", QString::number(plan.httpPort));
    set("STATS_PORT", QString::number(plan.statsPort));
    set("HEALTH_PORT", QString::number(plan.healthPort));
    if (plan.userMaxStorage > 0)
        set("USER_MAX_STORAGE", QString::number(plan.userMaxStorage));
    return text;
}

QHash<QByteArray, QString> readEnvironment(const QByteArray &text)
{
    static const QRegularExpression line(
        QStringLiteral("^\\s*(?:export\\s+)?CHARM_SERVER_([A-Z_]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)'|"
                       "([^\\s\"'\\\\]*))\\s*$"),
        QRegularExpression::MultilineOption);
    QHash<QByteArray, QString> values;
    for (auto match = line.globalMatch(QString::fromUtf8(text)); match.hasNext();) {
        const QRegularExpressionMatch found = match.next();
        QString value = found.captured(2);
        static const QRegularExpression escape(QStringLiteral("\\\\(.)"));
        value.replace(escape, QStringLiteral("\\1"));
        values.insert(found.captured(1).toLatin1(), value + found.captured(3) + found.captured(4));
    }
    return values;
}

QByteArray unitText(const ReplicaPlan &plan, const QString &environmentFile)
{
    QByteArray text =
        "[Unit]\nDescription=Charm server\nAfter=network-online.target\nWants=network-online.target\n"
        "StartLimitIntervalSec=0\n\n[Service]\nType=simple\n";
    if (!plan.user.isEmpty() && plan.user != QLatin1String("root"))
        text += "User=" + unitPath(plan.user) + '\n';
    text +=
        "EnvironmentFile=" + unitPath(environmentFile) + "\nExecStart=" + unitWord(plan.program) +
        " serve\n" +
        "Restart=always\nRestartSec=1\nUMask=0077\n\n# It needs its data and the network, and nothing else.\n"
        "NoNewPrivileges=yes\nProtectSystem=strict\nReadWritePaths=" +
        unitWord(plan.dataDir) + '\n';
    // Where the data are in a home, homes cannot be hidden.
    const bool inHome = isBelow(plan.dataDir, "/home") || isBelow(plan.dataDir, "/root") ||
                        isBelow(plan.program, "/home") || isBelow(plan.program, "/root");
    text += inHome ? "ProtectHome=read-only\n" : "ProtectHome=yes\n";
    // /tmp stays: a server keeps large uploads there while it reads them.
    text +=
        "PrivateTmp=yes\nPrivateDevices=yes\nProtectClock=yes\nProtectControlGroups=yes\nProtectHostname="
        "yes\n"
        "ProtectKernelLogs=yes\nProtectKernelModules=yes\nProtectKernelTunables=yes\nProtectProc=invisible\n"
        "LockPersonality=yes\nMemoryDenyWriteExecute=yes\nRestrictNamespaces=yes\nRestrictRealtime=yes\n"
        "RestrictSUIDSGID=yes\nRestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n"
        "SystemCallArchitectures=native\nSystemCallFilter=@system-service\nCapabilityBoundingSet=\n\n"
        "[Install]\nWantedBy=multi-user.target\n";
    return text;
}

} // namespace cring::accounts
