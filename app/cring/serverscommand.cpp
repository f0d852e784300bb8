// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/serverscommand.h"

#include "core/base/words.h"

#include <QJsonArray>

namespace cring::app {

namespace {

/// For a walk through all records of a large ring.
constexpr std::chrono::milliseconds kStudyTime{120'000};

constexpr QLatin1String kFiles("files");

qint64 filesOf(const QJsonObject &removal, const char *what)
{
    return removal.value(QLatin1String(what)).toObject().value(kFiles).toInteger();
}

QString files(qint64 count)
{
    return count == 1 ? QStringLiteral("1 file") : QStringLiteral("%1 files").arg(count);
}

} // namespace

ServersCommand::ServersCommand(ServiceCommandContext context, Options options)
    : ConfigChangeCommand(std::move(context), options.file, options.dryRun)
    , m_options(std::move(options))
{
}

void ServersCommand::handleFailed(const Error &error)
{
    const bool away = error.code == Code::ControlUnavailable;
    if (away && m_options.what == What::Remove && !m_options.force) {
        fail({error.code,
              error.detail + QStringLiteral(". It alone can tell what files the server's removal would "
                                            "cost; --force removes it from %1 regardless")
                                 .arg(file())});
    } else {
        ConfigChangeCommand::handleFailed(error);
    }
}

void ServersCommand::handleSource()
{
    if (m_options.what != What::Remove) {
        change(true);
        return;
    }
    call(
        QStringLiteral("backends.removal"), {{QStringLiteral("name"), m_options.name}},
        [this](const QJsonObject &removal) { handleRemoval(removal); }, kStudyTime);
}

bool ServersCommand::mayLackServers(bool reloads) const
{
    return ConfigChangeCommand::mayLackServers(reloads) && m_options.what != What::Remove;
}

void ServersCommand::handleRemoval(const QJsonObject &removal)
{
    m_removal = removal;
    const qint64 copies = filesOf(removal, "copies");
    const qint64 only = filesOf(removal, "onlyCopies");
    const QString name = plain(m_options.name);
    const QString cost = copies == 0 ? QStringLiteral("No recorded file has a copy on %1.").arg(name)
                                     : QStringLiteral("%1 would lose a copy with %2 (%3).")
                                           .arg(files(copies), name,
                                                words::bytes(removal.value(QLatin1String("copies"))
                                                                 .toObject()
                                                                 .value(QLatin1String("bytes"))
                                                                 .toInteger()));
    if (only > 0 && !m_options.force) {
        refuse(QStringLiteral(
                   "%1 has the only good copy of %2: these would be lost. `cring backends drain %1` brings "
                   "them to other servers first; --force removes it regardless")
                   .arg(name, files(only)),
               Failed);
        return;
    }
    if (m_options.dryRun) {
        change(true);
        return;
    }
    advise(cost +
           QStringLiteral(" Files that the ring has not recorded are not counted; the server itself is not "
                          "touched."));
    if (isConfirmed(QStringLiteral("Remove %1 from the ring?").arg(name), m_options.yes))
        change(true);
}

Result<QByteArray> ServersCommand::edited(const QByteArray &text) const
{
    switch (m_options.what) {
    case What::Add:
        return config::withServer(text, m_options.name, m_options.change);
    case What::Edit:
        return config::withServerChanged(text, m_options.name, m_options.change);
    case What::Remove:
        break;
    }
    return config::withoutServer(text, m_options.name);
}

void ServersCommand::report(const QJsonObject &answer)
{
    QJsonObject object = answer;
    object.insert(QStringLiteral("file"), file());
    object.insert(QStringLiteral("backend"), m_options.name);
    if (!m_removal.isEmpty())
        object.insert(QStringLiteral("removal"), m_removal);
    const bool dryRun = answer.contains(QLatin1String("dryRun"));
    if (json()) {
        printJson(object);
    } else {
        const char *done = m_options.what == What::Add    ? "added to"
                           : m_options.what == What::Edit ? "changed in"
                                                          : "removed from";
        print(QStringLiteral("%1 %2 %3 %4.\n")
                  .arg(plain(m_options.name), dryRun ? QStringLiteral("would be") : QStringLiteral("was"),
                       QLatin1String(done), plain(file())));
        if (dryRun && !m_removal.isEmpty())
            print(QStringLiteral("%1 would lose a copy.\n").arg(files(filesOf(m_removal, "copies"))));
        for (const QJsonValue change : answer.value(QLatin1String("changes")).toArray())
            print(QStringLiteral("- %1\n").arg(plain(change.toString())));
        if (answer.contains(QLatin1String("reloaded")))
            advise(QStringLiteral("No service is running: it takes the change when it starts."));
    }
    finish(Ok);
}

ServerStateCommand::ServerStateCommand(ServiceCommandContext context, QString method, QString name)
    : ServiceCommand(std::move(context))
    , m_method(std::move(method))
    , m_name(std::move(name))
{
}

void ServerStateCommand::handleOpened(const control::ServiceInfo &)
{
    call(m_method, {{QStringLiteral("name"), m_name}}, [this](const QJsonObject &answer) {
        const QString text = answer.value(QLatin1String("text")).toString();
        if (json())
            printJson(answer);
        else if (!text.isEmpty())
            print(plain(text) + u'\n');
        else
            print(QStringLiteral("%1 is the primary now: accounts and new SSH sessions go there.\n")
                      .arg(plain(answer.value(QLatin1String("backend")).toString())));
        finish(Ok);
    });
}

} // namespace cring::app
