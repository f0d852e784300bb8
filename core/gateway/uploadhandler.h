// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/gateway/handler.h"
#include "core/replica/upload.h"

namespace cring::gateway {

/// POST /v1/fs/…: a file goes through the replicated write, a folder to every server.
class UploadHandler final : public Handler
{
    Q_OBJECT

public:
    /// `uploads` owns the write, which outlives the answer.
    UploadHandler(replica::Environment &environment, http::ServerConnection *connection,
                  const replica::Credentials &credentials, const QByteArray &path, quint32 mode,
                  QObject *uploads, QObject *parent);

    void begin() override;

private:
    void handleBody(const QByteArray &data) override;
    void handleRequestEnd() override;
    void handleAbandoned() override;
    void handleOutcome(const replica::Outcome &outcome);

    replica::Credentials m_credentials;
    QByteArray m_path;
    quint32 m_mode;
    QObject *m_uploads;
    QPointer<replica::Upload> m_upload; ///< Null for a folder, and once it has answered.
    bool m_folder;
    bool m_paused = false;
};

} // namespace cring::gateway
