// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/gateway/handler.h"
#include "core/gateway/listingmerge.h"
#include "core/replica/download.h"

namespace cring::gateway {

/// GET and HEAD of /v1/fs/…: a file streamed from one of its servers, or a folder's listing merged from all.
class ReadHandler final : public Handler
{
    Q_OBJECT

public:
    ReadHandler(replica::Environment &environment, http::ServerConnection *connection,
                const replica::Credentials &credentials, const QByteArray &path, QObject *parent);

    void begin() override;

private:
    void handleWritable() override;
    void handleBegan(const http::Headers &headers, qint64 length);
    void handleData(const QByteArray &data);
    void list();

    replica::Credentials m_credentials;
    QByteArray m_path;
    replica::Download *m_download = nullptr; ///< Child.
    ListingMerge *m_listing = nullptr;       ///< Child.
};

} // namespace cring::gateway
