// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/conflictchoice.h"

namespace cring::repair {

using replica::Upload;

namespace {

constexpr qint64 kPiece = 256 * 1024;
/// Against somebody who writes to the file all the time.
constexpr int kAttempts = 3;
constexpr quint32 kOwnerWrites = 0200;

QByteArray boundary(IRandom &random)
{
    return QByteArray::number(random.next(), 36) + QByteArray::number(random.next(), 36);
}

} // namespace

ConflictChoice::ConflictChoice(replica::Environment &environment, state::Conflicts &conflicts,
                               replica::ITokenSource &tokens, quint64 id, QObject *parent)
    : QObject(parent)
    , m_environment(environment)
    , m_use(environment.use)
    , m_conflicts(conflicts)
    , m_tokens(tokens)
    , m_digest(environment.database.digestSeed())
{
    m_version.id = id;
}

ConflictChoice::~ConflictChoice() = default;

void ConflictChoice::start()
{
    const auto version = m_conflicts.find(m_version.id);
    if (!version) {
        end(Error{Code::NotFound, QStringLiteral("no version %1 is kept aside; it may have been chosen or "
                                                 "discarded already (cring conflicts list)")
                                      .arg(m_version.id)});
        return;
    }
    m_version = *version;
    m_tokens.obtain(state::accountOf(m_version.key), this, [this](const Result<replica::Credentials> &token) {
        if (!token) {
            end(token.error());
            return;
        }
        m_credentials = *token;
        keepCurrent();
    });
}

void ConflictChoice::keepCurrent()
{
    ++m_attempts;
    m_holders.clear();
    m_problem.clear();
    m_current = m_environment.catalogue.find(m_version.key);
    m_away.clear();
    if (!m_current) {
        m_holders = m_environment.backends.all();
        keepNextVersion();
        return;
    }
    if (m_current->deleted) {
        upload();
        return;
    }
    if (m_current->folder) {
        end(Error{Code::FileChanged, QStringLiteral("a folder stands at the path now; move it away first")});
        return;
    }
    if (!m_current->digest.isEmpty() && m_current->digest == m_version.digest) {
        m_conflicts.discard(m_version.id, this, [this] { end({}); });
        return;
    }
    // Charm cannot write over such a file (server/storage/local/storage.go:141).
    if (!(m_current->mode & kOwnerWrites)) {
        end(Error{
            Code::FileChanged,
            QStringLiteral("the version that holds now is read-only: delete the file, then choose again")});
        return;
    }
    if (m_conflicts.keeps(m_version.key, m_current->digest)) {
        upload();
        return;
    }
    const QList<health::Backend *> placement = m_environment.placement(m_version.key);
    for (health::Backend *backend : placement) {
        if (m_environment.catalogue.holds(m_version.key, backend->id()) && backend->usable())
            m_holders << backend;
    }
    tryNextHolder();
}

void ConflictChoice::tryNextHolder()
{
    if (m_saving)
        m_saving.release()->deleteLater();
    if (m_holders.isEmpty()) {
        // What the servers have while somebody writes is not what holds.
        if (isChanged() || m_environment.locks.isHeld(m_version.key)) {
            beginAgain();
            return;
        }
        end(Error{
            Code::NoQuorum,
            QStringLiteral("the version that holds now cannot be kept aside, so nothing was changed: ") +
                (m_problem.isEmpty() ? QStringLiteral("no server that has it can be reached") : m_problem)});
        return;
    }
    health::Backend &server = *m_holders.takeFirst();
    m_saving = std::make_unique<ConflictSaving>(m_environment, m_conflicts, server, m_version.key,
                                                m_credentials, ConflictSaving::Wanted::TheRecords, nullptr);
    connect(m_saving.get(), &ConflictSaving::finished, this, [this, &server](const Status &status) {
        const bool noRoom =
            !status && status.error().code != Code::FileChanged && status.error().code != Code::BackendAnswer;
        if (status) {
            m_saving.release()->deleteLater();
            upload();
        } else if (noRoom) {
            end(status);
        } else {
            m_problem = server.name() + u' ' + status.error().detail;
            tryNextHolder();
        }
    });
    m_saving->start();
}

/// No version is the record's, and each of them may be somebody's.
void ConflictChoice::keepNextVersion()
{
    if (m_saving)
        m_saving.release()->deleteLater();
    while (!m_holders.isEmpty() && !m_holders.first()->usable())
        m_away << m_holders.takeFirst();
    if (m_holders.isEmpty()) {
        upload();
        return;
    }
    health::Backend &server = *m_holders.takeFirst();
    m_saving = std::make_unique<ConflictSaving>(m_environment, m_conflicts, server, m_version.key,
                                                m_credentials, ConflictSaving::Wanted::OtherVersion, nullptr);
    connect(m_saving.get(), &ConflictSaving::finished, this, [this, &server](const Status &status) {
        if (status)
            keepNextVersion();
        else
            end(Error{status.error().code, QStringLiteral("what %1 has cannot be kept aside, so nothing was "
                                                          "changed: %2")
                                               .arg(server.name(), status.error().detail)});
    });
    m_saving->start();
}

/// What they have is looked at, and kept aside, before it is written over.
void ConflictChoice::owe()
{
    for (const health::Backend *backend : std::as_const(m_away))
        m_environment.catalogue.mark(m_version.key, backend->id(), state::Debt::Differs);
}

void ConflictChoice::upload()
{
    m_envelope = charm::makeEnvelope(boundary(m_environment.random));
    auto scanner = charm::MultipartScanner::forContentType(m_envelope.contentType);
    Upload::Spec spec;
    spec.credentials = m_credentials;
    spec.path = m_version.key.sliced(m_credentials.account.size() + 1);
    spec.target = "/v1/fs/" + spec.path + "?mode=" + QByteArray::number(m_version.mode);
    spec.mode = m_version.mode;
    spec.contentType = m_envelope.contentType;
    spec.contentLength = m_envelope.head.size() + m_version.size + m_envelope.tail.size();
    spec.onlyOver = m_current ? m_current->version : 0;
    m_fed = 0;
    m_digest.reset();
    m_upload = new Upload(m_environment, spec, std::move(*scanner), this);
    connect(m_upload, &Upload::finished, this, &ConflictChoice::handleOutcome);
    connect(m_upload, &Upload::pausedChanged, this, &ConflictChoice::feed);
    connect(m_upload, &QObject::destroyed, this, [this] {
        --m_uploads;
        leave();
    });
    ++m_uploads;
    m_writing = true;
    m_upload->start();
    if (m_writing) {
        m_upload->feed(m_envelope.head);
        feed();
    }
}

void ConflictChoice::feed()
{
    if (!m_writing || m_reading || m_upload->paused())
        return;
    if (m_fed < m_version.size) {
        m_reading = true;
        m_conflicts.read(m_version.id, m_fed, std::min(kPiece, m_version.size - m_fed), this,
                         [this](const Result<QByteArray> &piece) {
                             m_reading = false;
                             handlePiece(piece);
                         });
        return;
    }
    // The bytes that were kept, or nothing.
    if (!m_version.digest.isEmpty() && m_digest.value() != m_version.digest) {
        giveUp({Code::StateFile, QStringLiteral("the file of the version that was kept aside is damaged")});
        return;
    }
    m_upload->feed(m_envelope.tail);
    if (m_writing)
        m_upload->end();
}

void ConflictChoice::handlePiece(const Result<QByteArray> &piece)
{
    if (!m_writing)
        return;
    if (!piece || piece->isEmpty()) {
        giveUp(piece ? Error{Code::StateFile,
                             QStringLiteral("the file of the version that was kept aside is too short")}
                     : piece.error());
        return;
    }
    m_fed += piece->size();
    m_digest.add(*piece);
    m_upload->feed(*piece);
    feed();
}

/// Before the tail: the servers keep what they have.
void ConflictChoice::giveUp(const Error &error)
{
    m_writing = false;
    m_upload->cancel();
    end(error);
}

void ConflictChoice::handleOutcome(const replica::Outcome &outcome)
{
    if (!std::exchange(m_writing, false))
        return;
    if (outcome.status == 200) {
        owe();
        m_environment.activity.record(telemetry::Level::Info, telemetry::Category::Upload,
                                      QStringLiteral("a version that was kept aside holds again"), {},
                                      QString::fromLatin1(m_credentials.account));
        m_conflicts.discard(m_version.id, this, [this] { end({}); });
        return;
    }
    if (isChanged()) {
        beginAgain();
        return;
    }
    end(Error{Code::NoQuorum,
              QStringLiteral("the version was not chosen, and is still kept: %1").arg(outcome.summary)});
}

/// Somebody else has written to the file, or deleted it, since this looked.
bool ConflictChoice::isChanged() const
{
    const auto now = m_environment.catalogue.find(m_version.key);
    return (now ? now->version : 0) != (m_current ? m_current->version : 0);
}

void ConflictChoice::beginAgain()
{
    if (m_attempts < kAttempts) {
        QMetaObject::invokeMethod(
            this,
            [this] {
                m_environment.locks.whenFree(m_version.key, this, m_environment.readerWait(),
                                             [this](bool) { keepCurrent(); });
            },
            Qt::QueuedConnection);
        return;
    }
    end(Error{Code::FileChanged, QStringLiteral("the file is being written to: the version was not chosen, "
                                                "and is still kept. Try again")});
}

void ConflictChoice::end(const Status &status)
{
    if (std::exchange(m_ended, true))
        return;
    QMetaObject::invokeMethod(
        this,
        [this, status] {
            Q_EMIT finished(status);
            leave();
        },
        Qt::QueuedConnection);
}

/// Servers that are slower than the quorum go on after the answer.
void ConflictChoice::leave()
{
    if (m_ended && m_uploads == 0)
        deleteLater();
}

} // namespace cring::repair
