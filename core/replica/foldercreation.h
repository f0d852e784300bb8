// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/replica/answers.h"
#include "core/replica/environment.h"
#include "core/replica/existenceprobe.h"

namespace cring::replica {

/// A folder that a client asks for, made on every server with rwx for its owner. Acknowledged like a delete:
/// when so many servers have it that every file's owners have it at a quorum; the others get it from the
/// mending. A new one is written down as an intent before any server may make it. Lives until every server
/// has answered, whatever becomes of the client; then deletes itself.
class FolderCreation final : public QObject
{
    Q_OBJECT

public:
    FolderCreation(Environment &environment, const Credentials &credentials, const QByteArray &path,
                   quint32 mode, QObject *parent);
    ~FolderCreation() override;

    void start();

Q_SIGNALS:
    /// Once.
    void finished(const cring::replica::Outcome &outcome);

private:
    struct Target
    {
        health::Backend *backend;
        bool sent = false;
        bool made = false;
        bool settled = false;
        bool owed = false; ///< An earlier change, before: what it has is not what was asked for.
        Outcome refusal;
        Lanes::Hold lane;
    };

    void lookFirst();
    void handleLocked(PathLocks::Lease lease);
    void openIntent();
    void sendAll();
    void send(size_t index, Lanes::Hold lane);
    void handleAnswer(size_t index, const Result<http::Response> &result);
    void handleDeadline();
    void evaluate();
    void conclude(const Outcome &outcome);
    void succeed();
    void recordFolder();
    void refuseBelowFile();
    void owe(const QString &server);
    void takeBack();
    void refuse();
    bool anySent() const;
    bool allSettled() const;
    void finishIfSettled();
    void closeIntent();

    Environment &m_environment;
    Credentials m_credentials;
    QByteArray m_path;
    ObjectKey m_key;
    quint32 m_mode;
    quint64 m_intent = 0;
    quint64 m_version = 0; ///< Of the folder, once it is recorded.
    ExistenceProbe m_probe;
    std::vector<Target> m_targets;
    QList<QString> m_absentIds;
    QStringList m_absent;
    PathLocks::Lease m_lease;
    QTimer m_deadline;
    bool m_answered = false;
    bool m_recorded = false; ///< It holds; the answer waits for the database.
    bool m_refused = false;
    bool m_isNew = false; ///< Nothing was at the path before.
};

} // namespace cring::replica
