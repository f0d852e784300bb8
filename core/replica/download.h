// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/clientrequest.h"
#include "core/replica/answers.h"
#include "core/replica/digest.h"
#include "core/replica/environment.h"

namespace cring::replica {

/// One read of a path with failover: the read path of docs/architecture.md.
///
/// Asks the server that should have the file and has least to do; another one when it cannot be reached,
/// stalls, or does not have it; the spool, when no server that is known to have it and can be used is left;
/// the archive, when no server can give it: with a record only that version, without one whatever lies there,
/// as long as fewer than a quorum of servers have answered.
/// Once bytes have gone to the client and the server is lost, the next replica is read from the start: what
/// was sent already is skipped and compared, and the client never notices. Until then nothing is promised: if
/// the file was changed meanwhile, the new version is read instead. Where the catalogue knows size and
/// digest the last piece goes out only when they fit. What cannot be completed is cut, never ended as if it
/// were whole (P4).
class Download final : public QObject
{
    Q_OBJECT

public:
    enum class Want {
        File, ///< A client's, which people see among the transfers.
        Copy, ///< A file for the service itself.
        Head, ///< began() is all that matters: it comes as soon as a server has said what it would send.
    };

    Download(Environment &environment, const Credentials &credentials, const QByteArray &path,
             const QByteArray &target, Want want, QObject *parent);
    ~Download() override;

    void start();
    void setPaused(bool paused);

Q_SIGNALS:
    /// A file begins, and data follows at once. `length` is −1 when it is not known.
    void began(const cring::http::Headers &headers, qint64 length);
    void dataReceived(const QByteArray &data);
    /// The file is complete.
    void completed();
    /// A folder is there, not a file: it has to be listed.
    void isFolder();
    /// No file for the client: its answer.
    void refused(const cring::replica::Outcome &outcome);
    /// After began(): the rest cannot be had; the client's connection must be cut.
    void broken(const QString &reason);

private:
    enum class Source { Server, Spool, Archive };

    void tryNext();
    bool archiveIsNext() const;
    bool mayAskArchive() const;
    bool readArchive();
    void describeArchived(const IArchiveReader::Head &head);
    void handleArchiveFailed(const Error &error);
    void readServer(health::Backend *backend);
    void readSpool();
    bool isOutdated() const;
    void dropRequest();
    void handleHead(const http::ResponseHead &head);
    void describe(const http::Headers &headers, qint64 length);
    void begin();
    void describe(Transfer &transfer) const;
    void handleData(const QByteArray &data);
    void handleFinished();
    void handleFailed(const Error &error);
    void handleError();
    void handleAbsent();
    void bringAccount();
    void handleBrought(health::Backend *backend, bool isThere);
    void deliver(const QByteArray &piece);
    void lose(const QString &reason, bool itsFault);
    void loseWrong(const QString &reason);
    QString sourceName() const;
    void emitHeldBack();
    void mendWrongCopies();
    void lookInto(const QList<QString> &servers);
    void giveUp();
    void restart();
    void cut();
    bool fitsRecord() const;
    bool acceptContinuation(const http::ResponseHead &head) const;

    Environment &m_environment;
    Credentials m_credentials;
    QByteArray m_target;
    Want m_want;
    ObjectKey m_key;
    std::optional<Record> m_record;
    /// Still to be asked, best first; nullptr is the spool.
    QList<health::Backend *> m_candidates;
    Source m_source = Source::Server;
    health::Backend *m_backend = nullptr; ///< None while no server is read.
    std::unique_ptr<state::BodyReader> m_body;
    std::vector<std::unique_ptr<IArchiveReader>> m_archives; ///< Still to be read.
    std::unique_ptr<IArchiveReader> m_archive;
    bool m_archiveOpened = false;
    QString m_archiveName;     ///< Of the one that is read, or was last.
    int m_archivesWithout = 0; ///< Those that have no such file.
    int m_archivesFailed = 0;
    health::Load m_load;
    std::unique_ptr<http::ClientRequest> m_request;
    Readers::Registration m_reader;
    http::ResponseHead m_head;   ///< Of the server that is read now.
    http::Headers m_sentHeaders; ///< What the client was told, or will be.
    qint64 m_length = -1;
    PayloadDigest m_sent;     ///< What the client has got.
    PayloadDigest m_received; ///< What this server has sent.
    QByteArray m_last;        ///< Held back until the whole fits the record.
    QList<QString> m_wrong;   ///< Servers that have something else than the record's version.
    QList<QString> m_absent;  ///< Servers that have nothing where the record has a file.
    QByteArray m_errorBody;
    QStringList m_reasons;
    std::optional<Outcome> m_notFound;
    std::optional<Outcome> m_missingUser;
    std::optional<Outcome> m_refused;
    int m_absences = 0;
    int m_missingUsers = 0;
    int m_refusals = 0;
    QSet<QString> m_brought; ///< Servers that the account has been on its way to.
    int m_bringing = 0;      ///< It is still.
    bool m_waiting = false;  ///< For that: nobody else is left.
    int m_round = 0;         ///< Of restarts.
    bool m_began = false;
    bool m_paused = false;
    QTimer m_grace; ///< For those that have not been asked, when enough others have not got the file.
    bool m_done = false;
    Transfers::Registration m_transfer;
};

} // namespace cring::replica
