// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

QT_BEGIN_NAMESPACE
class QSettings;
QT_END_NAMESPACE

namespace cring::models {

/// How the window gets on with the desktop around it. Kept with the window; each change is written at once.
class DesktopChoices : public QObject
{
    Q_OBJECT

public:
    /// What closing the window does where no tray icon would bring it back.
    enum class Closing {
        Asks,
        Quits, ///< The window's program ends, and tells of nothing any more.
        Hides, ///< It goes on without a window; a second start shows it.
    };

    /// The settings outlive this.
    explicit DesktopChoices(QSettings &settings, QObject *parent = nullptr);

    /// Background work rests while the network is a metered one. Off by default.
    bool pausesOnMetered() const;
    void setPausesOnMetered(bool pauses);

    /// A shutdown waits a moment for copies that are on their way. On by default.
    bool delaysShutdown() const;
    void setDelaysShutdown(bool delays);

    /// Asks by default, until a person has answered.
    Closing closing() const;
    void setClosing(Closing closing);

Q_SIGNALS:
    void changed();

private:
    bool read(const QString &key, bool byDefault) const;
    void write(const QString &key, bool before, bool after);

    QSettings &m_settings;
};

} // namespace cring::models
