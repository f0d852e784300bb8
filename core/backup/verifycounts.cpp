// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/verifycounts.h"

namespace cring::backup {

namespace {

constexpr std::pair<const char *, qint64 VerifyCounts::*> kNumbers[] = {
    {"listed", &VerifyCounts::listed},         {"bytes", &VerifyCounts::bytes},
    {"verified", &VerifyCounts::verified},     {"found", &VerifyCounts::found},
    {"uncompared", &VerifyCounts::uncompared}, {"unasked", &VerifyCounts::unasked},
};

constexpr std::pair<const char *, VerifyCounts::Named VerifyCounts::*> kNamed[] = {
    {"lost", &VerifyCounts::lost},       {"damaged", &VerifyCounts::damaged},
    {"unread", &VerifyCounts::unread},   {"unknown", &VerifyCounts::unknown},
    {"foreign", &VerifyCounts::foreign},
};

QString namesOf(const char *kind)
{
    return QLatin1String(kind) + QStringLiteral("Names");
}

} // namespace

void VerifyCounts::Named::add(const QByteArray &name)
{
    ++count;
    if (names.size() < kNames)
        names.append(QString::fromUtf8(name));
}

VerifyCounts VerifyCounts::fromJson(const QJsonObject &json)
{
    VerifyCounts counts;
    for (const auto &[name, number] : kNumbers)
        counts.*number = json.value(QLatin1String(name)).toInteger();
    for (const auto &[name, named] : kNamed)
        counts.*named = {json.value(QLatin1String(name)).toInteger(), json.value(namesOf(name)).toArray()};
    return counts;
}

QJsonObject VerifyCounts::toJson() const
{
    QJsonObject json;
    for (const auto &[name, number] : kNumbers)
        json.insert(QLatin1String(name), this->*number);
    for (const auto &[name, named] : kNamed) {
        json.insert(QLatin1String(name), (this->*named).count);
        json.insert(namesOf(name), (this->*named).names);
    }
    return json;
}

} // namespace cring::backup
