// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/backup/bodysource.h"
#include "core/replica/download.h"
#include "core/state/spooldraft.h"

namespace cring::backup {

/// Gets the recorded version of a file to where it can be read twice: from memory or the spool where it lies,
/// or from the servers, compared with the record's digest on the way. A small one is kept in memory, a larger
/// one goes to the spool first, where a restart finds it again.
///
/// One run, on the event loop's thread; then finished(). Destroyed before: called off. All of what it works
/// with outlives it.
class BodyFetch final : public QObject
{
    Q_OBJECT

public:
    /// Kept in memory up to so many bytes.
    static constexpr qint64 kInMemory = 128 * 1024;

    BodyFetch(replica::Environment &environment, Workers &workers, const replica::ObjectKey &key,
              const replica::Record &record, const replica::Credentials &credentials,
              QObject *parent = nullptr);
    ~BodyFetch() override;

    void start();

Q_SIGNALS:
    /// Once. Errors: NotFound where the servers do not have it, FileChanged where they have something else,
    /// SpoolFull, StateFile, BackendAnswer.
    void finished(const cring::Result<std::shared_ptr<cring::backup::IBodySource>> &body);

private:
    bool fromMemory();
    bool fromSpool();
    void beginDraft();
    void handleData(const QByteArray &data);
    void handleCompleted();
    void end(const Result<std::shared_ptr<IBodySource>> &body);

    replica::Environment &m_environment;
    const std::shared_ptr<const void> m_use;
    Workers &m_workers;
    const replica::ObjectKey m_key;
    const replica::Record m_record;
    const replica::Credentials m_credentials;
    std::unique_ptr<replica::Download> m_download;
    std::unique_ptr<state::SpoolDraft> m_draft; ///< Null for a small one.
    QByteArray m_body;
    replica::PayloadDigest m_digest;
    bool m_ended = false;
};

} // namespace cring::backup
