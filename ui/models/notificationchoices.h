// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/control/notices.h"

#include <QObject>

QT_BEGIN_NAMESPACE
class QSettings;
QT_END_NAMESPACE

namespace cring::models {

using control::Topic;

/// "&Uploads are refused", …: what a person chooses among, each with its mnemonic.
QString topicWords(Topic topic);

/// Which notifications a person wants. Kept with the window, not with the service: on another desktop they
/// may be others. Each change is written at once.
class NotificationChoices : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::minutes degradedAfterByDefault =
        control::NoticeWishes::degradedAfterByDefault;
    static constexpr std::chrono::minutes longestDegradedAfter{24 * 60};

    /// The settings outlive this.
    explicit NotificationChoices(QSettings &settings, QObject *parent = nullptr);

    /// By default all are.
    bool isWanted(Topic topic) const;
    void setWanted(Topic topic, bool wanted);

    /// How long something has to be wrong before it is told; 0: at once.
    std::chrono::minutes degradedAfter() const;
    void setDegradedAfter(std::chrono::minutes time);

    /// Everything as it is by default.
    void reset();

Q_SIGNALS:
    void changed();

private:
    QSettings &m_settings;
};

} // namespace cring::models
