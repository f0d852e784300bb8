// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/readhandler.h"

namespace cring::gateway {

using replica::Download;

ReadHandler::ReadHandler(replica::Environment &environment, http::ServerConnection *connection,
                         const replica::Credentials &credentials, const QByteArray &path, QObject *parent)
    : Handler(environment, connection, telemetry::Kind::Download, parent)
    , m_credentials(credentials)
    , m_path(path)
{
}

void ReadHandler::begin()
{
    // The account's own folder is never a file: its listing needs no first look.
    if (m_path.isEmpty()) {
        list();
        return;
    }
    const auto want = connection().request().method == "HEAD" ? Download::Want::Head : Download::Want::File;
    m_download =
        new Download(m_environment, m_credentials, m_path, connection().request().target, want, this);
    connect(m_download, &Download::began, this, &ReadHandler::handleBegan);
    connect(m_download, &Download::dataReceived, this, &ReadHandler::handleData);
    connect(m_download, &Download::completed, this, [this] { complete(telemetry::Outcome::Done); });
    connect(m_download, &Download::isFolder, this, &ReadHandler::list);
    connect(m_download, &Download::refused, this,
            [this](const replica::Outcome &outcome) { answer(outcome); });
    connect(m_download, &Download::broken, this, [this](const QString &reason) {
        warn(telemetry::Category::Download, QStringLiteral("a download was cut off: %1").arg(reason),
             m_credentials.account);
        cut();
    });
    m_download->start();
}

void ReadHandler::handleBegan(const http::Headers &headers, qint64 length)
{
    if (gone())
        return;
    connection().beginResponse(200, headers, length);
    if (connection().request().method == "HEAD") {
        m_download->deleteLater();
        m_download->disconnect(this);
        complete(telemetry::Outcome::Done);
    }
}

void ReadHandler::handleData(const QByteArray &data)
{
    if (gone())
        return;
    connection().writeBody(data);
    if (connection().pending() >= http::ServerConnection::kHighWater)
        m_download->setPaused(true);
}

void ReadHandler::handleWritable()
{
    if (m_download)
        m_download->setPaused(false);
}

void ReadHandler::list()
{
    setKind(telemetry::Kind::Listing);
    m_listing = new ListingMerge(m_environment, m_credentials, m_path, this);
    connect(m_listing, &ListingMerge::finished, this,
            [this](const replica::Outcome &outcome, const QByteArray &mode) {
                http::Headers headers;
                if (!mode.isEmpty())
                    headers.append("X-File-Mode", mode);
                answer(outcome, headers);
            });
    m_listing->start();
}

} // namespace cring::gateway
