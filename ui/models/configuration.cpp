// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/configuration.h"

#include "ui/models/servicecommands.h"

namespace cring::models {

namespace {

/// A change of the lists may have the service look at all of its records first.
constexpr std::chrono::minutes kChangeTime{3};

} // namespace

Configuration::Configuration(ServiceLink &link, Cring cring, QObject *parent)
    : QObject(parent)
    , m_link(link)
    , m_found(std::move(cring))
    , m_cring(m_found)
{
}

void Configuration::refresh()
{
    if (m_link.state() != ServiceLink::State::Connected) {
        m_cring = m_found;
        show();
        return;
    }
    m_link.call(QStringLiteral("backends.source"), {}, this, [this](const Result<QJsonObject> &source) {
        const QString file = source ? source->value(QStringLiteral("file")).toString() : QString();
        m_cring = file.isEmpty() ? m_found : m_found.withConfigFile(file);
        show();
    });
}

void Configuration::show()
{
    delete m_showing; // The older question.
    m_showing = m_cring.command({QStringLiteral("config"), QStringLiteral("show")}, this);
    connect(m_showing, &CringCommand::finished, this, [this](const CringOutcome &outcome) {
        // A file that is wrong somewhere is shown, too, with its problems.
        if (outcome.answer.contains(QStringLiteral("settings"))) {
            m_shown = outcome.answer;
            Q_EMIT changed();
        } else {
            Q_EMIT failed(outcome.complaint.words);
        }
    });
    m_showing->start();
}

QJsonObject Configuration::setting(const QString &key) const
{
    return m_shown.value(QStringLiteral("settings")).toObject().value(key).toObject();
}

QJsonObject Configuration::entry(const QJsonArray &list, const QString &name)
{
    for (const QJsonValue &value : list) {
        if (value.toObject().value(QStringLiteral("name")).toString() == name)
            return value.toObject();
    }
    return {};
}

void Configuration::set(const QString &key, const QString &value, QObject *context, Done done)
{
    CringCommand *command =
        m_cring.command({QStringLiteral("config"), QStringLiteral("set"), key, value}, context);
    connect(command, &CringCommand::finished, context, std::move(done));
    command->start();
}

void Configuration::reload(QObject *context, std::function<void(const QString &problem)> done)
{
    if (m_link.state() != ServiceLink::State::Connected) {
        done({});
        return;
    }
    m_link.call(QStringLiteral("reload"), {}, context, [done](const Result<QJsonObject> &answer) {
        done(answer ? QString() : errorWords(answer.error()));
    });
}

void Configuration::run(const QStringList &arguments, Secret input, QObject *context, Done done)
{
    CringCommand *command = m_cring.serviceCommand(arguments, context);
    command->setInput(std::move(input));
    command->setTimeLimit(kChangeTime);
    connect(command, &CringCommand::finished, context, std::move(done));
    connect(command, &CringCommand::finished, this, &Configuration::refresh);
    command->start();
}

} // namespace cring::models
