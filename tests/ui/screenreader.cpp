// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/screenreader.h"

#include "tests/support/spin.h"

#include <QDBusArgument>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QDBusVariant>
#include <QFile>

namespace cring::test {

namespace {

constexpr int kLimit = 15'000;
constexpr int kCallTime = 5'000;
constexpr auto kLauncher = "/usr/libexec/at-spi-bus-launcher";
constexpr auto kAccessible = "org.a11y.atspi.Accessible";
constexpr auto kRegistry = "org.a11y.atspi.Registry";
constexpr auto kRoot = "/org/a11y/atspi/accessible/root";

/// As atspi-constants.h numbers them.
enum State { Active = 1, Focused = 12, Sensitive = 24, Showing = 25 };

QDBusMessage call(const Shown &to, const char *interface, const char *method,
                  const QVariantList &arguments = {})
{
    QDBusMessage message =
        QDBusMessage::createMethodCall(to.service, to.path, QLatin1String(interface), QLatin1String(method));
    message.setArguments(arguments);
    return message;
}

QDBusMessage get(const Shown &of, const char *property)
{
    return call(of, "org.freedesktop.DBus.Properties", "Get",
                {QLatin1String(kAccessible), QLatin1String(property)});
}

QString textOf(const QDBusMessage &answer)
{
    const QVariant value = answer.arguments().value(0);
    return value.canConvert<QDBusVariant>() ? value.value<QDBusVariant>().variant().toString()
                                            : value.toString();
}

QList<Shown> referencesIn(const QDBusMessage &answer)
{
    QList<Shown> list;
    if (answer.type() != QDBusMessage::ReplyMessage || answer.signature() != QStringLiteral("a(so)"))
        return list;
    const auto argument = answer.arguments().value(0).value<QDBusArgument>();
    argument.beginArray();
    while (!argument.atEnd()) {
        Shown one;
        QDBusObjectPath path;
        argument.beginStructure();
        argument >> one.service >> path;
        argument.endStructure();
        one.path = path.path();
        list.append(one);
    }
    argument.endArray();
    return list;
}

quint64 statesIn(const QDBusMessage &answer)
{
    if (answer.type() != QDBusMessage::ReplyMessage)
        return 0;
    const auto states = qdbus_cast<QList<uint>>(answer.arguments().value(0));
    constexpr int kHigh = 32;
    return states.value(0) | (static_cast<quint64>(states.value(1)) << kHigh);
}

bool has(quint64 states, State state)
{
    return (states >> state & 1) != 0;
}

} // namespace

ScreenReader::~ScreenReader()
{
    if (!m_name.isEmpty())
        QDBusConnection::disconnectFromBus(m_name);
}

void ScreenReader::letRead(QProcessEnvironment &environment)
{
    environment.insert(QStringLiteral("QT_LINUX_ACCESSIBILITY_ALWAYS_ON"), QStringLiteral("1"));
}

Status ScreenReader::start(const DesktopSession &desktop)
{
    const QString launcher = QString::fromLatin1(kLauncher);
    if (!QFile::exists(launcher))
        return Error{Code::NotFound, launcher + QStringLiteral(" is missing: apt-get install at-spi2-core")};
    m_launcher = std::make_unique<playground::ChildProcess>();
    m_launcher->setProcessEnvironment(desktop.environment());
    m_launcher->setStandardErrorFile(desktop.home() + QStringLiteral("/accessibility.log"));
    m_launcher->start(launcher, {QStringLiteral("--launch-immediately")});
    QString address;
    const bool answers = spinUntil(
        [&] {
            address = QString::fromUtf8(
                          desktop.run(QStringLiteral("dbus-send"),
                                      {QStringLiteral("--session"), QStringLiteral("--print-reply=literal"),
                                       QStringLiteral("--dest=org.a11y.Bus"), QStringLiteral("/org/a11y/bus"),
                                       QStringLiteral("org.a11y.Bus.GetAddress")}))
                          .trimmed();
            return !address.isEmpty();
        },
        kLimit);
    if (!answers)
        return Error{Code::NotFound, QStringLiteral("the accessibility bus does not start")};
    m_name = QStringLiteral("screenreader-") + address;
    if (QDBusConnection::connectToBus(address, m_name).isConnected())
        return {};
    return Error{Code::NotFound, QStringLiteral("the accessibility bus takes nobody in")};
}

QList<Shown> ScreenReader::children(const Shown &of) const
{
    return referencesIn(bus().call(call(of, kAccessible, "GetChildren"), QDBus::Block, kCallTime));
}

/// Level by level, so that the questions of one level are under way together.
QList<Shown> ScreenReader::read(const QList<Shown> &top, bool deep) const
{
    QList<Shown> all;
    QList<Shown> level = top;
    while (!level.isEmpty()) {
        struct Asked
        {
            QDBusPendingCall states, role, name, description, children;
        };
        std::vector<Asked> asked;
        for (const Shown &one : std::as_const(level))
            asked.push_back({bus().asyncCall(call(one, kAccessible, "GetState"), kCallTime),
                             bus().asyncCall(call(one, kAccessible, "GetRoleName"), kCallTime),
                             bus().asyncCall(get(one, "Name"), kCallTime),
                             bus().asyncCall(get(one, "Description"), kCallTime),
                             bus().asyncCall(call(one, kAccessible, "GetChildren"), kCallTime)});
        QList<Shown> next;
        for (size_t i = 0; i < asked.size(); ++i) {
            for (QDBusPendingCall *one : {&asked[i].states, &asked[i].role, &asked[i].name,
                                          &asked[i].description, &asked[i].children})
                one->waitForFinished();
            const quint64 states = statesIn(asked[i].states.reply());
            if (!has(states, Showing))
                continue;
            Shown shown = level.at(static_cast<qsizetype>(i));
            shown.role = textOf(asked[i].role.reply());
            shown.name = textOf(asked[i].name.reply());
            shown.description = textOf(asked[i].description.reply());
            shown.isEnabled = has(states, Sensitive);
            shown.isFocused = has(states, Focused);
            shown.isActive = has(states, Active);
            all.append(shown);
            if (deep)
                next += referencesIn(asked[i].children.reply());
        }
        level = next;
    }
    return all;
}

QList<Shown> ScreenReader::windows() const
{
    Shown root;
    root.service = QString::fromLatin1(kRegistry);
    root.path = QString::fromLatin1(kRoot);
    QList<Shown> tops;
    const QList<Shown> programs = children(root);
    for (const Shown &program : programs)
        tops += children(program);
    return read(tops, false);
}

QList<Shown> ScreenReader::activeWindow() const
{
    const QList<Shown> all = windows();
    for (const Shown &window : all) {
        if (window.isActive)
            return read({window}, true);
    }
    return {};
}

std::optional<Shown> ScreenReader::again(const Shown &shown) const
{
    const QList<Shown> now = read({shown}, false);
    return now.isEmpty() ? std::nullopt : std::optional(now.first());
}

QString ScreenReader::text(const Shown &line) const
{
    return textOf(bus().call(call(line, "org.a11y.atspi.Text", "GetText", {0, -1}), QDBus::Block, kCallTime));
}

} // namespace cring::test
