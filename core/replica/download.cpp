// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replica/download.h"

#include "core/charm/blobpath.h"
#include "core/http/datefield.h"
#include "core/replica/absencecheck.h"
#include "core/replica/readorder.h"
#include "core/replica/requests.h"

namespace cring::replica {

Download::Download(Environment &environment, const Credentials &credentials, const QByteArray &path,
                   const QByteArray &target, Want want, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_credentials(credentials)
    , m_target(target)
    , m_want(want)
    , m_key(objectKey(credentials.account, path))
    , m_sent(environment.database.digestSeed())
    , m_received(environment.database.digestSeed())
{
    m_grace.setSingleShot(true);
    connect(&m_grace, &QTimer::timeout, this, [this] {
        if (!m_done && !m_began)
            handleAbsent();
    });
}

Download::~Download()
{
    m_transfer.end(QStringLiteral("abandoned"));
}

void Download::start()
{
    // While a tail is on its way to the servers, what they hold is neither old nor new.
    m_environment.locks.whenFree(m_key, this, m_environment.readerWait(), [this](bool isFree) {
        if (!isFree) {
            m_done = true;
            Q_EMIT refused(beingWritten());
            return;
        }
        m_record = m_environment.catalogue.find(m_key);
        if (m_record && (m_record->folder || m_environment.catalogue.livesBelow(m_key, m_record->version))) {
            // Recorded as one, or deleted and there again since something was put into it.
            m_done = true;
            Q_EMIT isFolder();
            return;
        }
        if (m_record && m_record->deleted) {
            m_done = true;
            Q_EMIT refused(refusal(404, QStringLiteral("file not found")));
            return;
        }
        const ReadOrder order = readOrder(m_environment, m_key, m_record);
        m_candidates = order.servers;
        m_reasons += order.reasons;
        tryNext();
    });
}

/// Ends the request under way. Later: this may be inside one of its signals.
void Download::dropRequest()
{
    if (m_body) {
        m_body->disconnect(this);
        m_body.release()->deleteLater();
    }
    if (m_archive) {
        m_archive->disconnect(this);
        m_archive.release()->deleteLater();
    }
    if (!m_request)
        return;
    m_request->disconnect(this);
    m_request.release()->deleteLater();
}

void Download::tryNext()
{
    dropRequest();
    m_reader.release();
    m_load.release();
    m_errorBody.clear();
    if (!m_began && isOutdated()) {
        restart(); // the servers that are left have the new one
        return;
    }
    m_received.reset();
    m_last.clear();
    if (archiveIsNext() && readArchive())
        return;
    if (m_candidates.isEmpty()) {
        m_waiting = m_bringing > 0;
        if (!m_waiting && !readArchive())
            giveUp();
        return;
    }
    if (health::Backend *backend = m_candidates.takeFirst())
        readServer(backend);
    else
        readSpool();
}

/// Another version of the file has been acknowledged since this began.
bool Download::isOutdated() const
{
    const auto now = m_environment.catalogue.find(m_key);
    return now.has_value() != m_record.has_value() || (now && now->version != m_record->version);
}

void Download::readServer(health::Backend *backend)
{
    m_source = Source::Server;
    m_backend = backend;
    m_load = health::Load(*m_backend);
    m_reader = Readers::Registration(m_environment.readers, m_key, m_backend->id(), [this] { cut(); });
    http::Request request;
    request.method = "GET";
    request.target = m_target;
    identify(request.headers, m_credentials);
    const auto wait = m_environment.config.timing.readTimeout;
    m_request = std::make_unique<http::ClientRequest>(m_backend->pool(), request,
                                                      http::ClientRequest::Limits{wait, wait}, nullptr);
    connect(m_request.get(), &http::ClientRequest::headReceived, this, &Download::handleHead);
    connect(m_request.get(), &http::ClientRequest::bodyReceived, this, &Download::handleData);
    connect(m_request.get(), &http::ClientRequest::finished, this, &Download::handleFinished);
    connect(m_request.get(), &http::ClientRequest::failed, this, &Download::handleFailed);
    if (m_paused)
        m_request->pause();
    m_request->start();
}

/// As a server would give it.
void Download::readSpool()
{
    m_source = Source::Spool;
    m_backend = nullptr;
    const auto body = m_environment.spool.find(m_key, m_record->digest);
    if (!body) {
        tryNext(); // delivered meanwhile
        return;
    }
    m_head = {};
    m_head.status = 200;
    m_body = m_environment.spool.read(body->id);
    connect(m_body.get(), &state::BodyReader::arrived, this, &Download::handleData);
    connect(m_body.get(), &state::BodyReader::finished, this, &Download::handleFinished);
    connect(m_body.get(), &state::BodyReader::failed, this,
            [this](const Error &error) { lose(error.detail, false); });
    m_body->setPaused(m_paused);
    m_body->start();
    http::Headers headers;
    headers.append("Content-Type", "application/octet-stream");
    headers.append("Last-Modified", http::DateField::textOf(std::chrono::milliseconds(m_record->changed)));
    headers.append("X-File-Mode", QByteArray::number(m_record->mode));
    describe(headers, body->size);
}

// ---- the archive ----

/// One that has the recorded version comes before servers that are down: to look for those takes time.
bool Download::archiveIsNext() const
{
    if (!m_record || m_candidates.isEmpty() || !m_candidates.first() || m_candidates.first()->usable())
        return false;
    return m_archiveOpened ? !m_archives.empty() : m_environment.archive.has(m_key, *m_record);
}

/// What a quorum of servers says of a path without a record, or of the request, is not asked about elsewhere.
/// And without a record nothing tells whether it is the version that the client has the beginning of.
bool Download::mayAskArchive() const
{
    const int quorum = m_environment.config.quorum();
    if (m_record)
        return m_refusals < quorum;
    return !m_began && !m_environment.absenceIsSettled(m_credentials.account) &&
           m_absences + m_missingUsers + m_refusals < quorum;
}

/// As a server would give it. False: there is nothing (more) to be read.
bool Download::readArchive()
{
    if (!std::exchange(m_archiveOpened, true) && mayAskArchive())
        m_archives = m_environment.archive.open(m_key, m_record, m_reasons);
    if (m_archives.empty())
        return false;
    m_source = Source::Archive;
    m_backend = nullptr;
    m_head = {};
    m_head.status = 200;
    m_archive = std::move(m_archives.front());
    m_archives.erase(m_archives.begin());
    m_archiveName = m_archive->name();
    connect(m_archive.get(), &IArchiveReader::began, this, &Download::describeArchived);
    connect(m_archive.get(), &IArchiveReader::arrived, this, &Download::handleData);
    connect(m_archive.get(), &IArchiveReader::finished, this, &Download::handleFinished);
    connect(m_archive.get(), &IArchiveReader::failed, this, &Download::handleArchiveFailed);
    m_archive->setPaused(m_paused);
    m_archive->start();
    return true;
}

void Download::describeArchived(const IArchiveReader::Head &head)
{
    if (m_record && m_record->size >= 0 && head.size >= 0 && head.size != m_record->size) {
        loseWrong(QStringLiteral("has a file of another length"));
        return;
    }
    const quint32 mode = m_record && m_record->mode != 0 ? m_record->mode : head.mode;
    const qint64 changed = m_record ? m_record->changed : head.changed;
    http::Headers headers;
    headers.append("Content-Type", "application/octet-stream");
    headers.append("Last-Modified", http::DateField::textOf(std::chrono::milliseconds(changed)));
    if (mode != 0)
        headers.append("X-File-Mode", QByteArray::number(mode));
    describe(headers, m_record && m_record->size >= 0 ? m_record->size : head.size);
}

void Download::handleArchiveFailed(const Error &error)
{
    if (m_done)
        return;
    ++(error.code == Code::NotFound ? m_archivesWithout : m_archivesFailed);
    lose(error.detail, false);
}

void Download::setPaused(bool paused)
{
    if (m_paused == paused)
        return;
    m_paused = paused;
    if (m_archive)
        m_archive->setPaused(paused);
    if (m_body)
        m_body->setPaused(paused);
    if (m_request && paused)
        m_request->pause();
    else if (m_request)
        m_request->resume();
}

void Download::handleHead(const http::ResponseHead &head)
{
    m_head = head;
    m_grace.stop();
    m_backend->breaker().succeeded();
    if (head.status != 200)
        return; // handleFinished() has the body with the reason then
    const QByteArray type = head.headers.value("Content-Type");
    const bool isJson = type.startsWith("application/json");
    if (m_record && isJson != m_record->folder) {
        loseWrong(isJson ? QStringLiteral("has a folder where the others have a file")
                         : QStringLiteral("has a file where the others have a folder"));
        return;
    }
    if (isJson) {
        if (m_began) {
            lose(QStringLiteral("has a folder where the others have a file"), false);
            return;
        }
        m_done = true;
        dropRequest();
        Q_EMIT isFolder();
        return;
    }
    // A body whose end is the connection's is never Charm's, and its end says nothing.
    if (head.framing == http::Framing::UntilClose) {
        lose(QStringLiteral("sent a file without saying where it ends"), true);
        return;
    }
    if (m_record && m_record->size >= 0 && head.headers.contains("Content-Length") &&
        head.contentLength != m_record->size) {
        loseWrong(QStringLiteral("has a file of another length"));
        return;
    }
    if (m_began) {
        if (!acceptContinuation(head))
            lose(QStringLiteral("has another version of the file"), false);
        return;
    }
    http::Headers headers;
    for (const char *name : {"Content-Type", "X-File-Mode", "Last-Modified"}) {
        if (const QByteArray value = head.headers.value(name); !value.isEmpty())
            headers.append(name, value);
    }
    describe(headers, m_record && m_record->size >= 0           ? m_record->size
                      : head.framing == http::Framing::Length   ? head.contentLength
                      : head.headers.contains("Content-Length") ? 0
                                                                : -1);
}

/// What the client will hear if this source is the first that gives something.
void Download::describe(const http::Headers &headers, qint64 length)
{
    if (m_began)
        return;
    m_sentHeaders = headers;
    m_length = length;
    if (m_want == Want::Head)
        begin();
}

/// From here on the client holds this version, and nothing else can be read in its place.
void Download::begin()
{
    if (std::exchange(m_began, true))
        return;
    if (m_want == Want::File)
        m_transfer = m_environment.transfers.add(Transfer::Kind::Download, m_key,
                                                 [this](Transfer &transfer) { describe(transfer); });
    Q_EMIT began(m_sentHeaders, m_length);
}

void Download::describe(Transfer &transfer) const
{
    transfer.bytes = m_sent.size();
    if (m_length >= 0)
        transfer.total = m_length;
    transfer.state = QStringLiteral("sending");
    transfer.copies = {
        {m_source == Source::Server && !m_backend ? QString() : sourceName(), QStringLiteral("source"), {}}};
}

bool Download::acceptContinuation(const http::ResponseHead &head) const
{
    return head.headers.value("X-File-Mode") == m_sentHeaders.value("X-File-Mode") &&
           (head.framing != http::Framing::Length || m_length < 0 || head.contentLength == m_length);
}

void Download::handleData(const QByteArray &data)
{
    if (m_done || (!m_request && !m_body && !m_archive))
        return;
    if (m_head.status != 200) {
        if (m_errorBody.size() < kMaxErrorBody)
            m_errorBody += data;
        return;
    }
    const qint64 behind = m_sent.size() - m_received.size();
    if (behind <= 0) {
        m_received.add(data);
        deliver(data);
        return;
    }
    // Another server continues: what the client has already is compared, and not sent again.
    const QByteArrayView known = QByteArrayView(data).first(qMin<qint64>(behind, data.size()));
    m_received.add(known);
    if (m_received.size() == m_sent.size() && m_received.value() != m_sent.value()) {
        lose(QStringLiteral("has another version of the file"), false);
        return;
    }
    const QByteArray rest = data.sliced(known.size());
    m_received.add(rest);
    if (!rest.isEmpty())
        deliver(rest);
}

void Download::deliver(const QByteArray &piece)
{
    if (m_record && m_record->size >= 0 && m_received.size() > m_record->size) {
        loseWrong(QStringLiteral("sent more than the file holds"));
        return;
    }
    emitHeldBack();
    // With a digest, the last piece decides whether it was the file at all: it waits. An archive compares
    // with one of its own.
    m_last = piece;
    if ((!m_record || m_record->digest.isEmpty()) && m_source != Source::Archive)
        emitHeldBack();
}

void Download::emitHeldBack()
{
    const QByteArray piece = std::exchange(m_last, {});
    if (piece.isEmpty())
        return;
    begin();
    m_sent.add(piece);
    m_environment.counters.bytesOut += static_cast<quint64>(piece.size());
    Q_EMIT dataReceived(piece);
}

bool Download::fitsRecord() const
{
    if (!m_record || m_record->folder)
        return true;
    return (m_record->size < 0 || m_record->size == m_received.size()) &&
           (m_record->digest.isEmpty() || m_record->digest == m_received.value());
}

void Download::handleFinished()
{
    if (m_done)
        return;
    dropRequest();
    if (m_head.status != 200) {
        handleError();
        return;
    }
    if (!fitsRecord()) {
        loseWrong(QStringLiteral("sent something else than what was stored"));
        return;
    }
    if (m_received.size() < m_sent.size()) {
        lose(QStringLiteral("has a shorter file"), false);
        return;
    }
    m_done = true;
    m_reader.release();
    m_load.release();
    mendWrongCopies();
    emitHeldBack();
    begin(); // an empty file
    m_transfer.end(QStringLiteral("done"));
    Q_EMIT completed();
}

/// The record's version has been seen. Whether owners that have none owe it is another question; what those
/// have that have another is looked into by the mending, for it may be what somebody else has stored on a
/// quorum.
void Download::mendWrongCopies()
{
    if (!m_absent.isEmpty())
        AbsenceCheck::start(m_environment, m_credentials, m_key, m_record->version);
    lookInto(m_wrong);
}

/// Copies that are not the record's, if it is still the one that was read.
void Download::lookInto(const QList<QString> &servers)
{
    const auto now = m_environment.catalogue.find(m_key);
    if (!m_record || !now || now->version != m_record->version)
        return;
    const QList<health::Backend *> owners = m_environment.owners(m_key);
    for (const health::Backend *owner : owners) {
        if (servers.contains(owner->id()))
            m_environment.catalogue.mark(m_key, owner->id(), Debt::Suspect);
    }
}

/// An answer other than 200: not there, not known, or the server's trouble.
void Download::handleError()
{
    const QByteArray type = m_head.headers.value("Content-Type");
    const QString words = describeAnswer(m_head.status, type, m_errorBody);
    m_reasons << m_backend->name() + u' ' + words;
    if (m_head.status == 404) {
        // One that does not know the account says nothing about the file.
        if (isMissingUser(404, m_errorBody)) {
            ++m_missingUsers;
            m_missingUser = Outcome{404, type, m_errorBody, {}};
            bringAccount();
            tryNext();
            return;
        }
        ++m_absences;
        m_notFound = Outcome{404, type, m_errorBody, {}};
        const bool contradicted = m_record && !m_record->deleted;
        if (contradicted)
            m_absent << m_backend->id();
        if (!m_began && !contradicted && m_absences >= m_environment.absenceQuorum(m_credentials.account)) {
            if (m_environment.absenceIsSettled(m_credentials.account)) {
                handleAbsent();
                return;
            }
            m_grace.start(m_environment.kAbsenceGrace);
        }
    } else if (m_head.status / 100 == 4) {
        // One server's clock may be off (401); if all say so, the client hears it.
        m_refused = Outcome{m_head.status, type, m_errorBody, words};
        ++m_refusals;
    }
    tryNext();
}

/// Enough servers have not got the file.
void Download::handleAbsent()
{
    m_done = true;
    dropRequest();
    Q_EMIT refused(*m_notFound);
}

/// Others may have the file meanwhile. Once the account is there, the server is one of those that are left.
void Download::bringAccount()
{
    if (m_brought.contains(m_backend->id()))
        return;
    m_brought.insert(m_backend->id());
    ++m_bringing;
    m_environment.bringer.bring(m_backend->id(), m_credentials.account, this,
                                [this, backend = m_backend, round = m_round](bool isThere) {
                                    if (round == m_round && !m_done)
                                        handleBrought(backend, isThere);
                                });
}

void Download::handleBrought(health::Backend *backend, bool isThere)
{
    --m_bringing;
    if (isThere) {
        --m_missingUsers;
        m_candidates << backend;
    }
    if (m_waiting && (isThere || m_bringing == 0)) {
        m_waiting = false;
        tryNext();
    }
}

void Download::handleFailed(const Error &error)
{
    dropRequest();
    lose(error.detail, true);
}

/// This server is of no more use for this read.
void Download::lose(const QString &reason, bool itsFault)
{
    if (m_done)
        return;
    m_reasons << sourceName() + u' ' + reason;
    if (itsFault)
        m_backend->breaker().failed(reason);
    dropRequest();
    m_reader.release();
    ++m_environment.counters.failovers;
    tryNext();
}

/// What it has is not the record's version.
void Download::loseWrong(const QString &reason)
{
    if (m_backend)
        m_wrong << m_backend->id();
    lose(reason, false);
}

QString Download::sourceName() const
{
    if (m_source == Source::Archive)
        return m_archiveName;
    return m_backend ? m_backend->name() : QStringLiteral("the spool");
}

void Download::giveUp()
{
    m_done = true;
    lookInto(m_wrong);
    if (m_began) {
        m_transfer.end(QStringLiteral("failed"));
        Q_EMIT broken(listed(m_reasons));
        return;
    }
    // It may be a folder, and what is in it says that. If there is none either, that is the answer.
    if (m_archivesWithout > 0 && m_archivesFailed == 0 && !m_record) {
        Q_EMIT isFolder();
        return;
    }
    if (!m_record && m_environment.absenceIsSettled(m_credentials.account) &&
        m_environment.isReadOnly(m_credentials.account)) {
        Q_EMIT refused(refusal(404, QStringLiteral("file not found")));
        return;
    }
    // All have answered, or all that could be asked, and none has it.
    const qsizetype heard = m_absences + m_missingUsers;
    const bool enough = heard == m_environment.backends.size() ||
                        m_absences >= m_environment.absenceQuorum(m_credentials.account);
    if (m_notFound && enough && (!m_record || m_record->deleted)) {
        Q_EMIT refused(*m_notFound);
        return;
    }
    if (m_missingUser && m_missingUsers == m_environment.backends.size()) {
        Q_EMIT refused(*m_missingUser);
        return;
    }
    if (m_refused && m_absences == 0) {
        Q_EMIT refused(*m_refused);
        return;
    }
    Q_EMIT refused(refusal(503, QStringLiteral("no server can give the file: %1").arg(listed(m_reasons))));
}

/// From the beginning, with what is known now.
void Download::restart()
{
    m_reader.release();
    m_candidates.clear();
    m_grace.stop();
    m_reasons.clear();
    m_wrong.clear();
    m_absent.clear();
    m_notFound.reset();
    m_missingUser.reset();
    m_refused.reset();
    m_absences = m_missingUsers = m_refusals = 0;
    m_archives.clear();
    m_archiveOpened = false;
    m_archivesWithout = m_archivesFailed = 0;
    m_brought.clear();
    m_bringing = 0;
    m_waiting = false;
    ++m_round;
    start();
}

/// Somebody is about to write over what is being read.
void Download::cut()
{
    if (m_done)
        return;
    dropRequest();
    if (!m_began) {
        restart(); // nothing has gone out: the new version will do
        return;
    }
    m_done = true;
    m_reader.release();
    m_load.release();
    m_transfer.end(QStringLiteral("failed"));
    Q_EMIT broken(QStringLiteral("the file was changed while it was read"));
}

} // namespace cring::replica
