// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/desktop/activation.h"

#include "ui/desktop/applicationid.h"

namespace cring::ui {

namespace {

/// Qt takes it from there when it raises a window on Wayland.
void keepToken(const QVariantMap &platformData)
{
    const QString token = platformData.value(QStringLiteral("activation-token")).toString();
    if (!token.isEmpty())
        qputenv("XDG_ACTIVATION_TOKEN", token.toUtf8());
}

} // namespace

ApplicationInterface::ApplicationInterface(std::function<void()> activated, QObject *parent)
    : QDBusAbstractAdaptor(parent)
    , m_activated(std::move(activated))
{
}

void ApplicationInterface::Activate(const QVariantMap &platformData)
{
    keepToken(platformData);
    m_activated();
}

void ApplicationInterface::Open(const QStringList &, const QVariantMap &platformData)
{
    Activate(platformData);
}

void ApplicationInterface::ActivateAction(const QString &, const QVariantList &,
                                          const QVariantMap &platformData)
{
    Activate(platformData);
}

Activation::Activation(const QDBusConnection &bus, QObject *parent)
    : QObject(parent)
    , m_bus(bus)
{
    new ApplicationInterface([this] { Q_EMIT windowWanted(); }, this);
    // The object before the name: whoever has asked for the name calls at once.
    m_hasName = m_bus.registerObject(QString::fromLatin1(applicationPath), this) &&
                m_bus.registerService(QString::fromLatin1(applicationId));
}

Activation::~Activation()
{
    if (m_hasName)
        m_bus.unregisterService(QString::fromLatin1(applicationId));
    m_bus.unregisterObject(QString::fromLatin1(applicationPath));
}

} // namespace cring::ui
