// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/clientrequest.h"
#include "core/replica/digest.h"
#include "core/replica/environment.h"

namespace cring::replica {

/// Reads one server's copy of one path to its end, and says what it is. Nothing is kept of the bytes but
/// their digest.
class CopyLook final : public QObject
{
    Q_OBJECT

public:
    enum class What {
        File,
        Folder,
        Absent,      ///< Not there.
        MissingUser, ///< The server does not know the account, which says nothing about the file.
        NoAnswer,    ///< Nothing that could be relied on; reason has it.
    };

    struct Finding
    {
        What what = What::NoAnswer;
        qint64 size = -1;
        QByteArray digest;
        quint32 mode = 0;
        int status = 0; ///< Of its answer; 0 when there was none that was whole.
        QString reason; ///< To follow the server's name.

        /// A file with these very bytes.
        bool is(const QByteArray &otherDigest) const { return what == What::File && digest == otherDigest; }
        /// What was recorded: the same bytes, with the same rights.
        bool is(const Record &record) const { return is(record.digest) && hasModeOf(record); }
        bool hasModeOf(const Record &record) const
        {
            return record.mode == 0 || ((mode ^ record.mode) & 0777) == 0;
        }
    };

    /// The server belongs to the environment, which is kept in use.
    CopyLook(Environment &environment, health::Backend &backend, const ObjectKey &key,
             const Credentials &credentials, QObject *parent);

    void start();
    /// A slower pace than the server's: paused, nothing is read and nothing times out.
    void setPaused(bool paused);
    health::Backend &backend() const { return m_backend; }
    const Finding &finding() const { return m_finding; }

Q_SIGNALS:
    void read(qint64 bytes);
    /// The same piece of the file itself, or of a folder's listing, for who keeps it.
    void arrived(const QByteArray &piece);
    /// Once, from the event loop.
    void finished();

private:
    void handleHead(const http::ResponseHead &head);
    void handleBody(const QByteArray &data);
    void handleFinished();
    void end(Finding finding);
    void fail(const QString &reason);

    Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    health::Backend &m_backend;
    ObjectKey m_key;
    http::ClientRequest m_request;
    Readers::Registration m_reader;
    PayloadDigest m_digest;
    http::ResponseHead m_head;
    QByteArray m_errorBody;
    Finding m_finding;
    bool m_paused = false;
    bool m_ended = false;
};

} // namespace cring::replica
