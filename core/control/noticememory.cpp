// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/noticememory.h"

#include <QJsonArray>

#include <algorithm>

namespace cring::control {

using std::chrono::milliseconds;

namespace {

class Times
{
public:
    Times(milliseconds steadyAhead, milliseconds steadyNow)
        : m_ahead(steadyAhead)
        , m_now(steadyNow)
    {
    }

    std::optional<milliseconds> steady(const QJsonValue &wall) const
    {
        if (!wall.isDouble())
            return std::nullopt;
        return std::min(milliseconds(wall.toInteger()) + m_ahead, m_now);
    }

private:
    const milliseconds m_ahead;
    const milliseconds m_now;
};

QJsonObject toJson(const ToldTopic &topic, milliseconds steadyAhead)
{
    const auto wall = [&](milliseconds steady) {
        return static_cast<qint64>((steady - steadyAhead).count());
    };
    QJsonObject causes;
    for (auto one = topic.causes.constBegin(); one != topic.causes.constEnd(); ++one) {
        QJsonObject span{{QStringLiteral("since"), wall(one->since)},
                         {QStringLiteral("told"), topic.toldOf.contains(one.key())}};
        if (one->goneSince)
            span.insert(QStringLiteral("gone"), wall(*one->goneSince));
        causes.insert(one.key(), span);
    }
    QJsonObject object{{QStringLiteral("causes"), causes},
                       {QStringLiteral("isTold"), topic.isTold},
                       {QStringLiteral("isSilenced"), topic.isSilenced},
                       {QStringLiteral("reminders"), static_cast<qint64>(topic.reminders)}};
    if (topic.told)
        object.insert(QStringLiteral("told"), wall(*topic.told));
    return object;
}

ToldTopic topicFromJson(const QJsonObject &object, const Times &times)
{
    ToldTopic topic;
    topic.told = times.steady(object.value(QLatin1String("told")));
    topic.isTold = topic.told && object.value(QLatin1String("isTold")).toBool();
    topic.isSilenced = object.value(QLatin1String("isSilenced")).toBool();
    topic.reminders =
        static_cast<size_t>(std::max<qint64>(0, object.value(QLatin1String("reminders")).toInteger()));
    const QJsonObject causes = object.value(QLatin1String("causes")).toObject();
    for (auto one = causes.constBegin(); one != causes.constEnd(); ++one) {
        const QJsonObject span = one->toObject();
        const auto since = times.steady(span.value(QLatin1String("since")));
        if (!since)
            continue;
        topic.causes.insert(one.key(), {*since, times.steady(span.value(QLatin1String("gone")))});
        if (span.value(QLatin1String("told")).toBool())
            topic.toldOf.insert(one.key());
    }
    return topic;
}

} // namespace

QJsonObject toJson(const Told &told, milliseconds steadyAhead)
{
    QJsonObject object;
    for (const Topic topic : allTopics())
        object.insert(topicName(topic), toJson(told.of(topic), steadyAhead));
    return object;
}

Told toldFromJson(const QJsonObject &object, milliseconds steadyAhead, milliseconds steadyNow)
{
    const Times times(steadyAhead, steadyNow);
    Told told;
    for (const Topic topic : allTopics())
        told.of(topic) = topicFromJson(object.value(topicName(topic)).toObject(), times);
    return told;
}

} // namespace cring::control
