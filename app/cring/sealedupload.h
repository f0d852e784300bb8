// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/charmsession.h"
#include "core/backup/fileplace.h"
#include "core/charm/multipart.h"

namespace cring::app {

/// A plain file of this machine on its way into the ring: read and sealed on a worker, a piece at a time, as
/// fast as the ring takes it. The request's end goes out when all of the file was read and had the size that
/// was announced, so that a file that changes meanwhile is not stored.
///
/// For one use; lives on the event loop's thread. Destroying it ends it. Not to be destroyed within
/// finished().
class SealedUpload final : public QObject, private http::IExchangeEvents
{
    Q_OBJECT

public:
    /// `file` is open for reading, of that size, or closed for a folder. `path`: as the servers are to have
    /// it; `mode`: Go's. The session outlives it.
    SealedUpload(CharmSession &session, QByteArray path, quint32 mode,
                 std::shared_ptr<backup::Descriptor> file, qint64 size, QObject *parent = nullptr);
    ~SealedUpload() override;

    void start();

Q_SIGNALS:
    /// Once. RestoreFailed: the file could not be read, or changed. Else what the ring says.
    void finished(const cring::Status &status);

private:
    struct Work
    {
        charm::ContentsSealer sealer;
        std::shared_ptr<backup::Descriptor> file;
        qint64 left = 0; ///< Of the file.
        bool begun = false;
        QByteArray sealed; ///< The next bytes to be sent.
        QString problem;

        void next();
    };

    void send(const QByteArray &authorization);
    void readMore();
    void handleRead();

    void handleContinue() override {}
    void handleHead(const http::ResponseHead &head) override;
    void handleBody(const QByteArray &data) override;
    void handleFinished() override;
    void handleWritable() override;
    void handleFailed(const Error &error) override;
    void end(const Status &status);

    CharmSession &m_session;
    const QByteArray m_path;
    const quint32 m_mode;
    const bool m_isFolder;
    const qint64 m_size;
    const charm::Envelope m_envelope;
    std::shared_ptr<Work> m_work;
    QPointer<http::ClientConnection> m_connection;
    QTimer m_limit; ///< For the next sign of life.
    int m_status = 0;
    QByteArray m_answer;
    bool m_reading = false;
    bool m_sent = false; ///< All of it.
    bool m_ended = false;
};

} // namespace cring::app
