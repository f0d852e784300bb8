// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/autostart.h"
#include "ui/wizard/setup.h"

namespace cring::ui {

/// The end of the wizard: one thing after the other, the configuration in one piece. What fails is undone.
class CarryOut : public QObject
{
    Q_OBJECT

public:
    /// The setup outlives this.
    CarryOut(Setup &setup, models::Autostart autostart, QObject *parent = nullptr);

    /// Whether a configuration that is there gives way, and is kept beside it.
    void setReplaces(bool replaces) { m_replaces = replaces; }
    void setStartsAtLogin(bool starts) { m_startsAtLogin = starts; }

    /// finished() or failed() follows. Again after a failure.
    void start();

Q_SIGNALS:
    /// As StepsView takes it.
    void stepDone(const QJsonObject &step);
    /// All is in place, and the service may be started.
    void finished();
    /// Nothing was changed. `isThere`: a configuration stands in the way.
    void failed(const QString &words, bool isThere);

private:
    using Next = void (CarryOut::*)();

    void writeConfiguration();
    void storeKeys();
    void adoptKey();
    void writeAutostart();
    void run(models::CringCommand *command, const char *step, const QString &done, Next next);
    void told(const char *step, bool ok, const QString &words);
    void undo(const QString &words);

    Setup &m_setup;
    const models::Autostart m_autostart;
    bool m_replaces = false;
    bool m_startsAtLogin = true;
    bool m_wasOn = false;
    QString m_file;   ///< The configuration, once it is written.
    QString m_before; ///< Where the one is that was there; "" = there was none.
};

} // namespace cring::ui
