// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/completionnames.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

namespace cring::app {

namespace {

using Source = Completion::Source;

/// How the control API tells of what has names (docs/control-api.md).
struct Asking
{
    Source source;
    const char *method;
    const char *list; ///< In the answer.
    const char *word;
    const char *help;
};

constexpr auto kAskings = std::to_array<Asking>({
    {Source::Servers, "status", "backends", "name", "url"},
    {Source::Backups, "status", "backups", "name", "state"},
    {Source::Jobs, "jobs.list", "jobs", "id", "kind"},
    {Source::Accounts, "accounts.list", "accounts", "id", "name"},
    {Source::Conflicts, "conflicts.list", "conflicts", "id", "path"},
});

const Asking *askingFor(Source source)
{
    const auto found = std::ranges::find(kAskings, source, &Asking::source);
    return found == kAskings.end() ? nullptr : &*found;
}

QString wordOf(const QJsonValue &value)
{
    return value.isDouble() ? QString::number(value.toInteger()) : value.toString();
}

} // namespace

CompletionNames::CompletionNames(ServiceCommandContext context, Source source)
    : ServiceCommand(std::move(context))
    , m_source(source)
{
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, [this] { finish(NoService); });
    m_limit.start(time);
}

bool CompletionNames::isLive(Source source)
{
    return askingFor(source) != nullptr;
}

void CompletionNames::handleOpened(const control::ServiceInfo &)
{
    const Asking *asking = askingFor(m_source);
    tryCall(
        QString::fromLatin1(asking->method), {},
        [this](const Result<QJsonObject> &answer) {
            if (answer)
                take(*answer);
            finish(answer ? Ok : NoService);
        },
        time);
}

void CompletionNames::handleClosed(const Error &)
{
    finish(NoService);
}

void CompletionNames::handleFailed(const Error &)
{
    finish(NoService);
}

void CompletionNames::take(const QJsonObject &answer)
{
    const Asking *asking = askingFor(m_source);
    const QJsonArray entries = answer.value(QLatin1String(asking->list)).toArray();
    for (const QJsonValue entry : entries) {
        const QJsonObject object = entry.toObject();
        const QString help = wordOf(object.value(QLatin1String(asking->help)));
        m_names.append({wordOf(object.value(QLatin1String(asking->word))), help});
        // An account goes by its name as well.
        if (m_source == Source::Accounts && !help.isEmpty())
            m_names.append({help, m_names.last().word});
    }
}

} // namespace cring::app
