// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/http/clientrequest.h"
#include "core/repair/copytimes.h"
#include "core/repair/copywriting.h"
#include "core/repair/foldertimes.h"
#include "core/repair/versioncensus.h"
#include "core/replica/digest.h"

#include <map>

namespace cring::repair {

using replica::CopyState;
using replica::Credentials;
using replica::Debt;
using replica::Environment;
using replica::forEachAncestor;
using replica::ObjectKey;
using replica::objectKey;
using replica::Record;

class OwedRemoval;

/// Brings one server's copy of one path to what the catalogue says: the bytes, from the spool, from a server
/// that has them or, when none has, from the archive; a folder, or nothing. One run; then finished().
///
/// What another server says is evidence, not an order: bytes count when they are what the record says, or,
/// without a record, when an owner that nothing is held against has them; absence counts when so many say so
/// that no quorum can have the file. The source is read to its end before the target's old copy is touched,
/// and the path is locked only then: the file can be read and written meanwhile, and a write that is
/// acknowledged meanwhile ends the run.
///
/// A copy that is younger than a debt from before the start did not just miss a change: it is read, what a
/// quorum has of it holds from now on, and what fewer have is kept aside.
class CopyMending final : public QObject
{
    Q_OBJECT

public:
    enum class Result {
        Mended,   ///< The copy is what it should be.
        NoSource, ///< Nobody who can be reached and trusted with the path has it.
        Failed,   ///< Something went wrong on the way; reason() has it. Worth another try.
        Waits,    ///< For a server, or for the end of a doubt: reason() has it.
        Adopted,  ///< A quorum has the same other version, which holds from now on.
    };
    enum class Task {
        Mend,  ///< Write, or delete.
        Verify ///< Read the target's copy; mend it only when it is something else than it should be.
    };

    CopyMending(Environment &environment, FolderTimes &times, health::Backend &target, const ObjectKey &key,
                const Credentials &credentials, Task task, QObject *parent);
    ~CopyMending() override;

    void start();
    Task task() const { return m_task; }
    const QString &reason() const { return m_reason; }
    /// Of the record that the copy was brought to; 0: there was none.
    quint64 version() const { return m_record ? m_record->version : 0; }

Q_SIGNALS:
    void finished(cring::repair::CopyMending::Result result);

private:
    void begin();
    void verify();
    void handleVerified();
    void removeOwed(quint64 version, std::function<void()> then);
    void takeCensus(const VersionCensus::Rules &rules);
    bool holdersWereHeard() const;
    bool allInDoubt() const;
    bool mayBeNewer() const { return m_since && m_modified > *m_since + kClockError; }
    void adopt();
    void recordOther();
    void keepAside();
    void mendFile();
    void read(health::Backend &from);
    void dropRead();
    void readSpool(quint64 body);
    bool readArchive();
    void tryNextSource();
    void handleSourceHead(const http::ResponseHead &head);
    void pauseSource(bool paused);
    void handleSourceData(const QByteArray &data);
    void handleSourceFinished();
    void checkLength();
    void handleSourceWithout();
    void handleOtherVersion();
    void handleNoSource();
    void endWithoutSource();
    void blame(const QList<QString> &servers);
    bool unchanged() const;
    void end(Result result, const QString &reason = {});

    Environment &m_environment;
    FolderTimes &m_times;
    const std::shared_ptr<const void> m_use;
    health::Backend &m_target;
    ObjectKey m_key;
    QByteArray m_path;
    Credentials m_credentials;
    Task m_task;
    std::optional<Record> m_record;      ///< As it was when this began.
    QList<health::Backend *> m_sources;  ///< Still to be asked.
    QList<health::Backend *> m_owners;   ///< Of the path.
    health::Backend *m_source = nullptr; ///< None while no server is read.
    std::unique_ptr<http::ClientRequest> m_read;
    std::unique_ptr<state::BodyReader> m_body;
    std::vector<std::unique_ptr<replica::IArchiveReader>> m_archives; ///< Still to be read.
    std::unique_ptr<replica::IArchiveReader> m_archive;
    bool m_archiveOpened = false;
    replica::Readers::Registration m_reader;
    std::unique_ptr<CopyWriting> m_writing;
    std::unique_ptr<replica::CopyLook> m_look; ///< At the target.
    std::unique_ptr<VersionCensus> m_census;
    replica::PayloadDigest m_digest; ///< Of what is read.
    http::ResponseHead m_head;
    QByteArray m_errorBody;
    std::map<QByteArray, QList<QString>> m_others; ///< Who has something else instead, by its digest.
    QList<QString> m_without;                      ///< Servers that should have it and have not.
    Record m_other;                                ///< Of the target's copy, where that is another version.
    std::optional<std::chrono::milliseconds> m_since; ///< Of a debt from before the start.
    std::chrono::milliseconds m_modified{0};          ///< With it: of the target's copy, as FolderTimes say.
    int m_absences = 0;
    bool m_halfSource = false; ///< One has the file, and could not give all of it.
    bool m_looked = false;     ///< At the target's own copy.
    bool m_targetAbsent = false;
    bool m_ended = false;
    QString m_reason;
};

} // namespace cring::repair
