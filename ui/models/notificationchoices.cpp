// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/notificationchoices.h"

#include <QSettings>

#include <algorithm>

namespace cring::models {

namespace {

const QString kGroup = QStringLiteral("notifications");
const QString kDegradedAfter = QStringLiteral("notifications/degraded-after-minutes");

QString keyOf(Topic topic)
{
    return kGroup + u'/' + control::topicName(topic);
}

} // namespace

QString topicWords(Topic topic)
{
    switch (topic) {
    case Topic::WritesRefused:
        return NotificationChoices::tr("&Uploads are refused");
    case Topic::Degraded:
        return NotificationChoices::tr("&Something is wrong for a while");
    case Topic::BackupOverdue:
        return NotificationChoices::tr("The &backup is overdue");
    case Topic::DamageFound:
        return NotificationChoices::tr("A &check found something");
    case Topic::KeychainLocked:
        return NotificationChoices::tr("The &keychain is locked");
    }
    return {};
}

NotificationChoices::NotificationChoices(QSettings &settings, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
{
}

bool NotificationChoices::isWanted(Topic topic) const
{
    return m_settings.value(keyOf(topic), true).toBool();
}

void NotificationChoices::setWanted(Topic topic, bool wanted)
{
    if (isWanted(topic) == wanted)
        return;
    m_settings.setValue(keyOf(topic), wanted);
    Q_EMIT changed();
}

std::chrono::minutes NotificationChoices::degradedAfter() const
{
    bool isNumber = false;
    const std::chrono::minutes chosen(m_settings.value(kDegradedAfter).toInt(&isNumber));
    return isNumber ? std::clamp(chosen, std::chrono::minutes(0), longestDegradedAfter)
                    : degradedAfterByDefault;
}

void NotificationChoices::setDegradedAfter(std::chrono::minutes time)
{
    if (degradedAfter() == time)
        return;
    m_settings.setValue(kDegradedAfter, static_cast<int>(time.count()));
    Q_EMIT changed();
}

void NotificationChoices::reset()
{
    m_settings.remove(kGroup);
    Q_EMIT changed();
}

} // namespace cring::models
