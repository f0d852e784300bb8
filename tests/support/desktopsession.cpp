// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/desktopsession.h"

#include "tests/support/spin.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace cring::test {

namespace {

constexpr int kLimit = 15'000;

/// One panel with a tray, and nothing else.
constexpr const char *kPanel = R"(<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="26"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
)";

Error failed(const QString &what)
{
    return Error{Code::NotFound, what};
}

Status write(const QString &path, const QByteArray &text)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(text) == text.size())
        return {};
    return failed(QStringLiteral("cannot write ") + path);
}

/// Not on PATH, and in another place on each kind of machine.
QString settingsDaemon()
{
    const QStringList folders =
        QDir(QStringLiteral("/usr/lib")).entryList({QStringLiteral("*-linux-gnu*")}, QDir::Dirs);
    for (const QString &folder : folders) {
        const QString program = QStringLiteral("/usr/lib/%1/xfce4/xfconf/xfconfd").arg(folder);
        if (QFile::exists(program))
            return program;
    }
    return {};
}

} // namespace

DesktopSession::DesktopSession() = default;

DesktopSession::~DesktopSession()
{
    // Those that hang on the bus and the display first.
    for (Child *child :
         {&m_panel, &m_settings, &m_notifications, &m_windowManager, &m_logind, &m_networkManager})
        child->reset();
}

QProcessEnvironment DesktopSession::environment() const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *name :
         {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"})
        environment.insert(QString::fromLatin1(name), m_home.path());
    for (const char *name : {"SESSION_MANAGER", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(QString::fromLatin1(name));
    environment.insert(QStringLiteral("NO_AT_BRIDGE"), QStringLiteral("1"));
    environment.insert(QStringLiteral("DISPLAY"), m_display);
    environment.insert(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"), m_bus.address());
    environment.insert(QStringLiteral("DBUS_SYSTEM_BUS_ADDRESS"), m_bus.address());
    return environment;
}

DesktopSession::Child DesktopSession::startChild(const QString &program, const QStringList &arguments) const
{
    auto child = std::make_unique<playground::ChildProcess>();
    child->setProcessEnvironment(environment());
    child->setStandardErrorFile(m_home.filePath(QFileInfo(program).fileName() + QStringLiteral(".log")));
    child->start(program, arguments);
    return child;
}

QByteArray DesktopSession::run(const QString &program, const QStringList &arguments) const
{
    const Child child = startChild(program, arguments);
    spinUntil([&] { return child->state() == QProcess::NotRunning; }, kLimit);
    return child->exitStatus() == QProcess::NormalExit && child->exitCode() == 0
               ? child->readAllStandardOutput()
               : QByteArray();
}

bool DesktopSession::hasName(const QString &name) const
{
    return run(QStringLiteral("dbus-send"),
               {QStringLiteral("--session"), QStringLiteral("--print-reply=literal"),
                QStringLiteral("--dest=org.freedesktop.DBus"), QStringLiteral("/org/freedesktop/DBus"),
                QStringLiteral("org.freedesktop.DBus.NameHasOwner"), QStringLiteral("string:") + name})
        .contains("true");
}

Status DesktopSession::startBus()
{
    return m_bus.start(m_home.filePath(QStringLiteral("bus")));
}

Status DesktopSession::startDisplay(QSize size)
{
    if (Status status = wantProgram(QStringLiteral("Xvfb"), QStringLiteral("xvfb")); !status)
        return status;
    m_displayServer = startChild(
        QStringLiteral("Xvfb"),
        {QStringLiteral("-displayfd"), QStringLiteral("1"), QStringLiteral("-screen"), QStringLiteral("0"),
         QStringLiteral("%1x%2x24").arg(size.width()).arg(size.height()), QStringLiteral("-fbdir"),
         m_home.path(), QStringLiteral("-nolisten"), QStringLiteral("tcp"),
         // Or it begins anew when the last program leaves, and throws out one that is about to come in.
         QStringLiteral("-noreset")});
    if (!spinUntil([this] { return m_displayServer->canReadLine(); }, kLimit))
        return failed(QStringLiteral("Xvfb does not start"));
    m_display = u':' + QString::fromLatin1(m_displayServer->readLine().trimmed());
    return {};
}

Status DesktopSession::startWindowManager()
{
    if (Status status = wantProgram(QStringLiteral("openbox"), QStringLiteral("openbox")); !status)
        return status;
    m_windowManager = startChild(QStringLiteral("openbox"), {QStringLiteral("--sm-disable")});
    // What it writes on the root window once it manages it (Extended Window Manager Hints).
    return spinUntil(
               [this] {
                   return run(QStringLiteral("xprop"),
                              {QStringLiteral("-root"), QStringLiteral("_NET_SUPPORTING_WM_CHECK")})
                       .contains("window id");
               },
               kLimit)
               ? Status()
               : failed(QStringLiteral("openbox does not start, or xprop is missing: apt-get install "
                                       "openbox x11-utils"));
}

Status DesktopSession::startNotifications()
{
    if (Status status = wantProgram(QStringLiteral("dunst"), QStringLiteral("dunst")); !status)
        return status;
    // Its menu is a program that chooses a line: here the one that a test has named.
    const QString chooser = m_home.filePath(QStringLiteral("choose"));
    const QString choice = m_home.filePath(QStringLiteral("choice"));
    Status written =
        write(chooser, QStringLiteral("#!/bin/sh\nexec grep -m 1 -F -f '%1'\n").arg(choice).toUtf8());
    if (written)
        written = write(m_home.filePath(QStringLiteral("dunst/dunstrc")),
                        "[global]\n    dmenu = " + chooser.toUtf8() + "\n    show_indicators = no\n");
    if (!written)
        return written;
    QFile::setPermissions(chooser, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    m_notifications = startChild(QStringLiteral("dunst"), {});
    return spinUntil([this] { return hasName(QStringLiteral("org.freedesktop.Notifications")); }, kLimit)
               ? Status()
               : failed(QStringLiteral("dunst does not start"));
}

void DesktopSession::chooseAction(const QString &words) const
{
    if (write(m_home.filePath(QStringLiteral("choice")), words.toUtf8() + '\n'))
        run(QStringLiteral("dunstctl"), {QStringLiteral("context")});
}

int DesktopSession::displayedNotifications() const
{
    return run(QStringLiteral("dunstctl"), {QStringLiteral("count"), QStringLiteral("displayed")})
        .trimmed()
        .toInt();
}

QList<DesktopSession::Notification> DesktopSession::takeNotifications() const
{
    run(QStringLiteral("dunstctl"), {QStringLiteral("close-all")});
    const QJsonArray data =
        QJsonDocument::fromJson(run(QStringLiteral("dunstctl"), {QStringLiteral("history")}))
            .object()
            .value(QStringLiteral("data"))
            .toArray();
    const auto value = [](const QJsonValue &entry, const char *name) {
        return entry.toObject().value(QLatin1String(name)).toObject().value(QStringLiteral("data"));
    };
    QList<Notification> list;
    for (const QJsonValue entry : data.at(0).toArray())
        list.append({value(entry, "id").toInt(), value(entry, "summary").toString(),
                     value(entry, "body").toString()});
    return list;
}

Status DesktopSession::startPanel()
{
    const QString daemon = settingsDaemon();
    if (daemon.isEmpty())
        return failed(QStringLiteral("xfconfd is missing: apt-get install xfconf"));
    if (Status status = wantProgram(QStringLiteral("xfce4-panel"), QStringLiteral("xfce4-panel")); !status)
        return status;
    const QString file = m_home.filePath(QStringLiteral("xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"));
    if (Status status = write(file, kPanel); !status)
        return status;
    if (!m_settings)
        m_settings = startChild(daemon, {});
    if (!spinUntil([this] { return hasName(QStringLiteral("org.xfce.Xfconf")); }, kLimit))
        return failed(QStringLiteral("xfconfd does not start"));
    m_panel = startChild(QStringLiteral("xfce4-panel"), {QStringLiteral("--disable-wm-check")});
    return spinUntil([this] { return hasName(QStringLiteral("org.kde.StatusNotifierWatcher")); }, kLimit)
               ? Status()
               : failed(QStringLiteral("xfce4-panel does not start"));
}

Status DesktopSession::startMock(Child &child, const QString &service, const QString &templateName)
{
    // The distribution's own: its modules are not those of another Python on PATH.
    child = startChild(QStringLiteral("/usr/bin/python3"), {QStringLiteral("-m"), QStringLiteral("dbusmock"),
                                                            QStringLiteral("--template"), templateName});
    return spinUntil([&] { return hasName(service); }, kLimit)
               ? Status()
               : failed(QStringLiteral("%1 has no stand-in: apt-get install python3-dbusmock").arg(service));
}

Status DesktopSession::startLogind()
{
    return startMock(m_logind, QStringLiteral("org.freedesktop.login1"), QStringLiteral("logind"));
}

Status DesktopSession::startNetworkManager()
{
    const QString service = QStringLiteral("org.freedesktop.NetworkManager");
    if (Status status = startMock(m_networkManager, service, QStringLiteral("networkmanager")); !status)
        return status;
    // Its template has no such property; the real one has it since 1.2 (2 is "no").
    const QByteArray added =
        run(QStringLiteral("dbus-send"),
            {QStringLiteral("--session"), QStringLiteral("--print-reply"),
             QStringLiteral("--dest=") + service, QStringLiteral("/org/freedesktop/NetworkManager"),
             QStringLiteral("org.freedesktop.DBus.Mock.AddProperty"), QStringLiteral("string:") + service,
             QStringLiteral("string:Metered"), QStringLiteral("variant:uint32:2")});
    return added.isEmpty() ? failed(QStringLiteral("NetworkManager's stand-in takes no property")) : Status();
}

} // namespace cring::test
