// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/person.h"

#include "tests/support/spin.h"

#include <QDBusArgument>
#include <QDBusMessage>
#include <QDBusVariant>

namespace cring::test {

namespace {

constexpr int kLimit = 30'000;
constexpr int kCallTime = 2'000;

QVariant property(const QDBusConnection &bus, const QString &service, const QString &path,
                  const QString &interface, const char *name)
{
    QDBusMessage get = QDBusMessage::createMethodCall(
        service, path, QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    get << interface << QString::fromLatin1(name);
    return bus.call(get, QDBus::Block, kCallTime).arguments().value(0).value<QDBusVariant>().variant();
}

/// (icon, pixmaps, title, text)
QString titleOf(const QVariant &toolTip)
{
    const auto argument = toolTip.value<QDBusArgument>();
    if (argument.currentType() != QDBusArgument::StructureType)
        return {};
    QString icon;
    QString title;
    argument.beginStructure();
    argument >> icon;
    argument.beginArray();
    while (!argument.atEnd()) {
        int width = 0;
        int height = 0;
        QByteArray pixels;
        argument.beginStructure();
        argument >> width >> height >> pixels;
        argument.endStructure();
    }
    argument.endArray();
    argument >> title;
    argument.endStructure();
    return title;
}

} // namespace

Person::Person(DesktopSession &desktop)
    : m_desktop(desktop)
    , m_busName(QStringLiteral("person-") + desktop.address())
{
}

Person::~Person()
{
    QDBusConnection::disconnectFromBus(m_busName);
}

Status Person::sitDown()
{
    if (Status status = wantProgram(QStringLiteral("xdotool"), QStringLiteral("xdotool")); !status)
        return status;
    QDBusConnection::connectToBus(m_desktop.address(), m_busName);
    for (const auto start : {&DesktopSession::startWindowManager, &DesktopSession::startNotifications,
                             &DesktopSession::startPanel}) {
        if (Status status = (m_desktop.*start)(); !status)
            return status;
    }
    return m_reader.start(m_desktop);
}

void Person::run(const QStringList &arguments) const
{
    m_desktop.run(QStringLiteral("xdotool"), arguments);
}

void Person::press(const QString &keys) const
{
    run({QStringLiteral("key"), keys});
}

void Person::type(const QString &text) const
{
    run({QStringLiteral("type"), QStringLiteral("--delay"), QStringLiteral("2"), text});
}

void Person::typeOver(const QString &text) const
{
    press(QStringLiteral("ctrl+a"));
    if (text.isEmpty())
        press(QStringLiteral("Delete"));
    else
        type(text);
}

bool Person::sees(const QString &words) const
{
    return spinUntil(
        [&] {
            const QList<Shown> all = m_reader.activeWindow();
            return std::ranges::any_of(all, [&](const Shown &one) { return one.words().contains(words); });
        },
        kLimit);
}

bool Person::isIn(const QString &window) const
{
    return spinUntil(
        [&] {
            const QList<Shown> all = m_reader.windows();
            return std::ranges::any_of(
                all, [&](const Shown &one) { return one.isActive && one.name.contains(window); });
        },
        kLimit);
}

bool Person::isAt(const QString &name) const
{
    return spinUntil(
        [&] {
            const QList<Shown> all = m_reader.activeWindow();
            return std::ranges::any_of(all,
                                       [&](const Shown &one) { return one.isFocused && one.name == name; });
        },
        kLimit);
}

std::optional<Shown> Person::find(const QString &name) const
{
    std::optional<Shown> found;
    spinUntil(
        [&] {
            const QList<Shown> all = m_reader.activeWindow();
            const auto one = std::ranges::find_if(
                all, [&](const Shown &shown) { return shown.name == name && shown.isEnabled; });
            if (one != all.end())
                found = *one;
            return found.has_value();
        },
        kLimit);
    return found;
}

bool Person::goTo(char mnemonic, const QString &name) const
{
    if (!find(name))
        return false;
    press(QStringLiteral("alt+") + QLatin1Char(mnemonic));
    return isAt(name);
}

QByteArray Person::whatIsSeen() const
{
    QStringList lines;
    const QList<Shown> windows = m_reader.windows();
    for (const Shown &one : windows)
        lines << QStringLiteral("window %1%2")
                     .arg(one.name, one.isActive ? QStringLiteral(" (active)") : QString());
    const QList<Shown> all = m_reader.activeWindow();
    for (const Shown &one : all)
        lines << QStringLiteral("%1%2: %3 | %4")
                     .arg(one.isFocused ? QStringLiteral("* ") : QString(), one.role, one.name,
                          one.description);
    return lines.join(u'\n').toUtf8();
}

QStringList Person::iconsSay() const
{
    const QDBusConnection bus(m_busName);
    const QString watcher = QStringLiteral("org.kde.StatusNotifierWatcher");
    const QStringList items = property(bus, watcher, QStringLiteral("/StatusNotifierWatcher"), watcher,
                                       "RegisteredStatusNotifierItems")
                                  .toStringList();
    QStringList said;
    for (const QString &item : items) {
        const qsizetype slash = item.indexOf(u'/');
        const QString words = titleOf(property(bus, item.left(slash), item.mid(slash),
                                               QStringLiteral("org.kde.StatusNotifierItem"), "ToolTip"));
        if (!words.isEmpty())
            said.append(words);
    }
    return said;
}

} // namespace cring::test
