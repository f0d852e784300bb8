// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/repair/conflictsaving.h"

namespace cring::repair {

using replica::CopyLook;

ConflictSaving::ConflictSaving(replica::Environment &environment, state::Conflicts &conflicts,
                               health::Backend &server, const replica::ObjectKey &key,
                               const replica::Credentials &credentials, Wanted wanted, QObject *parent)
    : QObject(parent)
    , m_conflicts(conflicts)
    , m_server(server)
    , m_key(key)
    , m_wanted(wanted)
    , m_record(environment.catalogue.find(key))
    , m_draft(conflicts.begin())
    , m_look(environment, server, key, credentials, nullptr)
{
    connect(&m_look, &CopyLook::arrived, this, &ConflictSaving::handlePiece);
    connect(&m_look, &CopyLook::finished, this, &ConflictSaving::handleLooked);
    connect(m_draft.get(), &state::ConflictDraft::behindChanged, &m_look, &CopyLook::setPaused);
    connect(m_draft.get(), &state::ConflictDraft::failed, this, [this](const Error &error) { end(error); });
}

ConflictSaving::~ConflictSaving() = default;

void ConflictSaving::start()
{
    m_look.start();
}

void ConflictSaving::handlePiece(const QByteArray &piece)
{
    if (!m_ended)
        m_draft->add(piece);
}

void ConflictSaving::handleLooked()
{
    if (m_ended)
        return;
    const CopyLook::Finding &finding = m_look.finding();
    const bool known = m_record && !m_record->deleted && !m_record->digest.isEmpty();
    const bool isRecords = known && finding.is(m_record->digest);
    const bool isFile = finding.what == CopyLook::What::File;
    if (m_wanted == Wanted::TheRecords) {
        if (isRecords || (isFile && !known))
            keep(finding);
        else
            end(Error{Code::FileChanged, isFile ? QStringLiteral("has another version")
                                                : QStringLiteral("does not have it: ") + finding.reason});
        return;
    }
    switch (finding.what) {
    case CopyLook::What::File:
        // An empty file is what a crash or a full disk leaves, not a version.
        if (isRecords || finding.size == 0)
            end({});
        else
            keep(finding);
        break;
    case CopyLook::What::Absent:
        end({});
        break;
    case CopyLook::What::Folder:
        // What is in it is nobody's business here, and would go with it. Where no file belongs, whoever takes
        // it away looks at it.
        if (m_record && (m_record->deleted || m_record->folder))
            end({});
        else
            end(Error{
                Code::FileChanged,
                QStringLiteral("has a folder where the others have a file: look into it, and remove it")});
        break;
    case CopyLook::What::MissingUser:
    case CopyLook::What::NoAnswer:
        end(Error{Code::BackendAnswer, finding.reason});
        break;
    }
}

void ConflictSaving::keep(const CopyLook::Finding &finding)
{
    m_isNew = !m_conflicts.keeps(m_key, finding.digest);
    state::Conflicts::Version version;
    version.key = m_key;
    version.digest = finding.digest;
    version.mode = finding.mode;
    version.server = m_server.id();
    m_draft->commit(version, [this](const Status &status) { end(status); });
}

void ConflictSaving::end(const Status &status)
{
    if (std::exchange(m_ended, true))
        return;
    QMetaObject::invokeMethod(
        this, [this, status] { Q_EMIT finished(status); }, Qt::QueuedConnection);
}

} // namespace cring::repair
