// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

#include <chrono>

QT_BEGIN_NAMESPACE
class QSettings;
QT_END_NAMESPACE

namespace cring::models {

/// What a person can be told of while nobody looks at the window: what has to be known, and nothing more.
/// There is one notification a topic.
enum class Topic {
    WritesRefused, ///< Uploads fail, or there is no service that would take them.
    Degraded,      ///< Something is wrong for a while, and nobody is refused.
    BackupOverdue,
    DamageFound, ///< Files that the checks found to be damaged, lost or unexplained.
    KeychainLocked,
};

inline constexpr int topicCount = static_cast<int>(Topic::KeychainLocked) + 1;

/// "writes-refused", "degraded", …: what a topic is called in files; never translated.
QString topicName(Topic topic);
/// "Uploads are refused", …: what a person chooses among.
QString topicWords(Topic topic);

/// Which notifications a person wants. Kept with the window, not with the service: on another desktop they
/// may be others. Each change is written at once.
class NotificationChoices : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::minutes degradedAfterByDefault{5};
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
