// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDBusAbstractAdaptor>
#include <QDBusConnection>
#include <QVariantMap>

#include <functional>

namespace cring::ui {

/// What desktops call to have the window (Desktop Entry Specification, D-Bus Activation). Its methods are
/// the bus's alone.
class ApplicationInterface final : public QDBusAbstractAdaptor
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Application")

public:
    ApplicationInterface(std::function<void()> activated, QObject *parent);

public Q_SLOTS:
    void Activate(const QVariantMap &platformData);
    /// There is nothing that it opens: the window comes.
    void Open(const QStringList &uris, const QVariantMap &platformData);
    /// The desktop entry names no actions, so this is one of another version's.
    void ActivateAction(const QString &action, const QVariantList &parameters,
                        const QVariantMap &platformData);

private:
    const std::function<void()> m_activated; // A signal would be one of the interface's.
};

/// Has the desktop's bus know where the window is: under its name, so that a launcher brings the one that
/// runs to the front, or has it started. Without a bus, or where the name is taken, nothing of this is there,
/// and nothing else is missing.
class Activation final : public QObject
{
    Q_OBJECT

public:
    explicit Activation(const QDBusConnection &bus, QObject *parent = nullptr);
    ~Activation() override;

    bool hasName() const { return m_hasName; }

Q_SIGNALS:
    void windowWanted();

private:
    QDBusConnection m_bus;
    bool m_hasName = false;
};

} // namespace cring::ui
