// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/desktopchoices.h"

#include <QSettings>

#include <algorithm>
#include <array>

namespace cring::models {

namespace {

const QString kMetered = QStringLiteral("network/pause-when-metered");
const QString kShutdown = QStringLiteral("desktop/delay-shutdown");
const QString kClosing = QStringLiteral("desktop/closing");
constexpr std::array kClosings{"asks", "quits", "hides"};

} // namespace

DesktopChoices::DesktopChoices(QSettings &settings, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
{
}

bool DesktopChoices::read(const QString &key, bool byDefault) const
{
    return m_settings.value(key, byDefault).toBool();
}

void DesktopChoices::write(const QString &key, bool before, bool after)
{
    if (before == after)
        return;
    m_settings.setValue(key, after);
    Q_EMIT changed();
}

bool DesktopChoices::pausesOnMetered() const
{
    return read(kMetered, false);
}

void DesktopChoices::setPausesOnMetered(bool pauses)
{
    write(kMetered, pausesOnMetered(), pauses);
}

bool DesktopChoices::delaysShutdown() const
{
    return read(kShutdown, true);
}

void DesktopChoices::setDelaysShutdown(bool delays)
{
    write(kShutdown, delaysShutdown(), delays);
}

DesktopChoices::Closing DesktopChoices::closing() const
{
    const QByteArray chosen = m_settings.value(kClosing).toString().toLatin1();
    const auto *const found = std::ranges::find(kClosings, chosen);
    return found == kClosings.end() ? Closing::Asks : static_cast<Closing>(found - kClosings.begin());
}

void DesktopChoices::setClosing(Closing closing)
{
    if (this->closing() == closing)
        return;
    m_settings.setValue(kClosing, QString::fromLatin1(kClosings.at(static_cast<size_t>(closing))));
    Q_EMIT changed();
}

} // namespace cring::models
