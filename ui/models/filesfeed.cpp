// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/filesfeed.h"

#include "ui/models/servicecommands.h"

#include <numeric>

namespace cring::models {

namespace {

/// A page is read within one turn of the loop: so small that nobody notices.
constexpr int kPage = 250;

} // namespace

FilesFeed::FilesFeed(ServiceLink &link, FilesModel &model, QObject *parent)
    : QObject(parent)
    , m_link(link)
    , m_model(model)
{
    connect(&link, &ServiceLink::opened, this, [this] {
        m_reading = false; // What was asked of the service before is answered by nobody.
        listAnew();
    });
    connect(&link, &ServiceLink::notified, this, &FilesFeed::handleNotified);
    connect(&link, &ServiceLink::snapshotChanged, this, &FilesFeed::handleSnapshot);
}

void FilesFeed::start()
{
    if (m_wanted)
        return;
    m_wanted = true;
    if (m_link.state() == ServiceLink::State::Connected)
        listAnew();
}

void FilesFeed::listAnew()
{
    if (!m_wanted)
        return;
    if (m_reading) {
        m_anew = true;
        return;
    }
    // In this order nothing is missed: what changes after its page comes as a notification.
    m_link.call(QStringLiteral("blobs.subscribe"), {{QStringLiteral("names"), true}}, this,
                [](const Result<QJsonObject> &) {});
    const QList<qint64> copies = m_link.snapshot() ? m_link.snapshot()->copies : QList<qint64>();
    m_model.beginListing(std::accumulate(copies.begin(), copies.end(), qint64(0)));
    readOn({});
    readAccounts();
}

/// What the accounts are called. A service that knows no server's database has none, and the ids are shown.
void FilesFeed::readAccounts()
{
    m_accountsRound = m_link.snapshot() ? m_link.snapshot()->accounts.roundMs : std::nullopt;
    readAccounts(std::make_shared<QHash<QString, QString>>(), {});
}

void FilesFeed::readAccounts(const AccountNames &names, const QString &after)
{
    m_link.call(QStringLiteral("accounts.list"),
                after.isEmpty() ? QJsonObject() : QJsonObject{{QStringLiteral("after"), after}}, this,
                [this, names](const Result<QJsonObject> &answer) {
                    if (!answer)
                        return;
                    const QJsonArray page = answer->value(QStringLiteral("accounts")).toArray();
                    for (const QJsonValue &account : page) {
                        const QString name = account.toObject().value(QStringLiteral("name")).toString();
                        if (!name.isEmpty())
                            names->insert(account.toObject().value(QStringLiteral("id")).toString(), name);
                    }
                    const QString next = answer->value(QStringLiteral("next")).toString();
                    if (!next.isEmpty() && !page.isEmpty())
                        readAccounts(names, next);
                    else
                        m_model.setAccountNames(*names);
                });
}

void FilesFeed::readOn(const QString &after)
{
    m_reading = true;
    m_anew = false;
    QJsonObject params{{QStringLiteral("limit"), kPage}, {QStringLiteral("names"), true}};
    if (!after.isEmpty())
        params.insert(QStringLiteral("after"), after);
    m_link.call(QStringLiteral("blobs.list"), params, this, [this](const Result<QJsonObject> &answer) {
        if (answer) {
            handlePage(*answer);
            return;
        }
        m_reading = false;
        if (m_link.state() == ServiceLink::State::Connected)
            setProblem(errorWords(answer.error()));
    });
}

void FilesFeed::handlePage(const QJsonObject &page)
{
    setProblem({});
    m_model.add(page.value(QStringLiteral("blobs")).toArray());
    m_model.setNames(page.value(QStringLiteral("names")).toObject());
    const QString next = page.value(QStringLiteral("next")).toString();
    if (m_anew) {
        m_reading = false;
        listAnew();
    } else if (!next.isEmpty()) {
        readOn(next);
    } else {
        m_reading = false;
        m_model.endListing();
    }
}

void FilesFeed::handleNotified(const QString &method, const QJsonObject &params)
{
    if (method != QStringLiteral("blobs") || !m_wanted)
        return;
    if (params.value(QStringLiteral("listAnew")).toBool())
        listAnew();
    else
        m_model.change(params.value(QStringLiteral("blobs")).toArray(),
                       params.value(QStringLiteral("gone")).toArray());
}

void FilesFeed::handleSnapshot()
{
    const control::Snapshot &snapshot = *m_link.snapshot();
    m_model.setNow(snapshot.takenMs);
    if (m_wanted && snapshot.accounts.roundMs != m_accountsRound)
        readAccounts(); // Somebody may have chosen another name.
    QStringList places{QString::number(snapshot.replicas)};
    for (const control::BackendStatus &server : snapshot.backends)
        places.append(server.name + u' ' + server.id + u' ' + server.membership + u' ' +
                      QString::number(server.weight));
    for (const control::BackupStatus &backup : snapshot.backups)
        places.append(backup.id);
    if (places == m_places)
        return;
    const bool first = m_places.isEmpty();
    m_places = places;
    if (!first)
        listAnew();
}

void FilesFeed::setProblem(const QString &problem)
{
    if (problem == m_problem)
        return;
    m_problem = problem;
    Q_EMIT problemChanged();
}

} // namespace cring::models
