// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/autostart.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSaveFile>

namespace cring::models {

namespace {

/// As the Desktop Entry Specification (The Exec key) quotes an argument.
QString quoted(const QString &argument)
{
    QString text;
    for (const QChar c : argument) {
        if (c == u'"' || c == u'`' || c == u'$' || c == u'\\')
            text += QStringLiteral("\\\\"); // A backslash, which a string of the file has twice.
        text += c == u'%' ? QStringLiteral("%%") : c == u'\\' ? QStringLiteral("\\\\") : QString(c);
    }
    return u'"' + text + u'"';
}

} // namespace

Autostart::Autostart(QString folder, QString program)
    : m_folder(std::move(folder))
    , m_program(std::move(program))
{
}

Autostart Autostart::ofThisProcess()
{
    QString config = qEnvironmentVariable("XDG_CONFIG_HOME");
    if (!QDir::isAbsolutePath(config))
        config = QDir::homePath() + QStringLiteral("/.config");
    return {config + QStringLiteral("/autostart"), QCoreApplication::applicationFilePath()};
}

QString Autostart::file() const
{
    return m_folder + QStringLiteral("/charmedring.desktop");
}

bool Autostart::isOn() const
{
    QFile entry(file());
    if (!entry.open(QIODevice::ReadOnly))
        return false;
    const QByteArray text = entry.readAll();
    // Desktops switch an entry off without taking it away.
    return !text.contains("\nHidden=true") && !text.contains("\nX-GNOME-Autostart-enabled=false");
}

QByteArray Autostart::entry(const QString &program)
{
    return "[Desktop Entry]\n"
           "Type=Application\n"
           "Name=Charmed Ring\n"
           "Comment=Shows how your Charm servers are\n"
           "Icon=charmedring\n"
           "Exec=" +
           quoted(program).toUtf8() +
           " --background\n"
           "Terminal=false\n"
           // The panel that shows the icon comes first.
           "X-GNOME-Autostart-Delay=5\n";
}

Status Autostart::set(bool on) const
{
    const auto failed = [this](const QString &why) {
        return Error{Code::ConfigFile, QStringLiteral("cannot change %1: %2").arg(file(), why)};
    };
    if (!on) {
        QFile entry(file());
        if (entry.exists() && !entry.remove())
            return failed(entry.errorString());
        return {};
    }
    if (!QDir().mkpath(m_folder))
        return failed(QStringLiteral("its folder cannot be made"));
    QSaveFile out(file());
    if (!out.open(QIODevice::WriteOnly))
        return failed(out.errorString());
    out.write(entry(m_program));
    return out.commit() ? Status() : failed(out.errorString());
}

} // namespace cring::models
